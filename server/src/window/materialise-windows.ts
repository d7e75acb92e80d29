import { inTransaction, type Db, type OpenTx } from '@patrol/db'
import { holdBegunWindows, LONGEST_WINDOW_DAYS } from './locked-windows.ts'
import { recountWindows } from './settle-windows.ts'

/** A number of our own: two workers that materialise at once would only wait for each other, row by row. */
const materialiseLock = 7_791_002

export interface MaterialiseResult {
  made: number
  /** Windows not yet begun that the rules no longer ask for. */
  removed: number
  /** Rules that ask for a window longer than `LONGEST_WINDOW_DAYS`; they make none. */
  tooLong: number[]
  now: Date
}

/**
 * Turns the rules into windows for today and the days after it (dates of Asia/Taipei), and takes away those not yet begun
 * that no rule asks for any more: of a retired point or route, an inactive, expired or changed rule.
 * Doing it again changes nothing. A window that is already over when it would first be made is not made:
 * nobody had been asked to keep it.
 *
 * @param options.now the city's clock by default
 * @param options.daysAhead full days after today; 2, so that a worker may be gone for a day and a night
 */
export async function materialiseWindows(
  db: Db,
  { now, daysAhead = 2 }: { now?: Date | undefined; daysAhead?: number } = {},
): Promise<MaterialiseResult> {
  return inTransaction(db, async (tx) => {
    await tx.$client.query('select pg_advisory_xact_lock($1)', [materialiseLock])
    const at = now ?? (await readCityTime(tx))
    const removed = await tx.$client.query(removing, [at.toISOString()])
    const ahead = await tx.$client.query(making('>'), [at.toISOString(), daysAhead])
    const begun = await makeBegun(tx, at)
    return {
      made: (ahead.rowCount ?? 0) + begun,
      removed: removed.rowCount ?? 0,
      tooLong: await listTooLong(tx),
      now: at,
    }
  })
}

/**
 * Makes the windows that have begun, or do within the hour: a rule added at noon, a worker that comes back. A check-in may be
 * there before its window, and another on its way: none of them must miss it.
 */
async function makeBegun(tx: OpenTx, at: Date): Promise<number> {
  const given = [at.toISOString(), 1]
  const missing = await tx.$client.query<{ any: boolean }>(anyMissing('<='), given)
  if (missing.rows[0]?.any !== true) return 0
  await holdBegunWindows(tx)
  const { rows } = await tx.$client.query<{ id: number }>(making('<='), given)
  await recountWindows(
    tx,
    rows.map((row) => row.id),
    at,
  )
  return rows.length
}

async function readCityTime(tx: OpenTx): Promise<Date> {
  const { rows } = await tx.$client.query<{ now: Date }>('select city_now() as now')
  const row = rows[0]
  if (row === undefined) throw new Error('The database told no time.')
  return row.now
}

const tooLong = `make_interval(mins => rule.duration_minutes, secs => rule.grace_seconds) > interval '${LONGEST_WINDOW_DAYS} days'`

async function listTooLong(tx: OpenTx): Promise<number[]> {
  const { rows } = await tx.$client.query<{ id: number }>(
    `select id from window_rule rule where active and ${tooLong} order by id`,
  )
  return rows.map((row) => row.id)
}

/** Local time goes through the zone, whatever its offset. */
const startOn = (day: string) =>
  `(${day} + make_interval(mins => rule.start_minute)) at time zone 'Asia/Taipei'`
const duration = 'make_interval(mins => rule.duration_minutes)'
const grace = 'make_interval(secs => rule.grace_seconds)'

/** Whether `rule` asks for a window on that date. */
const asksOn = (day: string) => `rule.active and not ${tooLong}
  and ${day} >= rule.valid_from and (rule.valid_to is null or ${day} <= rule.valid_to)
  and rule.weekdays >> (extract(isodow from ${day})::int - 1) & 1 = 1
  and (rule.retired_at is null or rule.retired_at > ${startOn(day)})`

/** The rules with what they need of their point and route. $1 is the time. Materialised, so that it is joined once. */
const rules = `clock as (
    select $1::timestamptz as now, ($1::timestamptz at time zone 'Asia/Taipei')::date as today
  ), rule as materialized (
    select r.*, point.precinct_id, point.station_id, least(point.retired_at, route.retired_at) as retired_at
    from window_rule r
    join patrol_point point on point.id = r.patrol_point_id
    left join patrol_route route on route.id = r.patrol_route_id
  )`

const removing = `with ${rules}
  delete from patrol_window w using clock
  where w.state = 'pending' and w.service_on >= today and w.starts_at > now
    and not exists (
      select from rule where rule.id = w.rule_id and ${asksOn('w.service_on')}
        and w.patrol_point_id = rule.patrol_point_id and w.precinct_id = rule.precinct_id
        and w.station_id = rule.station_id and w.required_count = rule.required_count
        and w.starts_at = ${startOn('w.service_on')}
        and w.ends_at = w.starts_at + ${duration} and w.grace_ends_at = w.ends_at + ${grace}
    )`

/** What the rules ask for and is not there. $2 is the number of days after today. */
const planned = `with ${rules}, planned as (
    select rule.id as rule_id, rule.patrol_point_id, rule.precinct_id, rule.station_id, day.service_on,
      ${startOn('day.service_on')} as starts_at, ${duration} as duration, ${grace} as grace, rule.required_count
    from clock
    cross join lateral (select today + ahead as service_on from generate_series(0, $2::int) as ahead) as day
    join rule on ${asksOn('day.service_on')}
  )`

const isMissing = (when: '>' | '<=') => `starts_at ${when} (select now + interval '1 hour' from clock)
    and starts_at + duration + grace > (select now from clock)
    and not exists (
      select from patrol_window w where w.rule_id = planned.rule_id and w.starts_at = planned.starts_at
    )`

const anyMissing = (when: '>' | '<=') =>
  `${planned} select exists (select from planned where ${isMissing(when)}) as any`

/** What is there already is left out early: trying to insert it costs more. */
const making = (when: '>' | '<=') => `${planned}
  insert into patrol_window (rule_id, patrol_point_id, precinct_id, station_id, service_on, starts_at, ends_at,
    grace_ends_at, required_count, next_change_at)
  select rule_id, patrol_point_id, precinct_id, station_id, service_on, starts_at, starts_at + duration,
    starts_at + duration + grace, required_count, starts_at
  from planned
  where ${isMissing(when)}
  order by starts_at, rule_id
  on conflict (rule_id, starts_at) do nothing
  returning id::float8 as id`
