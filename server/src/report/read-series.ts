import { sql } from 'drizzle-orm'
import type { Scope, Series, WallSnapshot } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { withinScope } from '../organisation/scope.ts'

/** How many hours back the sparkline goes, and how many weeks make the usual band. */
const hours = 24
const weeks = 4

interface HourRow extends Record<string, unknown> {
  /** 0 is the current hour, 1 the one before … */
  back: number
  /** 0 is this week, 1 a week ago … */
  week: number
  units: number | null
  check_ins: number | null
  coverage: number | null
  overdue: number | null
  alerts: number
  compliance: number | null
  visibility: number | null
  overdue_routes: number | null
}

/**
 * The wall's numbers by hour: the last 24, and the lowest and highest of the same hours in the four weeks before.
 * Units: mean of the hour; check-ins: their sum; alerts: rows that began in it; all others: the last sample of the hour.
 */
export async function readSeries(tx: Tx, scope: Scope): Promise<WallSnapshot['series']> {
  const within = withinScope(scope, { precinctId: sql`f.precinct_id`, stationId: sql`f.station_id` })
  const alertWithin = withinScope(scope, { precinctId: sql`a.precinct_id`, stationId: sql`a.station_id` })
  const { rows } = await tx.execute<HourRow>(sql`
    with hour as (
      select back, week,
        date_trunc('hour', city_now()) - make_interval(weeks => week, hours => back) as starts
      from generate_series(0, ${hours - 1}) back, generate_series(0, ${weeks}) week
    ), slot as (
      select f.at, sum(units_online) as units, sum(check_ins) as check_ins, sum(due) as due, sum(done) as done,
        sum(overdue) as overdue, sum(ended) as ended, sum(on_time) as on_time, sum(points) as points,
        sum(seen_points) as seen, sum(overdue_routes) as overdue_routes
      from figure f
      where f.at >= date_trunc('hour', city_now()) - make_interval(weeks => ${weeks}, hours => ${hours}) and ${within}
      group by f.at
    )
    select back, week,
      round(avg(s.units), 1)::float as units,
      sum(s.check_ins)::int as check_ins,
      round((array_agg(100.0 * s.done / nullif(s.due, 0) order by s.at desc))[1], 1)::float as coverage,
      (array_agg(s.overdue order by s.at desc))[1]::int as overdue,
      round((array_agg(100.0 * s.on_time / nullif(s.ended, 0) order by s.at desc))[1], 1)::float as compliance,
      round((array_agg(100.0 * s.seen / nullif(s.points, 0) order by s.at desc))[1], 1)::float as visibility,
      (array_agg(s.overdue_routes order by s.at desc))[1]::int as overdue_routes,
      (select count(*)::int from alert a
        where a.begun_at >= starts and a.begun_at < starts + interval '1 hour' and a.parent_id is null
          and ${alertWithin}) as alerts
    from hour left join slot s on s.at >= starts and s.at < starts + interval '1 hour'
    group by back, week, starts order by back desc, week`)
  const of = (pick: (row: HourRow) => number | null) => toSeries(rows, pick)
  return {
    units: of((row) => row.units),
    checkIns: of((row) => row.check_ins),
    coverage: of((row) => row.coverage),
    overdue: of((row) => row.overdue),
    compliance: of((row) => row.compliance),
    visibility: of((row) => row.visibility),
    overdueRoutes: of((row) => row.overdue_routes),
    // Hours before the first sample have no known number of alerts either.
    alerts: of((row) => (row.units === null ? null : row.alerts)),
  }
}

function toSeries(rows: readonly HourRow[], pick: (row: HourRow) => number | null): Series {
  const byHour = Map.groupBy(rows, (row) => row.back)
  const series: Series = { values: [], usualLow: [], usualHigh: [], lastWeek: null }
  for (const [back, list] of byHour) {
    const before = list.filter((row) => row.week > 0).flatMap((row) => pick(row) ?? [])
    const now = list.find((row) => row.week === 0)
    series.values.push(now === undefined ? null : pick(now))
    series.usualLow.push(before.length === 0 ? null : Math.min(...before))
    series.usualHigh.push(before.length === 0 ? null : Math.max(...before))
    const weekAgo = list.find((row) => row.week === 1)
    if (back === 0 && weekAgo !== undefined) series.lastWeek = pick(weekAgo)
  }
  return series
}
