import { sql } from 'drizzle-orm'
import type { Alert, Scope } from '@patrol/contract'
import { audit, type Tx } from '@patrol/db'
import { withinScope } from '../organisation/scope.ts'
import { ProblemError } from '../problems.ts'
import { kindOf } from './alert-kinds.ts'
import { lockAlerts, moveOn, readAlerts, writeAlerts, type StoredAlert } from './alert-row.ts'
import { refreshParents } from './refresh-parents.ts'

/** What a person may decide about an alert. */
export type AlertAct =
  | { act: 'acknowledge' }
  | { act: 'shelve'; until: Date; reason: string }
  | { act: 'unshelve' }
  | { act: 'take-out-of-service'; reason: string }
  | { act: 'return-to-service' }
  | { act: 'close' }

export const longestShelfMs = 8 * 3_600_000

/**
 * Does it, in the caller's transaction, with an audit row and the events; on a row that stands for others, to all of them.
 * What is so already stays as it is: acknowledging twice keeps who was first. Null when the scope has no such alert.
 * @throws ALERT_STATE_WRONG where the alert's state or kind does not allow it
 */
export async function actOnAlert(
  tx: Tx,
  given: { alertId: number; officerId: number; scope: Scope; now: Date } & AlertAct,
): Promise<Alert | null> {
  const { alertId, officerId, scope, now } = given
  const within = withinScope(scope, { precinctId: sql`a.precinct_id`, stationId: sql`a.station_id` })
  const rows = await lockAlerts(
    tx,
    sql`where a.closed_at is null and ${within} and a.id in (
      with recursive tree(id) as (
        select ${alertId}::int union select c.id from alert c join tree on c.parent_id = tree.id
      ) select id from tree
    ) and (a.id = ${alertId} or not a.is_parent) order by a.id`,
  )
  const target = rows.find((row) => row.id === alertId)
  if (target === undefined || target.state === 'pending') return readOne(tx, alertId, within)
  const leaves = rows.filter((row) => !row.isParent && row.state !== 'pending')
  const able = leaves.filter((row) => isAble(row, given))
  if (able.length === 0 && given.act !== 'acknowledge') throw new ProblemError('ALERT_STATE_WRONG')
  if (able.length > 0) {
    const at = now.getTime()
    await writeAlerts(
      tx,
      now,
      able.map((before) => ({ before, after: moveOn(decide(before, given, at), at) })),
    )
    await refreshParents(tx, now)
    await tx.insert(audit).values({
      at: now,
      officerId,
      action: `alert:${given.act}`,
      subject: `alert:${alertId}`,
      precinctId: target.precinctId,
      details: { kind: target.kind, alerts: able.length, ...describe(given) },
    })
  }
  return readOne(tx, alertId, within)
}

async function readOne(
  tx: Tx,
  alertId: number,
  within: ReturnType<typeof withinScope>,
): Promise<Alert | null> {
  const [alert] = await readAlerts(tx, sql`where a.id = ${alertId} and ${within}`)
  return alert === undefined || alert.state === null ? null : { ...alert, state: alert.state }
}

function isAble(row: StoredAlert, { act }: AlertAct): boolean {
  const isAsking = row.state === 'unack' || row.state === 'rtn-unack'
  switch (act) {
    case 'acknowledge':
      return isAsking
    case 'shelve':
    case 'take-out-of-service':
      return (isAsking || row.state === 'ack' || row.state === 'shelved') && kindOf(row.kind).canBeQuiet
    case 'unshelve':
      return row.state === 'shelved'
    case 'return-to-service':
      return row.state === 'out-of-service'
    case 'close':
      // A condition that still stands cannot be closed: it would be back with the next look.
      return row.state === 'ack' && kindOf(row.kind).nature === 'event'
  }
}

function decide(row: StoredAlert, given: AlertAct & { officerId: number }, at: number): StoredAlert {
  switch (given.act) {
    case 'acknowledge':
      return { ...row, acknowledgedAt: at, acknowledgedBy: given.officerId }
    case 'shelve':
      return {
        ...row,
        shelvedUntil: given.until.getTime(),
        heldBy: given.officerId,
        heldReason: given.reason,
      }
    case 'unshelve':
      return { ...row, shelvedUntil: at }
    case 'take-out-of-service':
      return {
        ...row,
        outOfServiceAt: at,
        shelvedUntil: null,
        // An answer to the broken source is none to what it tells once it is mended.
        acknowledgedAt: null,
        acknowledgedBy: null,
        heldBy: given.officerId,
        heldReason: given.reason,
      }
    case 'return-to-service':
      return { ...row, outOfServiceAt: null }
    case 'close':
      return { ...row, closedAt: at, closedBy: given.officerId }
  }
}

function describe(given: AlertAct): object {
  if (given.act === 'shelve') return { until: given.until.toISOString(), reason: given.reason }
  return given.act === 'take-out-of-service' ? { reason: given.reason } : {}
}
