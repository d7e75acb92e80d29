import { sql } from 'drizzle-orm'
import type { Assignment, LostOrder, Orders, Scope } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { withinScope } from '../organisation/scope.ts'
import { assignmentRows, held, readAssignment, readOrder, type AssignmentRow } from './read-assignment.ts'

/** A phone that was away learns for so long what it lost. */
const lostMinutes = 60

/** What the officer's unit is to do, and what it lately lost. */
export async function listOrders(tx: Tx, officerId: number, now: Date): Promise<Orders> {
  const at = now.toISOString()
  const mine = sql`(select m.unit_id from unit_member m join unit u on u.id = m.unit_id join shift s on s.id = u.shift_id
    where m.officer_id = ${officerId} and s.starts_at <= ${at} and s.ends_at > ${at})`
  const orders = await tx.execute<AssignmentRow>(sql`
    ${assignmentRows} where a.unit_id in ${mine} and a.state in ${held} order by a.ordered_at desc`)
  const lost = await tx.execute<AssignmentRow>(sql`
    ${assignmentRows} where a.changed_at > ${at}::timestamptz - ${lostMinutes} * interval '1 minute'
      and (a.unit_id not in ${mine} or a.state = 'cancelled')
      and exists (select from assignment_act d where d.assignment_id = a.id and d.unit_id in ${mine}
        and d.act in ('order', 'reassign') and d.problem is null)
    order by a.changed_at desc limit 20`)
  return { orders: orders.rows.map(readOrder), lost: lost.rows.map((row) => readLost(readAssignment(row))) }
}

function readLost({ id, title, state, callSign, changedAt: at }: Assignment): LostOrder {
  const isHeld = state !== 'cancelled' && state !== 'refused' && state !== 'cleared'
  return {
    id,
    title,
    outcome: state === 'cancelled' ? 'cancelled' : 'reassigned',
    callSign: isHeld ? callSign : null,
    at,
  }
}

/** Orders that this scope sees: those of its units, and those that lead into it. */
export const seenAssignments = (scope: Scope) =>
  sql`(${withinScope(scope, { precinctId: sql`a.precinct_id`, stationId: sql`a.station_id` })}
    or ${withinScope(scope, { precinctId: sql`a.place_precinct_id`, stationId: sql`null::int` })})`

/** What is not yet cleared or cancelled, newest first. */
export async function listOpenAssignments(tx: Tx, scope: Scope): Promise<Assignment[]> {
  const { rows } = await tx.execute<AssignmentRow>(sql`
    ${assignmentRows} where a.state not in ('cleared', 'cancelled') and ${seenAssignments(scope)}
    order by a.created_at desc, a.id limit 1000`)
  return rows.map(readAssignment)
}
