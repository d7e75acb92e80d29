import { sql } from 'drizzle-orm'
import type { Review, ReviewItem } from '@patrol/contract'
import { audit, inTransaction, type Db, type OpenTx } from '@patrol/db'
import { writeBeginning } from '../check-in/begin-judging.ts'
import { listCheckIns } from '../check-in/list-check-ins.ts'
import { tellOfReviewed } from '../check-in/tell-of-reviewed.ts'
import { settleWatches } from '../check-in/watch/settle-watches.ts'
import { ProblemError } from '../problems.ts'
import { settleWindows } from '../window/settle-windows.ts'
import { isOwn, readReview, withinReach, type Reviewer } from './list-reviews.ts'

interface LockedCheckIn extends Record<string, unknown> {
  verdict: ReviewItem['verdict']
  fulfils: ReviewItem['fulfils']
  act: ReviewItem['act']
  role: ReviewItem['role']
  pointId: number | null
  precinctId: number
  checkedInAt: Date
  confirmedAt: Date
  own: boolean
  reviewed: boolean
}

/**
 * The time that counts once a person believes the check-in: the claimed one, where the judge fell back on the receipt because
 * no clock of ours bounded it. Columns of `check_in c`.
 */
export const confirmedAt = sql`case when c.reasons @> '[{"code": "clock-unbounded"}]'
  then least(c.claimed_at, c.received_at) else c.checked_in_at end`

/**
 * Puts a person's decision on record: windows, events and audit follow in the same transaction. What was decided stays.
 * @throws NOT_FOUND, OWN_CHECK_IN, CHECK_IN_REVIEWED, CHECK_IN_REJECTED, INVALID_INPUT
 */
export async function reviewCheckIn(
  db: Db,
  reviewer: Reviewer,
  id: string,
  review: Review,
  now: Date,
): Promise<ReviewItem> {
  const remark = review.remark?.trim() || null
  if (review.reason === 'other' && remark === null) {
    throw new ProblemError('INVALID_INPUT', { field: 'body/remark', message: 'Say what the reason is.' })
  }
  return inTransaction(db, async (tx) => {
    const before = await lockCheckIn(tx, reviewer, id)
    if (before.own) throw new ProblemError('OWN_CHECK_IN')
    if (before.reviewed) throw new ProblemError('CHECK_IN_REVIEWED', await sayWho(tx, reviewer, id))
    const confirms = review.decision === 'confirmed'
    // Cryptography and the register do not err about what was shown to them; a person cannot make a wrong MAC right.
    if (confirms && before.verdict === 'rejected') throw new ProblemError('CHECK_IN_REJECTED')
    const visits = before.role === 'patrol' && before.act === 'check-in' && before.pointId !== null
    const after = {
      verdict: confirms ? ('accepted' as const) : ('rejected' as const),
      fulfils: confirms && visits ? ('yes' as const) : ('no' as const),
      checkedInAt: confirms ? before.confirmedAt : before.checkedInAt,
    }
    await tx.execute(sql`
      update check_in set verdict = ${after.verdict}, fulfils = ${after.fulfils},
        checked_in_at = ${after.checkedInAt.toISOString()}, awaits_track = false, review = ${review.decision},
        review_reason = ${review.reason}, review_remark = ${remark}, reviewed_by = ${reviewer.officerId},
        reviewed_at = ${now.toISOString()}
      where id = ${id}`)
    const { pointId } = before
    if (pointId !== null) {
      const times = [
        ...(before.fulfils === 'yes' ? [before] : []),
        ...(after.fulfils === 'yes' ? [after] : []),
      ]
      await settleWindows(
        tx,
        times.map(({ checkedInAt }) => ({ pointId, checkedInAt })),
        now,
      )
    }
    await tellReviewed(tx, reviewer, [id, ...(await settleWatchesOf(tx, id))], now)
    await tx.insert(audit).values({
      at: now,
      officerId: reviewer.officerId,
      action: `check-in:${review.decision}`,
      subject: `check-in:${id}`,
      precinctId: before.precinctId,
      details: {
        reason: review.reason,
        remark,
        from: { verdict: before.verdict, fulfils: before.fulfils, checkedInAt: before.checkedInAt },
        to: after,
      },
    })
    const item = await readReview(tx, reviewer, id)
    if (item === null) throw new Error('The reviewed check-in is gone.')
    return item
  })
}

async function lockCheckIn(tx: OpenTx, { officerId, scope }: Reviewer, id: string): Promise<LockedCheckIn> {
  // The locks of the judge first, in its order: it locks windows before it looks at older check-ins, and we the other way round.
  const { rows: bounds } = await tx.execute<{ officer_id: number; uid: string | null }>(sql`
    select c.officer_id, case when t.secure then t.uid end as uid
    from check_in c left join tag t on t.id = c.tag_id where c.id = ${id} and ${withinReach(scope)}`)
  const [bound] = bounds
  if (bound === undefined) throw new ProblemError('NOT_FOUND')
  await tx.$client.query(
    writeBeginning({ officerIds: [bound.officer_id], uids: bound.uid === null ? [] : [bound.uid] }),
  )
  const { rows } = await tx.execute<LockedCheckIn>(sql`
    select c.verdict, c.fulfils, c.act, c.role, c.patrol_point_id as "pointId", c.precinct_id as "precinctId",
      c.checked_in_at as "checkedInAt", ${confirmedAt} as "confirmedAt", ${isOwn(officerId)} as own,
      c.reviewed_at is not null as reviewed
    from check_in c where c.id = ${id} for update of c`)
  const [row] = rows
  if (row === undefined) throw new ProblemError('NOT_FOUND')
  return { ...row, checkedInAt: new Date(row.checkedInAt), confirmedAt: new Date(row.confirmedAt) }
}

async function sayWho(tx: OpenTx, reviewer: Reviewer, id: string): Promise<{ message: string }> {
  const reviewed = (await readReview(tx, reviewer, id))?.reviewed
  return { message: `${reviewed?.by ?? '?'} has ${reviewed?.decision ?? 'decided on'} it already.` }
}

/** The watches that hang on this check-in; returns the other check-outs. */
async function settleWatchesOf(tx: OpenTx, id: string): Promise<string[]> {
  const { rows } = await tx.execute<{ id: string }>(sql`
    select id from check_in where watch is not null and (id = ${id} or watch->>'checkInId' = ${id})`)
  const ids = rows.map((row) => row.id)
  await settleWatches(tx, ids)
  return ids.filter((one) => one !== id)
}

async function tellReviewed(
  tx: OpenTx,
  { scope }: Reviewer,
  ids: readonly string[],
  now: Date,
): Promise<void> {
  const summaries = await listCheckIns(tx, {
    scope,
    officerId: null,
    limit: ids.length,
    only: sql`c.id = any(${sql.param(ids)}::uuid[])`,
  })
  await tellOfReviewed(tx, now, summaries)
}
