import { sql } from 'drizzle-orm'
import type { Order, OrderAnswer } from '@patrol/contract'
import type { OpenTx } from '@patrol/db'
import { ProblemError } from '../problems.ts'
import { actOnce, type ActOutcome } from './act-once.ts'
import { tellOrder } from './assignment-events.ts'
import { endRefused } from './close-incident.ts'
import { excuseActual, excuseExpected } from './excuse-diverted.ts'
import { followOrders } from './incident-status.ts'
import { findOrder, lockOrder } from './read-assignment.ts'

const targets = {
  accept: 'accepted',
  refuse: 'refused',
  'en-route': 'en-route',
  'on-scene': 'on-scene',
  clear: 'cleared',
} as const

/** The way an order goes. It may skip a step: who arrives has accepted. */
const way: readonly Order['state'][] = ['ordered', 'accepted', 'en-route', 'on-scene', 'cleared']

/**
 * An answer of the unit. It counts while the unit holds the order under the epoch that it answers; else it is kept and refused.
 * What was reached already, by the partner's phone perhaps, stays and is no fault.
 * @throws NOT_FOUND for an order that no unit of this officer was ever given
 */
export async function answerOrder(
  tx: OpenTx,
  assignmentId: string,
  answer: OrderAnswer,
  by: { officerId: number; now: Date },
): Promise<ActOutcome> {
  const { id, act, epoch, claimedAt, reason = null } = answer
  const unitId = await findAskedUnit(tx, assignmentId, epoch, by.officerId)
  const kept = { id, assignmentId, act, epoch, unitId, officerId: by.officerId, at: by.now, reason }
  return actOnce(tx, { ...kept, claimedAt: new Date(claimedAt) }, async () => {
    const order = await lockOrder(tx, assignmentId)
    if (order === null) throw new ProblemError('NOT_FOUND')
    const problem = findProblem(order, answer, unitId)
    if (problem === 'reached') return { outcome: 'done', order }
    if (problem !== null) return { outcome: 'refused', problem, order }
    return { outcome: 'done', order: await move(tx, order, answer, by.now) }
  })
}

function findProblem(order: Order, { act, epoch }: OrderAnswer, unitId: number) {
  const { state } = order
  const isHolder = order.epoch === epoch && order.unitId === unitId
  if (isHolder && state === targets[act]) return 'reached'
  if (state === 'cleared' || state === 'cancelled') return 'ASSIGNMENT_CLOSED'
  if (!isHolder) return 'ASSIGNMENT_REASSIGNED'
  if (state === 'refused') return 'ASSIGNMENT_CLOSED'
  if (act === 'refuse') return state === 'ordered' ? null : 'ASSIGNMENT_MOVED_ON'
  return way.indexOf(state) >= way.indexOf(targets[act]) ? 'reached' : null
}

async function move(tx: OpenTx, from: Order, { act, reason }: OrderAnswer, now: Date): Promise<Order> {
  const at = now.toISOString()
  const state = targets[act]
  const step = way.indexOf(state)
  const stamp = (column: 'accepted_at' | 'en_route_at' | 'on_scene_at' | 'cleared_at', of: number) =>
    sql`${sql.identifier(column)} = case when ${step >= of} then coalesce(${sql.identifier(column)}, ${at}::timestamptz) end`
  await tx.execute(sql`
    update assignment set state = ${state}, reason = ${reason ?? null}, changed_at = ${at}, ${stamp('accepted_at', 1)},
      ${stamp('en_route_at', 2)}, ${stamp('on_scene_at', 3)}, ${stamp('cleared_at', 4)}
    where id = ${from.id}`)
  const order = await findOrder(tx, from.id)
  if (order === null) throw new Error('A locked order is gone.')
  await tellOrder(tx, now, `assignment:${state}`, order)
  if (from.state === 'ordered' && act !== 'refuse') await excuseExpected(tx, order, now)
  if (act === 'clear') await excuseActual(tx, order, now)
  const { incidentId } = order
  if (incidentId !== null && (await followOrders(tx, now, incidentId, act === 'clear'))) {
    await endRefused(tx, now, incidentId)
  }
  return order
}

/** The unit of this officer that was given the order: under this epoch, else the last time. */
async function findAskedUnit(
  tx: OpenTx,
  assignmentId: string,
  epoch: number,
  officerId: number,
): Promise<number> {
  const { rows } = await tx.execute<{ unit_id: number }>(sql`
    select d.unit_id from assignment_act d join unit_member m on m.unit_id = d.unit_id
    where d.assignment_id = ${assignmentId} and d.act in ('order', 'reassign') and d.problem is null
      and m.officer_id = ${officerId}
    order by (case d.act when 'order' then 1 else d.epoch + 1 end) = ${epoch} desc, d.at desc limit 1`)
  if (rows[0] === undefined) throw new ProblemError('NOT_FOUND')
  return rows[0].unit_id
}
