import { sql } from 'drizzle-orm'
import type { Tx } from '@patrol/db'
import { alertKinds } from './alert-kinds.ts'
import { lockAlerts, moveOn, writeAlerts } from './alert-row.ts'

/** Kinds that no plan keeps quiet. */
const neverQuiet = Object.entries(alertKinds).flatMap(([kind, { canBeQuiet }]) => (canBeQuiet ? [] : [kind]))

/** Does plan `p` hold for alert or cause `a` at this time? */
const holds = (at: string) => sql`p.starts_at <= ${at} and p.ends_at > ${at} and p.ended_at is null`

/** The plan that keeps such an alert quiet now, the one that lasts longest; null when none does. */
export async function findPlan(
  tx: Tx,
  now: Date,
  { kind, precinctId }: { kind: string; precinctId: number | null },
): Promise<{ id: number; endsAt: Date } | null> {
  const { rows } = await tx.execute<{ id: number; ends_at: string }>(sql`
    select p.id, p.ends_at from alert_suppression p
    where ${holds(now.toISOString())} and (p.kinds = '{}' or ${kind} = any(p.kinds))
      and (p.precinct_id is null or p.precinct_id = ${precinctId})
    order by p.ends_at desc limit 1`)
  const row = rows[0]
  return row === undefined ? null : { id: row.id, endsAt: new Date(row.ends_at) }
}

/** Brings open alerts in line with the plans of this moment: some begin, some were ended before their time. */
export async function applyPlans(tx: Tx, now: Date): Promise<void> {
  const at = now.toISOString()
  const { rows } = await tx.execute<{ id: number; plan: number | null; until: number | null }>(sql`
    select a.id, best.id as plan, (extract(epoch from best.ends_at) * 1000)::float8 as until
    from alert a left join lateral (
      select p.id, p.ends_at from alert_suppression p
      where ${holds(at)} and (p.kinds = '{}' or a.kind = any(p.kinds))
        and (p.precinct_id is null or p.precinct_id = a.precinct_id)
      order by p.ends_at desc limit 1
    ) best on true
    where a.closed_at is null and not a.is_parent and a.kind <> all(${sql.param(neverQuiet)}::text[])
      and (best.id is not null or a.suppressed_until > ${at})
      and (best.id is distinct from a.suppression_id or best.ends_at is distinct from a.suppressed_until)
    limit 500`)
  if (rows.length === 0) return
  const found = new Map(rows.map((row) => [row.id, row]))
  const locked = await lockAlerts(
    tx,
    sql`where a.id = any(${sql.param([...found.keys()])}::int[]) and a.closed_at is null order by a.id`,
    { skipLocked: true },
  )
  await writeAlerts(
    tx,
    now,
    locked.map((before) => {
      const { plan, until } = found.get(before.id) ?? { plan: null, until: null }
      // Ended early: quiet until now, so that what still stands asks again.
      const quiet = { suppressionId: plan, suppressedUntil: until ?? now.getTime() }
      return { before, after: moveOn({ ...before, ...quiet }, now.getTime()) }
    }),
  )
}
