import type { WindowState } from '@patrol/contract'
import type { Decision, Visit, WindowFacts } from '../src/window/evaluate-window.ts'

/** What a person tries to decide, and when. It may come at a moment when there is nothing to decide. */
export interface DecisionAttempt {
  decision: Decision
  at: Date
}

export interface OracleAnswer {
  state: WindowState
  doneCount: number
  nextChangeAt: Date | null
  checkInId: string | null
  /** The attempt, where it was allowed; what the database would hold. */
  decision: Decision | null
}

/**
 * The absence engine told a second time, in another way, to check `evaluateWindow` against: a clerk with a ledger, who
 * lives through the moments one by one, remembers what he has declared, and knows nothing of what is still to come.
 * Counting is by trying every chain of visits, not by a greedy pass. Slow on purpose.
 */
export function replayWindow(
  window: WindowFacts,
  visits: readonly Visit[],
  attempt: DecisionAttempt | null,
  now: Date,
): OracleAnswer {
  const started = window.startsAt.getTime()
  const ended = window.endsAt.getTime()
  const over = window.graceEndsAt.getTime()
  const end = now.getTime()

  const moments = new Set([started, ended, over, end, ...visits.map((visit) => visit.receivedAt.getTime())])
  if (attempt) moments.add(attempt.at.getTime())

  let state: WindowState = 'pending'
  let decision: Decision | null = null
  let receivedInTime: Visit[] = []
  let ledger: Visit[] = []

  for (const moment of [...moments].filter((each) => each <= end).toSorted((one, other) => one - other)) {
    // First the clock: at the very instant a span ends, it has ended.
    if (state === 'pending' && moment >= started) state = 'open'
    if (state === 'open' && moment >= ended) state = 'grace'
    if (state === 'grace' && moment >= over) state = 'missed'

    // Then the post.
    const arrived = visits.filter(
      (visit) =>
        visit.receivedAt.getTime() === moment &&
        visit.checkedInAt.getTime() >= started &&
        visit.checkedInAt.getTime() < over,
    )
    ledger = [...ledger, ...arrived]
    if (moment < over) receivedInTime = [...ledger]
    if (arrived.length > 0 && longestChain(ledger) >= window.requiredCount) {
      if (state === 'pending' || state === 'open' || state === 'grace') state = 'fulfilled'
      if (state === 'missed' || state === 'unexcused') state = 'corrected'
    }

    // Last the person.
    if (attempt && attempt.at.getTime() === moment && mayDecide(state, attempt.decision)) {
      state = attempt.decision
      decision = attempt.decision
    }
  }

  const judged = state === 'fulfilled' ? receivedInTime : ledger
  const settled = state === 'fulfilled' || state === 'corrected'
  return {
    state,
    decision,
    doneCount: Math.min(longestChain(judged), window.requiredCount),
    nextChangeAt:
      state === 'pending'
        ? window.startsAt
        : state === 'open'
          ? window.endsAt
          : state === 'grace'
            ? window.graceEndsAt
            : null,
    checkInId: settled ? firstToComplete(judged, window.requiredCount) : null,
  }
}

function mayDecide(state: WindowState, decision: Decision): boolean {
  if (state === 'missed') return true
  return decision === 'excused' && (state === 'pending' || state === 'open' || state === 'grace')
}

/** Chain lengths by dynamic programming over all pairs: the most visits, each ten minutes or more after the one before. */
function chains(visits: readonly Visit[]): { visit: Visit; length: number }[] {
  const found: { visit: Visit; length: number }[] = []
  for (const visit of visits.toSorted(
    (one, other) => one.checkedInAt.getTime() - other.checkedInAt.getTime(),
  )) {
    const before = found.filter(
      (each) => visit.checkedInAt.getTime() - each.visit.checkedInAt.getTime() >= 600_000,
    )
    found.push({ visit, length: 1 + Math.max(0, ...before.map((each) => each.length)) })
  }
  return found
}

function longestChain(visits: readonly Visit[]): number {
  return Math.max(0, ...chains(visits).map((each) => each.length))
}

/** Of the visits that end a chain long enough, the first in time, then by id. */
function firstToComplete(visits: readonly Visit[], requiredCount: number): string | null {
  let first: Visit | null = null
  for (const { visit, length } of chains(visits)) {
    if (length < requiredCount) continue
    if (
      first === null ||
      visit.checkedInAt < first.checkedInAt ||
      (visit.checkedInAt.getTime() === first.checkedInAt.getTime() && visit.id < first.id)
    ) {
      first = visit
    }
  }
  return first?.id ?? null
}
