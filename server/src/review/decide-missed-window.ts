import { sql } from 'drizzle-orm'
import type { MissedDecision } from '@patrol/contract'
import { audit, inTransaction, type Db, type OpenTx } from '@patrol/db'
import { covers } from '../organisation/scope.ts'
import { ProblemError } from '../problems.ts'
import { decideWindow, excuseWindow, type DecisionOutcome } from '../window/excuse-window.ts'
import type { Reviewer } from './list-reviews.ts'
import { wasOnDutyThere } from './on-duty-there.ts'

interface WindowRow extends Record<string, unknown> {
  state: string
  precinctId: number
  stationId: number
  own: boolean
}

/**
 * 補簽: somebody who was on duty there, or who watches over the place, says that a missed point was visited. Asked twice, the
 * first stands until it is decided.
 * @throws PATROL_WINDOW_UNKNOWN, PATROL_WINDOW_SETTLED
 */
export async function proposeMakeUp(
  db: Db,
  { officerId, scope }: Reviewer,
  windowId: number,
  reason: string,
  now: Date,
): Promise<void> {
  await inTransaction(db, async (tx) => {
    const window = await lockWindow(tx, officerId, windowId)
    if (!window || !(window.own || covers(scope, window))) throw new ProblemError('PATROL_WINDOW_UNKNOWN')
    if (window.state !== 'missed') throw new ProblemError('PATROL_WINDOW_SETTLED')
    const { rowCount } = await tx.execute(sql`
      insert into make_up_request (patrol_window_id, requested_by, requested_at, reason)
      values (${windowId}, ${officerId}, ${now.toISOString()}, ${reason.trim()}) on conflict do nothing`)
    if (rowCount === 1) {
      await record(tx, now, officerId, 'window:make-up-proposed', windowId, window.precinctId, reason)
    }
  })
}

/**
 * Decides a missed window: 補簽 as somebody else asked for, or not; 有故; 無故. Never by who was on duty there.
 * @throws PATROL_WINDOW_UNKNOWN, PATROL_WINDOW_SETTLED, MAKE_UP_MISSING, OWN_CHECK_IN
 */
export async function decideMissedWindow(
  db: Db,
  { officerId, scope }: Reviewer,
  windowId: number,
  decision: MissedDecision,
  now: Date,
): Promise<void> {
  await inTransaction(db, async (tx) => {
    const window = await lockWindow(tx, officerId, windowId)
    if (!window || !covers(scope, window)) throw new ProblemError('PATROL_WINDOW_UNKNOWN')
    if (window.own)
      throw new ProblemError('OWN_CHECK_IN', { message: 'Who was on duty there does not decide.' })
    if (window.state !== 'missed') throw new ProblemError('PATROL_WINDOW_SETTLED')
    const request = await closeRequest(tx, windowId, officerId, decision.to, now)
    const act = { windowId, officerId, now }
    if (decision.to === 'excused' || decision.to === 'unexcused') {
      const facts = { ...act, reason: decision.reason.trim(), evidence: null }
      const decided =
        decision.to === 'excused' ? excuseWindow(tx, facts) : decideWindow(tx, { ...facts, to: 'unexcused' })
      return settled(await decided)
    }
    if (request === null) throw new ProblemError('MAKE_UP_MISSING')
    const { requestedBy, reason, id } = request
    if (decision.to === 'refused') {
      return record(tx, now, officerId, 'window:make-up-refused', windowId, window.precinctId, reason)
    }
    settled(
      await decideWindow(tx, {
        ...act,
        to: 'made-up',
        requestedBy,
        reason,
        evidence: { makeUpRequestId: id },
      }),
    )
  })
}

async function lockWindow(tx: OpenTx, officerId: number, windowId: number): Promise<WindowRow | undefined> {
  const { rows } = await tx.execute<WindowRow>(sql`
    select w.state, w.precinct_id as "precinctId", w.station_id as "stationId", ${wasOnDutyThere(officerId)} as own
    from patrol_window w where w.id = ${windowId} for update of w`)
  return rows[0]
}

/** Every decision ends the request that stands, whichever way. */
async function closeRequest(
  tx: OpenTx,
  windowId: number,
  officerId: number,
  to: MissedDecision['to'],
  now: Date,
): Promise<{ id: number; requestedBy: number; reason: string } | null> {
  const { rows } = await tx.execute<{ id: string; requested_by: number; reason: string }>(sql`
    update make_up_request set state = ${to === 'made-up' ? 'approved' : 'refused'}, decided_by = ${officerId},
      decided_at = ${now.toISOString()}
    where patrol_window_id = ${windowId} and state = 'open' returning id, requested_by, reason`)
  const [row] = rows
  return row === undefined ? null : { id: Number(row.id), requestedBy: row.requested_by, reason: row.reason }
}

function settled({ outcome }: DecisionOutcome): void {
  if (outcome === 'ok') return
  if (outcome === 'unknown') throw new ProblemError('PATROL_WINDOW_UNKNOWN')
  if (outcome === 'own-request') {
    throw new ProblemError('OWN_CHECK_IN', { message: 'Who asks for it does not approve it.' })
  }
  throw new ProblemError('PATROL_WINDOW_SETTLED')
}

async function record(
  tx: OpenTx,
  at: Date,
  officerId: number,
  action: string,
  windowId: number,
  precinctId: number,
  reason: string,
): Promise<void> {
  const subject = `patrol-window:${windowId}`
  await tx.insert(audit).values({ at, officerId, action, subject, precinctId, details: { reason } })
}
