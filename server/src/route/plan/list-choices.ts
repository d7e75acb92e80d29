import { sql } from 'drizzle-orm'
import type { PlannerChoices, PlannerShift, Scope } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { withinScope } from '../../organisation/scope.ts'

/** Shifts are planned at most so far ahead. */
const AHEAD_HOURS = 48

/** Stations of the scope, and their shifts from now on with the units that patrol. */
export async function listChoices(
  tx: Tx,
  scope: Scope,
  now: Date,
  stationId: number | undefined,
): Promise<PlannerChoices> {
  const stations = await tx.execute<PlannerChoices['stations'][number] & Record<string, unknown>>(sql`
    select o.id, o.precinct_id as "precinctId", o.name, o.name_en as "nameEn", st_x(o.position) as lon,
      st_y(o.position) as lat
    from organisation o where o.kind = 'station'
      and ${withinScope(scope, { precinctId: sql`o.precinct_id`, stationId: sql`o.id` })} order by o.code`)
  const at = now.toISOString()
  const shifts = await tx.execute<{
    id: number
    precinct_id: number
    station_id: number
    band: PlannerShift['band']
    starts_at: Date
    ends_at: Date
    units: PlannerShift['units']
  }>(sql`
    select s.id, s.precinct_id, s.station_id, s.band, s.starts_at, s.ends_at,
      jsonb_agg(jsonb_build_object('id', u.id, 'callSign', u.call_sign, 'mode', u.mode,
        'members', (select coalesce(jsonb_agg(o.name order by o.id), '[]') from unit_member m
          join officer o on o.id = m.officer_id where m.unit_id = u.id),
        'plannedRouteId', (select r.id from planned_route r where r.unit_id = u.id and r.state = 'assigned'))
        order by u.call_sign, u.id) as units
    from shift s join unit u on u.shift_id = s.id and u.duty_type = 'patrol'
    where s.ends_at > ${at} and s.starts_at < ${at}::timestamptz + make_interval(hours => ${AHEAD_HOURS})
      and ${withinScope(scope, { precinctId: sql`s.precinct_id`, stationId: sql`s.station_id` })}
      ${stationId === undefined ? sql`and false` : sql`and s.station_id = ${stationId}`}
    group by s.id order by s.starts_at, s.id`)
  const starts = await tx.execute<{
    band: PlannerShift['band']
    starts_at: Date
    ends_at: Date
    stations: number
    units: number
  }>(sql`
    select s.band, s.starts_at, s.ends_at, count(distinct s.station_id)::int as stations, count(*)::int as units
    from shift s join unit u on u.shift_id = s.id and u.duty_type = 'patrol'
    where s.ends_at > ${at} and s.starts_at < ${at}::timestamptz + make_interval(hours => ${AHEAD_HOURS})
      and ${withinScope(scope, { precinctId: sql`s.precinct_id`, stationId: sql`s.station_id` })}
    group by s.band, s.starts_at, s.ends_at order by s.starts_at, s.ends_at`)
  return {
    stations: stations.rows,
    starts: starts.rows.map(({ band, starts_at, ends_at, stations: count, units }) => ({
      band,
      startsAt: new Date(starts_at).toISOString(),
      endsAt: new Date(ends_at).toISOString(),
      stations: count,
      units,
    })),
    shifts: shifts.rows.map((row) => ({
      id: row.id,
      precinctId: row.precinct_id,
      stationId: row.station_id,
      band: row.band,
      startsAt: new Date(row.starts_at).toISOString(),
      endsAt: new Date(row.ends_at).toISOString(),
      units: row.units,
    })),
  }
}
