import { inTransaction, type OpenTx } from '../transaction.ts'
import type { Db } from '../connect.ts'
import { planShifts, type PlannedUnit, type StationPool } from './plan-shifts.ts'

/** One at a time, so that two processes do not both find a day missing. */
const rosterLock = 7_791_101
const dayMs = 86_400_000

/**
 * Fills the roster from yesterday to `daysAhead` days after today (Asia/Taipei). Days of a station that are planned
 * already stay as they are, so it may run every hour. Returns how many units are new.
 */
export async function extendShifts(
  db: Db,
  { now, daysAhead = 2 }: { now: Date; daysAhead?: number },
): Promise<number> {
  return inTransaction(db, (tx) => fillRoster(tx, { now, daysAhead }))
}

/** The same within a transaction. */
export async function fillRoster(
  tx: OpenTx,
  { now, daysAhead = 2 }: { now: Date; daysAhead?: number },
): Promise<number> {
  await tx.$client.query('select pg_advisory_xact_lock($1)', [rosterLock])
  const today = Math.floor((now.getTime() + 8 * 3_600_000) / dayMs)
  const pools = await readPools(tx)
  const planned = pools.flatMap((pool) =>
    Array.from({ length: daysAhead + 2 }, (_, i) => planShifts(pool, today - 1 + i)).flat(),
  )
  return writeUnits(tx, planned)
}

async function readPools(tx: OpenTx): Promise<StationPool[]> {
  // Two stations are called 長安: there the call sign begins with the precinct's name.
  const { rows } = await tx.$client.query<StationPool>(
    `select s.id as "stationId", s.precinct_id as "precinctId",
       case when count(*) over (partition by left(s.name, -3)) > 1 then left(p.name, -2) else '' end
         || left(s.name, -3) as "callName",
       array(select id from officer o where o.station_id = s.id and o.login ~ '^o-[0-9]+$'
         and o.disabled_at is null order by id) as "officerIds",
       array(select id from officer o where o.station_id = s.id and o.login in ('officer', 'beat')
         and o.disabled_at is null order by id) as "demoOfficerIds"
     from organisation s join organisation p on p.id = s.precinct_id
     where s.kind = 'station' and s.code ~ '^P[0-9]+-S[0-9]+$' order by s.code`,
  )
  return rows.filter((pool) => pool.officerIds.length > 0)
}

async function writeUnits(tx: OpenTx, planned: readonly PlannedUnit[]): Promise<number> {
  const { rows } = await tx.$client.query<{ units: number }>(
    `with plan as materialized (
       select * from jsonb_to_recordset($1::jsonb) as u("stationId" int, "precinctId" int, band text,
         "startsAt" timestamptz, "endsAt" timestamptz, "callSign" text, mode text, "officerIds" jsonb)
       where not exists (
         select from shift s where s.station_id = u."stationId" and s.starts_at = u."startsAt")
     ), made_shift as (
       insert into shift (station_id, precinct_id, band, starts_at, ends_at)
       select distinct "stationId", "precinctId", band, "startsAt", "endsAt" from plan order by "startsAt", "stationId"
       returning id, station_id, starts_at
     ), made_unit as (
       insert into unit (shift_id, station_id, precinct_id, call_sign, mode)
       select s.id, "stationId", "precinctId", "callSign", mode
       from plan join made_shift s on s.station_id = "stationId" and s.starts_at = "startsAt"
       order by "startsAt", "stationId", "callSign"
       returning id, shift_id, call_sign
     ), made_member as (
       insert into unit_member (unit_id, officer_id)
       select u.id, officer::int
       from plan join made_shift s on s.station_id = "stationId" and s.starts_at = "startsAt"
         join made_unit u on u.shift_id = s.id and u.call_sign = "callSign"
         cross join jsonb_array_elements_text("officerIds") as officer
     )
     select count(*)::int as units from made_unit`,
    [JSON.stringify(planned)],
  )
  return rows[0]?.units ?? 0
}
