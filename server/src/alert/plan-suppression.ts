import { sql } from 'drizzle-orm'
import type { NewSuppression, Scope, Suppression } from '@patrol/contract'
import { audit, type Tx } from '@patrol/db'
import { withinScope } from '../organisation/scope.ts'
import { isKnownKind, kindOf } from './alert-kinds.ts'
import { applyPlans } from './suppress-alerts.ts'

const longestMs = 14 * 86_400_000
/** Plans that are over are listed for so long. */
const listedDays = 30

/** What is wrong with such a plan; null when nothing is. */
export function checkPlan(plan: NewSuppression, now: Date): { field: string; message: string } | null {
  const unknown = plan.kinds.find((kind) => !isKnownKind(kind) || !kindOf(kind).canBeQuiet)
  if (unknown !== undefined) return { field: '/kinds', message: `${unknown} may not be kept quiet.` }
  const from = Date.parse(plan.startsAt)
  const to = Date.parse(plan.endsAt)
  if (to <= Math.max(from, now.getTime())) return { field: '/endsAt', message: 'It would be over already.' }
  return to - from > longestMs ? { field: '/endsAt', message: 'A plan lasts 14 days at most.' } : null
}

export async function createPlan(
  tx: Tx,
  now: Date,
  officerId: number,
  plan: NewSuppression,
): Promise<{ id: number }> {
  const { rows } = await tx.execute<{ id: number }>(sql`
    insert into alert_suppression (plan, reason, kinds, precinct_id, starts_at, ends_at, created_by, created_at)
    values (${plan.plan}, ${plan.reason}, ${sql.param(plan.kinds)}::text[], ${plan.precinctId}, ${plan.startsAt},
      ${plan.endsAt}, ${officerId}, ${now.toISOString()}) returning id`)
  const row = rows[0]
  if (row === undefined) throw new Error('The plan was not stored.')
  const { precinctId, ...details } = plan
  await tx.insert(audit).values({
    at: now,
    officerId,
    action: 'alert-suppression:created',
    subject: `alert-suppression:${row.id}`,
    precinctId,
    details,
  })
  await applyPlans(tx, now)
  return row
}

/** Ends a plan before its time: what still stands asks again. False when the scope has no such plan. */
export async function endPlan(
  tx: Tx,
  now: Date,
  { id, officerId, scope }: { id: number; officerId: number; scope: Scope },
): Promise<boolean> {
  const within = withinScope(scope, { precinctId: sql`precinct_id`, stationId: sql`null::int` })
  const { rows } = await tx.execute<{ precinct_id: number | null }>(sql`
    update alert_suppression set ended_at = ${now.toISOString()}, ended_by = ${officerId}
    where id = ${id} and ended_at is null and ends_at > ${now.toISOString()} and ${within} returning precinct_id`)
  const row = rows[0]
  if (row === undefined) return false
  await tx.insert(audit).values({
    at: now,
    officerId,
    action: 'alert-suppression:ended',
    subject: `alert-suppression:${id}`,
    precinctId: row.precinct_id,
  })
  await applyPlans(tx, now)
  return true
}

/** Plans of the city and of the precincts of this scope: to come, in force, and over lately. Newest first. */
export async function listPlans(tx: Tx, scope: Scope, now: Date): Promise<Suppression[]> {
  const iso = (column: string) =>
    sql.raw(`to_char(p.${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`)
  const seen = withinScope(scope, { precinctId: sql`a.precinct_id`, stationId: sql`a.station_id` })
  const { rows } = await tx.execute<Suppression & Record<string, unknown>>(sql`
    select p.id, p.plan, p.reason, p.kinds, p.precinct_id as "precinctId", ${iso('starts_at')} as "startsAt",
      ${iso('ends_at')} as "endsAt", by.name as "createdBy", ${iso('created_at')} as "createdAt",
      ended.name as "endedBy", ${iso('ended_at')} as "endedAt",
      (select count(*)::int from alert a where a.suppression_id = p.id and a.state = 'suppressed' and ${seen}) as quiet
    from alert_suppression p join officer by on by.id = p.created_by left join officer ended on ended.id = p.ended_by
    where p.ends_at > ${now.toISOString()}::timestamptz - ${`${listedDays} days`}::interval
      and (p.precinct_id is null
        or ${withinScope(scope, { precinctId: sql`p.precinct_id`, stationId: sql`null::int` })})
    order by p.starts_at desc, p.id desc`)
  return rows
}
