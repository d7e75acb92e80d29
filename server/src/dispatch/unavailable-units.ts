import { sql } from 'drizzle-orm'
import type { Scope, UnavailableUnit } from '@patrol/contract'
import type { Db } from '@patrol/db'
import { distanceMeters } from '../check-in/geo.ts'
import { withinScope } from '../organisation/scope.ts'

/** Beyond this nobody knows where the unit is: it is no candidate. */
export const lostSeconds = 600
/** Who has just gone off duty is still looked for by name. */
const offDutyMinutes = 30
const most = 10

interface Row extends Record<string, unknown> {
  unit_id: number
  call_sign: string
  mode: UnavailableUnit['mode']
  precinct_id: number
  station_id: number
  reason: UnavailableUnit['reason']
  lon: number | null
  lat: number | null
  age: number | null
}

/**
 * The nearest ten units that {@link findNearestUnits} leaves out, each with why: whoever looks for one of them should not
 * have to guess. Those who cry for help come first. A unit whose place nobody knows counts as at its station; of one off
 * duty no place is told.
 */
export async function findUnavailableUnits(
  db: Db,
  { lon, lat, mode }: { lon: number; lat: number; mode?: UnavailableUnit['mode'] },
  { scope, now }: { scope: Scope; now: Date },
): Promise<UnavailableUnit[]> {
  const at = sql`${now.toISOString()}::timestamptz`
  const within = withinScope(scope, { precinctId: sql`u.precinct_id`, stationId: sql`u.station_id` })
  const { rows } = await db.execute<Row>(sql`
    select * from (
      select u.id as unit_id, u.call_sign, u.mode, u.precinct_id, u.station_id, p.lon, p.lat,
        extract(epoch from ${at} - p.recorded_at)::float8 as age,
        case when cry.open then 'sos' when s.ends_at <= ${at} then 'off-duty'
          when u.duty_type = 'desk' then 'desk'
          when p.unit_id is null then 'no-position'
          when p.recorded_at <= ${at} - ${lostSeconds} * interval '1 second' then 'position-old' end as reason,
        coalesce(st_setsrid(st_makepoint(p.lon, p.lat), 4326), o.position)::geography
          <-> st_setsrid(st_makepoint(${lon}, ${lat}), 4326)::geography as away
      from unit u join shift s on s.id = u.shift_id join organisation o on o.id = u.station_id
        cross join lateral (
          select exists (select from alert a where a.dedup_key = 'sos:unit:' || u.id and a.closed_at is null) as open) cry
        left join unit_position p on p.unit_id = u.id and (s.ends_at > ${at} or cry.open)
      where s.starts_at <= ${at} and ${within} and (
          s.ends_at > ${at} - ${offDutyMinutes} * interval '1 minute'
          -- The end of a shift ends no cry for help.
          or (cry.open and s.ends_at > ${at} - interval '1 day'))
        ${mode === undefined ? sql`` : sql`and u.mode = ${mode}`}
        -- Its call sign may be on the street again, with other people.
        and (s.ends_at > ${at} or cry.open or not exists (
          select from unit again join shift next on next.id = again.shift_id
          where again.station_id = u.station_id and again.call_sign = u.call_sign
            and next.starts_at <= ${at} and next.ends_at > ${at}))
    ) known
    where reason is not null
    order by reason = 'sos' desc, away nulls last, unit_id limit ${most}`)
  return rows.map((row) => ({
    unitId: row.unit_id,
    callSign: row.call_sign,
    mode: row.mode,
    precinctId: row.precinct_id,
    stationId: row.station_id,
    reason: row.reason,
    distanceMeters:
      row.lon === null || row.lat === null
        ? null
        : Math.round(distanceMeters({ lon: row.lon, lat: row.lat }, { lon, lat })),
    ageSeconds: row.age === null ? null : Math.max(0, Math.round(row.age)),
  }))
}
