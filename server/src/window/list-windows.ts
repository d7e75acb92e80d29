import { sql } from 'drizzle-orm'
import type { PatrolWindow, Scope } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { withinScope } from '../organisation/scope.ts'

interface WindowRow extends Record<string, unknown> {
  id: string
  patrol_point_id: number
  point_name: string
  precinct_id: number
  station_id: number
  service_on: string
  starts_at: Date
  ends_at: Date
  grace_ends_at: Date
  required_count: number
  done_count: number
  state: PatrolWindow['state']
}

/** The windows of a day within a scope, in id order from after `after`. */
export async function listWindows(
  tx: Tx,
  query: {
    scope: Scope
    serviceOn: string
    state?: PatrolWindow['state'] | undefined
    after: number
    limit: number
  },
): Promise<PatrolWindow[]> {
  const within = withinScope(query.scope, { precinctId: sql`w.precinct_id`, stationId: sql`w.station_id` })
  const { rows } = await tx.execute<WindowRow>(sql`
    select w.id, w.patrol_point_id, p.name as point_name, w.precinct_id, w.station_id, w.service_on::text, w.starts_at,
      w.ends_at, w.grace_ends_at, w.required_count, w.done_count, w.state
    from patrol_window w join patrol_point p on p.id = w.patrol_point_id
    where w.service_on = ${query.serviceOn} and w.id > ${query.after} and ${within}
      ${query.state === undefined ? sql`` : sql`and w.state = ${query.state}`}
    order by w.id limit ${query.limit}`)
  return rows.map((row) => ({
    id: Number(row.id),
    pointId: row.patrol_point_id,
    pointName: row.point_name,
    precinctId: row.precinct_id,
    stationId: row.station_id,
    serviceOn: row.service_on,
    startsAt: new Date(row.starts_at).toISOString(),
    endsAt: new Date(row.ends_at).toISOString(),
    graceEndsAt: new Date(row.grace_ends_at).toISOString(),
    requiredCount: row.required_count,
    doneCount: row.done_count,
    state: row.state,
  }))
}
