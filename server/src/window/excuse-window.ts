import { audit, patrolWindow, type OpenTx } from '@patrol/db'
import { eq } from 'drizzle-orm'
import { lockWindows, writeChanges, type TouchedWindow } from './locked-windows.ts'

export interface WindowDecision {
  windowId: number
  /** Who decides. */
  officerId: number
  reason: string
  /** What it rests on, such as `{assignmentId}` of a diversion; kept with the window and in the audit. */
  evidence: Record<string, unknown> | null
  now: Date
}

export type DecisionOutcome =
  | { outcome: 'ok'; window: TouchedWindow }
  | { outcome: 'unknown' }
  /** Fulfilled, corrected, or decided before; `state` says which. */
  | { outcome: 'settled'; state: TouchedWindow['from'] }
  /** Only a missed window can be made up or called unexcused. */
  | { outcome: 'not-missed'; state: TouchedWindow['from'] }
  /** 補簽 is approved by another than the one who asks for it. */
  | { outcome: 'own-request' }

/** 有故: a diversion by 110, a reassignment, a flood. Possible before, during and after the window, until it is settled. */
export async function excuseWindow(tx: OpenTx, decision: WindowDecision): Promise<DecisionOutcome> {
  return settleByDecision(tx, decision, 'excused')
}

/** Decides a missed window: 無故, or 補簽 on the word of `requestedBy`, who must be somebody else. */
export async function decideWindow(
  tx: OpenTx,
  decision: WindowDecision & ({ to: 'unexcused' } | { to: 'made-up'; requestedBy: number }),
): Promise<DecisionOutcome> {
  if (decision.to === 'unexcused') return settleByDecision(tx, decision, 'unexcused')
  if (decision.requestedBy === decision.officerId) return { outcome: 'own-request' }
  const evidence = { ...decision.evidence, requestedBy: decision.requestedBy }
  return settleByDecision(tx, { ...decision, evidence }, 'made-up')
}

async function settleByDecision(
  tx: OpenTx,
  { windowId, officerId, reason, evidence, now }: WindowDecision,
  to: 'excused' | 'made-up' | 'unexcused',
): Promise<DecisionOutcome> {
  const [window] = await lockWindows(tx, [windowId])
  if (window === undefined) return { outcome: 'unknown' }
  const from = window.state
  const undecided = from === 'pending' || from === 'open' || from === 'grace'
  if (undecided && to !== 'excused') return { outcome: 'not-missed', state: from }
  if (!undecided && from !== 'missed') return { outcome: 'settled', state: from }

  const { patrolPointId: pointId, precinctId, stationId, doneCount, requiredCount } = window
  const touched = {
    windowId,
    pointId,
    precinctId,
    stationId,
    from,
    to,
    doneCount,
    requiredCount,
    checkInId: null,
  }
  await writeChanges(tx, now, [{ ...touched, nextChangeAt: null }])
  await tx
    .update(patrolWindow)
    .set({ decidedBy: officerId, decidedAt: now, decisionReason: reason, evidence })
    .where(eq(patrolWindow.id, windowId))
  await tx.insert(audit).values({
    at: now,
    officerId,
    action: `window:${to}`,
    subject: `patrol-window:${windowId}`,
    precinctId,
    details: { from, to, reason, evidence },
  })
  return { outcome: 'ok', window: touched }
}
