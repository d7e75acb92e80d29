import type { OpenTx } from '@patrol/db'
import type { Written } from './import-kind.ts'
import type { RouteItem } from './import-routes.ts'

/** A stop is due from ten minutes before its clock time for half an hour. Minutes. */
const earlyMinutes = 10
const windowMinutes = 30

interface StopRow {
  route: string
  sequence: number
  point: number
  due: number
  start: number
  weekdays: number
}

/**
 * Writes routes with their stops and window rules. A route that is the same stays; one that differs gets its stops anew,
 * and rules that are no longer wanted end (they are kept: past windows belong to them). Counted are routes.
 */
export async function writeRoutes(
  tx: OpenTx,
  routes: readonly RouteItem[],
  newPoints: ReadonlyMap<string, number>,
  batchId: number,
): Promise<Written> {
  const stops = routes.flatMap((route) =>
    route.stops.map((stop): StopRow => {
      const point = stop.pointId ?? newPoints.get(stop.sourceKey)
      if (point === undefined) throw new Error(`The stop ${stop.sourceKey} has no point.`)
      return {
        route: route.code,
        sequence: stop.sequence,
        point,
        due: stop.dueMinute,
        start: (stop.dueMinute - earlyMinutes + 1_440) % 1_440,
        weekdays: stop.weekdays,
      }
    }),
  )
  const added = await writeHeads(tx, routes, stops, batchId)
  await prepareStops(tx, stops)
  const changed = await replaceStops(tx)
  await matchRules(tx)
  const changedRoutes = [...changed].filter((code) => !added.has(code)).length
  return {
    added: added.size,
    changed: changedRoutes,
    unchanged: routes.length - added.size - changedRoutes,
  }
}

/** The routes themselves; a route belongs to the station of its first stop. Returns the codes of new ones. */
async function writeHeads(
  tx: OpenTx,
  routes: readonly RouteItem[],
  stops: readonly StopRow[],
  batchId: number,
): Promise<Set<string>> {
  const first = new Map(stops.flatMap((stop) => (stop.sequence === 1 ? [[stop.route, stop.point]] : [])))
  const { rows } = await tx.$client.query<{ code: string; added: boolean }>(
    `insert into patrol_route as known (code, name, precinct_id, station_id, mode, import_batch_id)
     select r.code, r.name, p.precinct_id, p.station_id, 'fixed', $2
     from jsonb_to_recordset($1::jsonb) as r(code text, name text, point int) join patrol_point p on p.id = r.point
     on conflict (code) do update set name = excluded.name, retired_at = null, import_batch_id = excluded.import_batch_id
       where (known.name, known.retired_at) is distinct from (excluded.name, null::timestamptz)
     returning code, xmax = 0 as added`,
    [JSON.stringify(routes.map(({ code, name }) => ({ code, name, point: first.get(code) }))), batchId],
  )
  return new Set(rows.flatMap((row) => (row.added ? [row.code] : [])))
}

/** A table with statistics: joined as a list of unknown length, seventeen thousand stops took minutes. */
async function prepareStops(tx: OpenTx, stops: readonly StopRow[]): Promise<void> {
  await tx.$client.query(
    `create temporary table given_stop (route_id int, route text, sequence smallint, point int, due smallint,
       start smallint, weekdays smallint) on commit drop`,
  )
  await tx.$client.query(
    `insert into given_stop
     select r.id, s.* from jsonb_to_recordset($1::jsonb)
       as s(route text, sequence smallint, point int, due smallint, start smallint, weekdays smallint)
     join patrol_route r on r.code = s.route`,
    [JSON.stringify(stops)],
  )
  await tx.$client.query('analyze given_stop, patrol_route_stop, window_rule')
}

/** Returns the codes of routes whose stops differed. */
async function replaceStops(tx: OpenTx): Promise<Set<string>> {
  const { rows } = await tx.$client.query<{ route_id: number; route: string }>(
    `with known as (
       select * from patrol_route_stop where patrol_route_id in (select route_id from given_stop)
     )
     select distinct coalesce(g.route_id, k.patrol_route_id) as route_id, r.code as route
     from given_stop g full join known k
       on k.patrol_route_id = g.route_id and k.sequence = g.sequence and k.patrol_point_id = g.point and k.due_minute = g.due
     join patrol_route r on r.id = coalesce(g.route_id, k.patrol_route_id)
     where g.route_id is null or k.patrol_route_id is null`,
  )
  const ids = rows.map((row) => row.route_id)
  await tx.$client.query('delete from patrol_route_stop where patrol_route_id = any($1::int[])', [ids])
  await tx.$client.query(
    `insert into patrol_route_stop (patrol_route_id, sequence, patrol_point_id, due_minute)
     select route_id, sequence, point, due from given_stop where route_id = any($1::int[])`,
    [ids],
  )
  return new Set(rows.map((row) => row.route))
}

/** Rules that the stops want and are not there begin today; those that no stop wants any more end. */
async function matchRules(tx: OpenTx): Promise<void> {
  await tx.$client.query(
    `with ended as (
       update window_rule w set active = false
       where w.active and w.patrol_route_id in (select route_id from given_stop) and not exists (
         select from given_stop g where g.route_id = w.patrol_route_id and g.point = w.patrol_point_id
           and g.start = w.start_minute and g.weekdays = w.weekdays)
     )
     insert into window_rule (patrol_point_id, patrol_route_id, weekdays, start_minute, duration_minutes, valid_from)
     select distinct point, route_id, weekdays, start, ${windowMinutes}, (city_now() at time zone 'Asia/Taipei')::date
     from given_stop g where not exists (
       select from window_rule w where w.active and w.patrol_route_id = g.route_id and w.patrol_point_id = g.point
         and w.start_minute = g.start and w.weekdays = g.weekdays)`,
  )
}
