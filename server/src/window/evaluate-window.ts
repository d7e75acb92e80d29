import type { WindowState } from '@patrol/contract'

/** Two reads of the tag within this time are one visit: to be there twice, one has to leave and come back. */
export const MIN_VISIT_GAP_MS = 10 * 60_000

/** The plan: `[startsAt, endsAt)`, then grace in `[endsAt, graceEndsAt)`. */
export interface WindowFacts {
  startsAt: Date
  endsAt: Date
  graceEndsAt: Date
  requiredCount: number
}

/** A check-in that fulfils (not rejected, by a patrol, no check-out). */
export interface Visit {
  id: string
  checkedInAt: Date
  receivedAt: Date
}

/** What a person decided; the database holds it, so it is given, never worked out. */
export type Decision = 'made-up' | 'excused' | 'unexcused'

export interface Evaluation {
  state: WindowState
  /** Visits counted, at most `requiredCount`. */
  doneCount: number
  /** When time alone moves it on; null once settled. */
  nextChangeAt: Date | null
  /** The check-in that completed it. */
  checkInId: string | null
}

/**
 * The one decision of the absence engine: what state a window is in at `now`.
 *
 * A pure function of what is on record. It does not ask when the sweep ran or in which order check-ins came, so running
 * it late, twice or on two machines gives the same answer. A window counts as declared missed from `graceEndsAt` on,
 * whether or not a sweep was there to say so: proof received before that fulfils, proof received later corrects.
 * A check-in may lie in two windows of its point (late for one, in time for the next) and counts in both.
 */
export function evaluateWindow(
  window: WindowFacts,
  visits: readonly Visit[],
  decision: Decision | null,
  now: Date,
): Evaluation {
  const inside = visits.filter(
    ({ checkedInAt }) => checkedInAt >= window.startsAt && checkedInAt < window.graceEndsAt,
  )
  const inTime = countVisits(inside.filter(({ receivedAt }) => receivedAt < window.graceEndsAt))
  // A later arrival never takes the credit from the check-in that had fulfilled the window in time.
  const counted = inTime.length >= window.requiredCount ? inTime : countVisits(inside)
  const doneCount = Math.min(counted.length, window.requiredCount)

  if (decision === 'excused' || decision === 'made-up') {
    return { state: decision, doneCount, nextChangeAt: null, checkInId: null }
  }
  const completing = counted[window.requiredCount - 1]
  if (completing !== undefined) {
    const state = counted === inTime ? 'fulfilled' : 'corrected'
    return { state, doneCount, nextChangeAt: null, checkInId: completing.id }
  }
  if (decision === 'unexcused') return { state: 'unexcused', doneCount, nextChangeAt: null, checkInId: null }
  return { ...evaluateByTime(window, now), doneCount, checkInId: null }
}

/** The visits that count, in time order: each at least `MIN_VISIT_GAP_MS` after the counted one before it. */
function countVisits(visits: readonly Visit[]): Visit[] {
  const counted: Visit[] = []
  for (const visit of visits.toSorted(inTimeOrder)) {
    const last = counted.at(-1)
    if (last === undefined || visit.checkedInAt.getTime() - last.checkedInAt.getTime() >= MIN_VISIT_GAP_MS) {
      counted.push(visit)
    }
  }
  return counted
}

function inTimeOrder(one: Visit, other: Visit): number {
  // Two officers may read a tag in the same millisecond; the id decides, so that it is always the same one.
  return one.checkedInAt.getTime() - other.checkedInAt.getTime() || (one.id < other.id ? -1 : 1)
}

/** The sweep says the same in SQL; `server/test/window.test.ts` holds the two together. */
function evaluateByTime(window: WindowFacts, now: Date): Pick<Evaluation, 'state' | 'nextChangeAt'> {
  if (now < window.startsAt) return { state: 'pending', nextChangeAt: window.startsAt }
  if (now < window.endsAt) return { state: 'open', nextChangeAt: window.endsAt }
  if (now < window.graceEndsAt) return { state: 'grace', nextChangeAt: window.graceEndsAt }
  return { state: 'missed', nextChangeAt: null }
}
