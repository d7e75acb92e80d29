import { sql } from 'drizzle-orm'
import { threshold } from '../alert-rules.ts'
import type { Rule } from './rule.ts'

interface Row extends Record<string, unknown> {
  /** The unit's id, or the station's where its units have no routes. */
  key: string
  callSign: string | null
  place: string
  precinctId: number
  stationId: number
  /** Share of the shift that is over, 0–1. */
  over: number
  isHighRisk: boolean
  isOverdue: boolean
  isDone: boolean
}

/** Only then is what is left of the shift short enough to speak of risk. */
const lastQuarter = 0.75

/**
 * A route whose unit will not make it: high-risk points overdue in a row, in the route's order, or too little done with a
 * quarter of the shift left. The route is the planned one, else the standing one; a station whose units have none is judged
 * by its windows of the shift in the order in which they end.
 */
export const routeAtRisk: Rule = {
  kind: 'route-at-risk',
  everySeconds: 30,
  async find(tx, { now, rules }) {
    const at = now.toISOString()
    const { rows } = await tx.execute<Row>(sql`
      with duty as (
        select u.id, u.call_sign, u.station_id, u.precinct_id, u.shift_id, s.starts_at, s.ends_at, u.patrol_route_id,
          (select r.id from planned_route r where r.unit_id = u.id and r.state = 'assigned') as planned_id
        from unit u join shift s on s.id = u.shift_id where s.starts_at <= ${at} and s.ends_at > ${at}
      ), stop as (
        select 'unit:' || d.id as key, d.call_sign, d.station_id, d.precinct_id, d.starts_at, d.ends_at,
          p.sequence::int, p.patrol_point_id
        from duty d join planned_stop p on p.planned_route_id = d.planned_id
        union all
        select 'unit:' || d.id, d.call_sign, d.station_id, d.precinct_id, d.starts_at, d.ends_at, p.sequence::int,
          p.patrol_point_id
        from duty d join patrol_route_stop p on p.patrol_route_id = d.patrol_route_id where d.planned_id is null
        union all
        select 'station:' || d.station_id || ':' || d.shift_id, null, d.station_id, d.precinct_id, d.starts_at, d.ends_at,
          null, p.id
        from (
          select station_id, precinct_id, shift_id, starts_at, ends_at from duty group by 1, 2, 3, 4, 5
          having bool_and(planned_id is null and patrol_route_id is null)
        ) d join patrol_point p on p.station_id = d.station_id and p.retired_at is null
      )
      select stop.key, stop.call_sign as "callSign", o.name as place, stop.precinct_id as "precinctId",
        stop.station_id as "stationId", p.priority = 1 as "isHighRisk", w.state in ('grace', 'missed') as "isOverdue",
        w.state in ('fulfilled', 'corrected', 'made-up') as "isDone",
        (extract(epoch from ${at}::timestamptz - stop.starts_at)
          / extract(epoch from stop.ends_at - stop.starts_at))::float8 as over
      from stop
        join organisation o on o.id = stop.station_id
        join patrol_point p on p.id = stop.patrol_point_id
        join patrol_window w on w.patrol_point_id = stop.patrol_point_id and w.state <> 'excused'
          and w.service_on >= (stop.starts_at at time zone 'Asia/Taipei')::date - 1
          and w.starts_at < stop.ends_at and w.ends_at > stop.starts_at
      order by stop.key, stop.sequence, w.ends_at, w.id`)
    return [...Map.groupBy(rows, (row) => row.key).values()].flatMap((stops) => {
      const [first] = stops
      if (first === undefined) return []
      const of = (name: 'overdueInRow' | 'donePercent') =>
        threshold(rules, 'route-at-risk', name, first.precinctId)
      const inRow = longestRun(stops)
      const done = stops.filter((stop) => stop.isDone).length / stops.length
      const isLate = first.over >= lastQuarter && done * 100 < of('donePercent')
      if (inRow < of('overdueInRow') && !isLate) return []
      const { precinctId, stationId, callSign, place } = first
      return [
        {
          kind: 'route-at-risk',
          dedupKey: `route-at-risk:${first.key}`,
          priority: 2,
          precinctId,
          stationId,
          subject: callSign === null ? { place } : { place, callSign },
        },
      ]
    })
  },
}

/** The longest row of high-risk points that are overdue, none of them done in between. */
export function longestRun(stops: readonly Pick<Row, 'isHighRisk' | 'isOverdue'>[]): number {
  let longest = 0
  let run = 0
  for (const { isHighRisk, isOverdue } of stops) {
    if (!isHighRisk) continue
    run = isOverdue ? run + 1 : 0
    longest = Math.max(longest, run)
  }
  return longest
}
