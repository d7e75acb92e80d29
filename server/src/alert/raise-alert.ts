import { sql } from 'drizzle-orm'
import type { Alert } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { kindOf, offDelaySeconds, onDelaySeconds } from './alert-kinds.ts'
import { lockAlerts, moveOn, readStored, writeAlerts, type StoredAlert } from './alert-row.ts'
import { readRules } from './alert-rules.ts'
import { findPlan } from './suppress-alerts.ts'

/** What happened; more of the same dedup key while the alert is open raises its count instead of a second row. */
export interface AlertCause {
  kind: string
  dedupKey: string
  priority: 1 | 2 | 3
  precinctId: number | null
  stationId: number | null
  subject: Alert['subject']
  /** How many at once; 1 by default. Of a condition: how many it is now. */
  count?: number
  /** One more of it asks for an answer again, although the alert was acknowledged: a second cry for help is new. */
  asksAgain?: boolean
}

/** A key that has begun this often within the time waits until that is over: it chatters. Never a P1. */
const chatter = { times: 2, withinMs: 60_000 }

/**
 * The only door for causes. Raises or refreshes alerts, each with its event, in the caller's transaction; a cause whose
 * rule is off is none. A condition may be told as often as it is found: only what is new about it is written.
 */
export async function raiseAlerts(tx: Tx, now: Date, causes: readonly AlertCause[]): Promise<void> {
  if (causes.length === 0) return
  const rules = await readRules(tx)
  // In key order, so that two transactions cannot wait for each other.
  for (const cause of mergeCauses(causes)) {
    if (rules.of(cause.kind, cause.precinctId).enabled) await raiseOne(tx, now, cause)
  }
}

/** Conditions that are no more. They return after the off-delay; a repeat within it is the same alert. */
export async function clearAlerts(tx: Tx, now: Date, dedupKeys: readonly string[]): Promise<void> {
  if (dedupKeys.length === 0) return
  const rows = await lockAlerts(
    tx,
    sql`where a.dedup_key = any(${sql.param([...dedupKeys])}::text[]) and a.closed_at is null
      and a.cause_gone_at is null order by a.dedup_key`,
  )
  const at = now.getTime()
  await writeAlerts(
    tx,
    now,
    rows
      .filter(({ kind }) => kindOf(kind).nature === 'condition')
      .map((before) => ({ before, after: moveOn({ ...before, causeGoneAt: at }, at) })),
  )
}

async function raiseOne(tx: Tx, now: Date, cause: AlertCause): Promise<void> {
  for (;;) {
    const [before] = await lockAlerts(tx, sql`where a.dedup_key = ${cause.dedupKey} and a.closed_at is null`)
    // The off-delay may be over without a sweep having seen it: then this is another one.
    const known = before && moveOn(before, now.getTime())
    if (before && known && known.state !== 'closed') {
      return writeAlerts(tx, now, [{ before, after: moveOn(addTo(before, cause, now), now.getTime()) }])
    }
    if (before && known) await writeAlerts(tx, now, [{ before, after: known }])
    if (await insertOne(tx, now, cause)) return
  }
}

function addTo(row: StoredAlert, cause: AlertCause, now: Date): StoredAlert {
  const count = cause.count ?? 1
  if (kindOf(cause.kind).nature === 'condition') {
    const isOver = row.causeGoneAt !== null && now.getTime() >= row.causeGoneAt + offDelaySeconds * 1_000
    return {
      ...row,
      count,
      causeGoneAt: null,
      // Over and there again, and still unanswered.
      causeAt: isOver ? now.getTime() : row.causeAt,
      subject: row.causeGoneAt === null && row.count === count ? row.subject : cause.subject,
    }
  }
  const again = cause.asksAgain === true ? { acknowledgedAt: null, acknowledgedBy: null } : {}
  return { ...row, ...again, count: row.count + count, causeAt: now.getTime(), subject: cause.subject }
}

/** False when another transaction has just opened the same key. */
async function insertOne(tx: Tx, now: Date, cause: AlertCause): Promise<boolean> {
  const { nature, canBeQuiet } = kindOf(cause.kind)
  const delayMs = nature === 'event' ? 0 : onDelaySeconds[cause.priority] * 1_000
  const beginsAt = Math.max(
    now.getTime() + delayMs,
    cause.priority === 1 ? 0 : await quietUntil(tx, now, cause),
  )
  const plan = canBeQuiet ? await findPlan(tx, now, cause) : null
  const at = now.toISOString()
  const { rows } = await tx.execute<{ id: number }>(sql`
    insert into alert (kind, dedup_key, priority, state, precinct_id, station_id, subject, count, raised_at, changed_at,
      begins_at, cause_at, suppression_id, suppressed_until, next_change_at)
    values (${cause.kind}, ${cause.dedupKey}, ${cause.priority}, 'pending', ${cause.precinctId}, ${cause.stationId},
      ${JSON.stringify(cause.subject)}::jsonb, ${cause.count ?? 1}, ${at}, ${at},
      ${new Date(beginsAt).toISOString()}, ${at}, ${plan?.id ?? null}, ${plan?.endsAt.toISOString() ?? null},
      ${new Date(beginsAt).toISOString()})
    on conflict (dedup_key) where closed_at is null do nothing returning id`)
  const id = rows[0]?.id
  if (id === undefined) return false
  const [before] = await readStored(tx, sql`where a.id = ${id}`)
  if (before === undefined) throw new Error('The alert was not stored.')
  const after = moveOn(before, now.getTime())
  if (after.state !== 'pending') await writeAlerts(tx, now, [{ before, after }])
  return true
}

async function quietUntil(tx: Tx, now: Date, { dedupKey }: AlertCause): Promise<number> {
  const since = new Date(now.getTime() - chatter.withinMs).toISOString()
  const { rows } = await tx.execute<{ at: number }>(sql`
    select (extract(epoch from begun_at) * 1000)::float8 as at from alert
    where dedup_key = ${dedupKey} and begun_at > ${since} order by begun_at desc limit ${chatter.times}`)
  const oldest = rows.length < chatter.times ? undefined : rows.at(-1)
  return oldest === undefined ? 0 : oldest.at + chatter.withinMs
}

/** One cause per dedup key, with the counts added up, in key order. */
function mergeCauses(causes: readonly AlertCause[]): AlertCause[] {
  const merged = new Map<string, AlertCause>()
  for (const cause of causes) {
    const known = merged.get(cause.dedupKey)
    merged.set(cause.dedupKey, { ...cause, count: (known?.count ?? 0) + (cause.count ?? 1) })
  }
  return [...merged.values()].sort((a, b) => (a.dedupKey < b.dedupKey ? -1 : 1))
}
