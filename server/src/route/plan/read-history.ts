import { sql } from 'drizzle-orm'
import type { Tx } from '@patrol/db'
import { LAST_EXECUTIONS } from '../unpredictable/draw-route.ts'
import type { Execution } from '../unpredictable/observer.ts'
import type { ShiftHead } from './read-shift.ts'

export type RouteHistory = {
  /** Visits of the station's last shifts of this band by planned time, the last shift last. */
  executions: Execution[]
  /** Of the last of them; null without any. */
  lastLine: 'fixed' | 'variable' | null
}

/** Followed, at least for a while: not replaced before it began. */
const driven = sql`(r.state = 'assigned' or (r.state = 'superseded' and r.ended_at > r.starts_at))`

/**
 * What an observer may have seen: the routes driven in the last shifts of the same station and band. Planned times, since
 * the next shift is planned before the one before it is over.
 */
export async function readHistory(tx: Tx, shift: ShiftHead): Promise<RouteHistory> {
  const { rows } = await tx.execute<{
    shift_id: number
    starts_at: Date
    line: 'fixed' | 'variable'
    stops: { point: number; at: string }[]
  }>(sql`
    with last as (
      select s.id, s.starts_at from shift s where s.station_id = ${shift.stationId} and s.band = ${shift.band}
        and s.starts_at < ${shift.startsAt.toISOString()} and exists (
          select from planned_route r where r.shift_id = s.id and ${driven})
      order by s.starts_at desc limit ${LAST_EXECUTIONS}
    )
    select last.id as shift_id, last.starts_at, min(r.line) as line,
      jsonb_agg(jsonb_build_object('point', p.patrol_point_id, 'at', p.arrives_at) order by p.arrives_at) as stops
    from last join planned_route r on r.shift_id = last.id and ${driven}
      join planned_stop p on p.planned_route_id = r.id
    group by last.id, last.starts_at order by last.starts_at`)
  return {
    executions: rows.map((row) =>
      row.stops.map(({ point, at }) => ({
        point,
        at: (new Date(at).getTime() - new Date(row.starts_at).getTime()) / 1_000,
      })),
    ),
    lastLine: rows.at(-1)?.line ?? null,
  }
}
