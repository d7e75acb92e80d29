import { sql } from 'drizzle-orm'
import type { Order, ProblemCode } from '@patrol/contract'
import { assignmentAct, type OpenTx } from '@patrol/db'
import { ProblemError } from '../problems.ts'
import { findOrder } from './read-assignment.ts'

export type ActProblem = Extract<
  ProblemCode,
  'ASSIGNMENT_REASSIGNED' | 'ASSIGNMENT_CLOSED' | 'ASSIGNMENT_MOVED_ON'
>

/** What became of a command or an answer. A refused one is kept too: it is evidence, and a repeat gets the same words. */
export type ActOutcome =
  { outcome: 'done'; order: Order } | { outcome: 'refused'; problem: ActProblem; order: Order }

export type Act = Omit<typeof assignmentAct.$inferInsert, 'problem'>

/**
 * Does `work` once for an act's id, and keeps what came of it. Two that bring the same id at once wait for each other at its
 * row; the second finds the outcome of the first. @throws NOT_FOUND for an id that was somebody else's
 */
export async function actOnce(tx: OpenTx, act: Act, work: () => Promise<ActOutcome>): Promise<ActOutcome> {
  const added = await tx.insert(assignmentAct).values(act).onConflictDoNothing().returning()
  if (added.length === 0) return repeat(tx, act)
  const result = await work()
  if (result.outcome === 'refused') {
    await tx.execute(sql`update assignment_act set problem = ${result.problem} where id = ${act.id}`)
  }
  return result
}

async function repeat(tx: OpenTx, act: Act): Promise<ActOutcome> {
  const { rows } = await tx.execute<{ problem: ActProblem | null; assignment_id: string }>(sql`
    select problem, assignment_id from assignment_act
    where id = ${act.id} and officer_id = ${act.officerId} and act = ${act.act}`)
  const known = rows[0]
  const order = known === undefined ? null : await findOrder(tx, known.assignment_id)
  if (known === undefined || order?.id !== act.assignmentId) throw new ProblemError('NOT_FOUND')
  if (known.problem !== null) return { outcome: 'refused', problem: known.problem, order }
  return { outcome: 'done', order }
}
