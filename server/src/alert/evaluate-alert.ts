import type { AlertState } from '@patrol/contract'
import { offDelaySeconds, type AlertKind } from './alert-kinds.ts'

/** `pending` is known to the database only. */
export type StoredState = AlertState | 'pending'

/** What is on record of an alert; instants in ms. The state follows from these and the time. */
export interface AlertFacts {
  kind: Pick<AlertKind, 'nature' | 'holdSeconds'>
  priority: number
  state: StoredState
  beginsAt: number
  begunAt: number | null
  askedAt: number | null
  asks: number
  causeAt: number
  causeGoneAt: number | null
  acknowledgedAt: number | null
  shelvedUntil: number | null
  outOfServiceAt: number | null
  suppressedUntil: number | null
  closedAt: number | null
  escalation: number
  /** False for a row that another row of the same precinct stands for: that one calls for help. */
  escalates: boolean
}

export interface AlertMoment {
  state: StoredState
  begunAt: number | null
  askedAt: number | null
  asks: number
  closedAt: number | null
  escalation: number
  /** When time alone moves it on; null when it does not. */
  nextChangeAt: number | null
}

/** A P1 that nobody acknowledges: the duty officer is told after the first, the supervisor after the second. */
export const escalateAfterMs = [60_000, 180_000] as const

/**
 * The one place where an alert's state is decided: UNACK → ACK → CLOSED, UNACK → RTN_UNACK → CLOSED, SHELVED, SUPPRESSED,
 * OUT_OF_SERVICE. Depends on facts and time alone, so a sweep that runs twice, late, or on two workers changes nothing more.
 */
export function evaluateAlert(facts: AlertFacts, now: number): AlertMoment {
  const { state, until } = evaluateState(facts, now)
  const asksNow = state === 'unack'
  const begins = asksNow && facts.state !== 'unack' && facts.state !== 'rtn-unack'
  const askedAt = begins ? now : facts.askedAt
  const ladder = climb({ ...facts, state, askedAt, level: begins ? 0 : facts.escalation }, now)
  return {
    state,
    begunAt: facts.begunAt ?? (asksNow ? now : null),
    askedAt,
    asks: begins ? facts.asks + 1 : facts.asks,
    closedAt: facts.closedAt ?? (state === 'closed' ? now : null),
    escalation: ladder.level,
    nextChangeAt: earliest(until, ladder.until),
  }
}

/** A state, and until when it holds by itself. */
interface Spell {
  state: StoredState
  until: number | null
}

function evaluateState(facts: AlertFacts, now: number): Spell {
  if (facts.closedAt !== null) return { state: 'closed', until: null }
  if (facts.outOfServiceAt !== null) return { state: 'out-of-service', until: null }
  if (facts.suppressedUntil !== null && now < facts.suppressedUntil)
    return suppress(facts, facts.suppressedUntil, now)
  if (facts.shelvedUntil !== null && now < facts.shelvedUntil) {
    return { state: 'shelved', until: facts.shelvedUntil }
  }
  // Gone before anybody was shown it: it never was.
  if (facts.begunAt === null && facts.causeGoneAt !== null) return { state: 'closed', until: null }
  if (facts.begunAt === null && now < facts.beginsAt) return { state: 'pending', until: facts.beginsAt }
  return facts.kind.nature === 'event' ? evaluateEvent(facts, now) : evaluateCondition(facts, now)
}

/** A shelf is a person's and keeps its time; a plan need not list what is over. */
function suppress(facts: AlertFacts, suppressedUntil: number, now: number): Spell {
  const overAt = overAtOf(facts)
  if (overAt !== null && now >= overAt) return { state: 'closed', until: null }
  return { state: 'suppressed', until: earliest(suppressedUntil, overAt) }
}

/** What has happened stands until it is answered, and for a while after. */
function evaluateEvent(facts: AlertFacts, now: number): Spell {
  if (!isAnswered(facts)) return { state: 'unack', until: null }
  if (facts.kind.holdSeconds === null) return { state: 'ack', until: null }
  const until = Math.max(facts.acknowledgedAt ?? 0, facts.causeAt) + facts.kind.holdSeconds * 1_000
  return now < until ? { state: 'ack', until } : { state: 'closed', until: null }
}

function evaluateCondition(facts: AlertFacts, now: number): Spell {
  const overAt = overAtOf(facts)
  const isOver = overAt !== null && now >= overAt
  if (isOver && wasQuiet(facts)) return { state: 'closed', until: null }
  if (isAnswered(facts)) return isOver ? { state: 'closed', until: null } : { state: 'ack', until: overAt }
  return isOver ? { state: 'rtn-unack', until: null } : { state: 'unack', until: overAt }
}

function overAtOf({ causeGoneAt }: AlertFacts): number | null {
  return causeGoneAt === null ? null : causeGoneAt + offDelaySeconds * 1_000
}

/** An answer from before the shelf or the plan is none to what stands when they end. */
function isAnswered({ acknowledgedAt, shelvedUntil, suppressedUntil }: AlertFacts): boolean {
  return acknowledgedAt !== null && acknowledgedAt > Math.max(shelvedUntil ?? 0, suppressedUntil ?? 0)
}

/** Has it been quiet, by a person's decision, until it was over? Then nobody needs to be told that it is. */
function wasQuiet({ state }: AlertFacts): boolean {
  return state === 'shelved' || state === 'suppressed' || state === 'out-of-service'
}

/** How far the ladder has been climbed, and when its next step is due. */
export function climb(
  row: { priority: number; escalates: boolean; state: StoredState; askedAt: number | null; level: number },
  now: number,
): { level: number; until: number | null } {
  const { askedAt, level } = row
  if (row.priority !== 1 || row.state !== 'unack' || askedAt === null || !row.escalates)
    return { level, until: null }
  const reached = Math.max(level, escalateAfterMs.filter((ms) => now - askedAt >= ms).length)
  const next = escalateAfterMs[reached]
  return { level: reached, until: next === undefined ? null : askedAt + next }
}

function earliest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b
  return Math.min(a, b)
}
