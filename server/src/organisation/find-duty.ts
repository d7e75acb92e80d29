import { sql } from 'drizzle-orm'
import type { Duty, DutyPoint, Unit } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { routeVersion } from './route-version.ts'
import { visitedStops } from './visited-stops.ts'

const iso = (at: Date | string) => new Date(at).toISOString()

interface UnitRow extends Record<string, unknown> {
  id: number
  call_sign: string
  mode: Unit['mode']
  precinct_id: number
  station_id: number
  patrol_route_id: number | null
  planned_route_id: string | null
  planned_route_version: string | null
  starts_at: Date
  ends_at: Date
  members: string[]
}

interface PointRow extends Record<string, unknown> {
  id: number
  code: string
  name: string
  lon: number
  lat: number
  priority: number
  radius_meters: number
  watch_minutes: number | null
  sequence: number | null
  planned_at: Date | null
  visited_at: Date | null
  /** Visits that the planned route makes there, and those that were made. */
  stops: number | null
  stops_done: number | null
  window_id: string | null
  precinct_id: number
  station_id: number
  service_on: string
  starts_at: Date
  ends_at: Date
  grace_ends_at: Date
  required_count: number
  done_count: number
  state: NonNullable<DutyPoint['window']>['state']
}

/** Points handed to a unit without a route: those of its station that are due soonest. */
const nearestDue = 60

/**
 * The officer's duty now: unit, members, and the points due in this shift, those of its route in their order,
 * or else the station's that are due soonest. A planned route comes whole. Without a shift: nothing.
 */
export async function findDuty(tx: Tx, officerId: number, now: Date): Promise<Duty> {
  const unit = await findUnit(tx, officerId, now)
  if (unit === null) return { unit: null, members: [], points: [], done: 0, due: 0 }
  const { rows } = await tx.execute<PointRow>(sql`
    select p.id, p.code, p.name, st_x(p.position) as lon, st_y(p.position) as lat, p.priority, p.radius_meters,
      p.watch_minutes,
      coalesce(planned.sequence, stop.sequence) as sequence, planned.arrives_at as planned_at, planned.visited_at,
      planned.stops::int, planned.stops_done::int, w.id as window_id,
      p.precinct_id, p.station_id, w.service_on::text, w.starts_at, w.ends_at,
      w.grace_ends_at, w.required_count, w.done_count, w.state
    from patrol_point p
      left join patrol_route_stop stop on stop.patrol_point_id = p.id and stop.patrol_route_id = ${unit.patrol_route_id}
        and ${unit.planned_route_id}::uuid is null
      left join (
        -- A point that the route visits several times stands where its next visit is.
        select distinct on (patrol_point_id) patrol_point_id, sequence, arrives_at, visited_at,
          count(*) over here as stops, count(visited_at) over here as stops_done
        from (${visitedStops(sql`r.id = ${unit.planned_route_id}`)}
        ) visit
        window here as (partition by patrol_point_id)
        order by patrol_point_id, visited_at is not null, sequence
      ) planned on planned.patrol_point_id = p.id
      left join lateral (
        select * from patrol_window w where w.patrol_point_id = p.id
          and w.starts_at < ${iso(unit.ends_at)} and w.ends_at > ${iso(unit.starts_at)}
        order by w.state in ('open', 'grace') desc, w.state = 'pending' desc, w.starts_at limit 1
      ) w on true
    where p.retired_at is null and (planned.sequence is not null or stop.sequence is not null
      or (${unit.patrol_route_id}::int is null and ${unit.planned_route_id}::uuid is null and p.station_id = ${unit.station_id} and w.id is not null))
    order by coalesce(planned.sequence, stop.sequence), w.state in ('open', 'grace') desc, w.ends_at, p.id
    limit ${unit.planned_route_id === null ? nearestDue : null}::int`)
  const points = rows.map(readPoint)
  const { done, due } =
    unit.planned_route_id === null ? await countWindows(tx, points, unit) : countVisits(rows)
  return {
    unit: {
      id: unit.id,
      callSign: unit.call_sign,
      mode: unit.mode,
      precinctId: unit.precinct_id,
      stationId: unit.station_id,
      startsAt: iso(unit.starts_at),
      endsAt: iso(unit.ends_at),
    },
    members: unit.members,
    points,
    done,
    due,
    plannedRouteId: unit.planned_route_id,
    plannedRouteVersion: unit.planned_route_version,
  }
}

/** n of m of a planned route: its stops, whether a window is due there or not. */
function countVisits(rows: readonly PointRow[]) {
  const sum = (count: (row: PointRow) => number | null) =>
    rows.reduce((all, row) => all + (count(row) ?? 0), 0)
  return { done: sum((row) => row.stops_done), due: sum((row) => row.stops) }
}

/** n of m of the shift: all windows of these points, not only the one that each point shows. */
async function countWindows(tx: Tx, points: readonly DutyPoint[], unit: UnitRow) {
  const { rows } = await tx.execute<{ done: number; due: number }>(sql`
    select count(*) filter (where state in ('fulfilled', 'corrected', 'made-up'))::int as done,
      count(*) filter (where state <> 'excused')::int as due
    from patrol_window where patrol_point_id = any(${sql.param(points.map((point) => point.id))}::int[])
      and starts_at < ${iso(unit.ends_at)} and ends_at > ${iso(unit.starts_at)}`)
  return rows[0] ?? { done: 0, due: 0 }
}

async function findUnit(tx: Tx, officerId: number, now: Date): Promise<UnitRow | null> {
  const { rows } = await tx.execute<UnitRow>(sql`
    select u.id, u.call_sign, u.mode, u.precinct_id, u.station_id, u.patrol_route_id, s.starts_at, s.ends_at,
      r.id as planned_route_id, ${routeVersion(sql`r.id`)} as planned_route_version,
      array(select o.name from unit_member x join officer o on o.id = x.officer_id where x.unit_id = u.id order by o.id) as members
    from unit_member m join unit u on u.id = m.unit_id join shift s on s.id = u.shift_id
      left join planned_route r on r.unit_id = u.id and r.state = 'assigned'
    where m.officer_id = ${officerId} and s.starts_at <= ${iso(now)} and s.ends_at > ${iso(now)}
    order by s.starts_at desc limit 1`)
  return rows[0] ?? null
}

function readPoint(row: PointRow): DutyPoint {
  return {
    id: row.id,
    code: row.code,
    name: row.name,
    lon: row.lon,
    lat: row.lat,
    priority: row.priority,
    radiusMeters: row.radius_meters,
    ...(row.watch_minutes === null ? {} : { watchMinutes: row.watch_minutes }),
    sequence: row.sequence,
    plannedAt: row.planned_at === null ? null : iso(row.planned_at),
    visitedAt: row.visited_at === null ? null : iso(row.visited_at),
    window:
      row.window_id === null
        ? null
        : {
            id: Number(row.window_id),
            pointId: row.id,
            pointName: row.name,
            precinctId: row.precinct_id,
            stationId: row.station_id,
            serviceOn: row.service_on,
            startsAt: iso(row.starts_at),
            endsAt: iso(row.ends_at),
            graceEndsAt: iso(row.grace_ends_at),
            requiredCount: row.required_count,
            doneCount: row.done_count,
            state: row.state,
          },
  }
}
