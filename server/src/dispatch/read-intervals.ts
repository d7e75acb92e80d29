import { sql } from 'drizzle-orm'
import type { DispatchIntervals, Scope } from '@patrol/contract'
import type { Db } from '@patrol/db'
import { seenAssignments } from './list-orders.ts'

type Name = 'dispatch' | 'answer' | 'travel' | 'response'

/** Medians and p90 of the orders made in a span. An order that was reassigned counts as its last unit served it. */
export async function readIntervals(
  db: Db,
  { scope, from, to }: { scope: Scope; from: Date; to: Date },
): Promise<DispatchIntervals> {
  const { rows } = await db.execute<{
    name: Name
    count: number
    p50: number | null
    p90: number | null
  }>(sql`
    with seen as (
      select a.*, i.received_at from assignment a left join incident i on i.id = a.incident_id
      where a.created_at >= ${from.toISOString()} and a.created_at < ${to.toISOString()} and ${seenAssignments(scope)}
    ), measured (name, seconds) as (
      select 'dispatch', extract(epoch from min(created_at) - min(received_at))
        from seen where incident_id is not null group by incident_id
      union all select 'answer', extract(epoch from accepted_at - ordered_at) from seen
      union all select 'travel', extract(epoch from on_scene_at - accepted_at) from seen
      union all select 'response', extract(epoch from min(on_scene_at) - min(received_at))
        from seen where incident_id is not null group by incident_id
    )
    select name, count(seconds)::int as count,
      percentile_cont(0.5) within group (order by seconds)::float8 as p50,
      percentile_cont(0.9) within group (order by seconds)::float8 as p90
    from measured group by name`)
  const of = (name: Name) => {
    const row = rows.find((one) => one.name === name)
    return { count: row?.count ?? 0, p50: row?.p50 ?? null, p90: row?.p90 ?? null }
  }
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    dispatch: of('dispatch'),
    answer: of('answer'),
    travel: of('travel'),
    response: of('response'),
  }
}
