import { sql } from 'drizzle-orm'
import type { Cancellation, Order, Reassignment } from '@patrol/contract'
import { audit, type OpenTx } from '@patrol/db'
import { covers } from '../organisation/scope.ts'
import { ProblemError } from '../problems.ts'
import { actOnce, type ActOutcome } from './act-once.ts'
import { tellOrder, tellReassigned } from './assignment-events.ts'
import { findUnit } from './find-unit.ts'
import { followOrders } from './incident-status.ts'
import { findOrder, isHeld, lockOrder } from './read-assignment.ts'
import type { Commander } from './send-unit.ts'

/**
 * Gives an order to another unit. The old one has lost it when this commits: the epoch is another, and whatever it answers
 * from then on is refused. @throws NOT_FOUND, SHIFT_NOT_OPEN
 */
export async function reassign(
  tx: OpenTx,
  assignmentId: string,
  { id, epoch, unitId }: Reassignment,
  by: Commander,
): Promise<ActOutcome> {
  const act = {
    id,
    assignmentId,
    act: 'reassign' as const,
    epoch,
    unitId,
    officerId: by.officerId,
    at: by.now,
  }
  return actOnce(tx, act, async () => {
    const from = await lockSeen(tx, assignmentId, by)
    const refusal = refuse(from, epoch)
    if (refusal !== null) return refusal
    if (from.unitId === unitId && isHeld(from.state)) return { outcome: 'done', order: from }
    const unit = await findUnit(tx, unitId, by)
    const now = by.now.toISOString()
    await tx.execute(sql`
      update assignment set unit_id = ${unitId}, precinct_id = ${unit.precinctId}, station_id = ${unit.stationId},
        epoch = epoch + 1, state = 'ordered', ordered_by = ${by.officerId}, reason = null, ordered_at = ${now},
        accepted_at = null, en_route_at = null, on_scene_at = null, changed_at = ${now}
      where id = ${assignmentId}`)
    const order = await findOrder(tx, assignmentId)
    if (order === null) throw new Error('A locked order is gone.')
    await tellReassigned(tx, by.now, order, from)
    if (order.incidentId !== null) await followOrders(tx, by.now, order.incidentId, false)
    await write(tx, by, 'assignment:reassign', order, { fromUnitId: from.unitId, unitId, epoch: order.epoch })
    return { outcome: 'done', order }
  })
}

/** Ends an order that nobody has cleared. @throws NOT_FOUND */
export async function cancelOrder(
  tx: OpenTx,
  assignmentId: string,
  { id, epoch, reason }: Cancellation,
  by: Commander,
): Promise<ActOutcome> {
  const known = await findOrder(tx, assignmentId)
  const unitId = known?.unitId ?? 0
  const act = {
    id,
    assignmentId,
    act: 'cancel' as const,
    epoch,
    unitId,
    officerId: by.officerId,
    at: by.now,
    reason,
  }
  return actOnce(tx, act, async () => {
    const from = await lockSeen(tx, assignmentId, by)
    const refusal = refuse(from, epoch)
    if (refusal !== null) return refusal
    const order = await endOrder(tx, by.now, from, reason)
    if (order.incidentId !== null) await followOrders(tx, by.now, order.incidentId, false)
    await write(tx, by, 'assignment:cancel', order, { reason })
    return { outcome: 'done', order }
  })
}

/** Cancels a locked order, and tells of it. */
export async function endOrder(tx: OpenTx, now: Date, order: Order, reason: string): Promise<Order> {
  await tx.execute(sql`
    update assignment set state = 'cancelled', reason = ${reason}, changed_at = ${now.toISOString()} where id = ${order.id}`)
  const ended: Order = { ...order, state: 'cancelled', reason, changedAt: now.toISOString() }
  await tellOrder(tx, now, 'assignment:cancelled', ended)
  return ended
}

async function lockSeen(tx: OpenTx, id: string, { scope }: Commander): Promise<Order> {
  const order = await lockOrder(tx, id)
  if (order === null || !(covers(scope, order) || covers(scope, placeOf(order)))) {
    throw new ProblemError('NOT_FOUND')
  }
  return order
}

const placeOf = ({ placePrecinctId }: Order) => ({ precinctId: placePrecinctId, stationId: null })

function refuse(order: Order, epoch: number): ActOutcome | null {
  if (order.state === 'cleared' || order.state === 'cancelled') {
    return { outcome: 'refused', problem: 'ASSIGNMENT_CLOSED', order }
  }
  return order.epoch === epoch ? null : { outcome: 'refused', problem: 'ASSIGNMENT_REASSIGNED', order }
}

async function write(
  tx: OpenTx,
  by: Commander,
  action: string,
  order: Order,
  details: object,
): Promise<void> {
  await tx.insert(audit).values({
    at: by.now,
    officerId: by.officerId,
    action,
    subject: `assignment:${order.id}`,
    precinctId: order.precinctId,
    details,
  })
}
