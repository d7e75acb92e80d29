/** One authentic tap of a tag, as stored. */
export interface TagTap {
  checkInId: string
  counter: number
  /** Claimed time of the check-in; null when none was claimed. */
  claimedAt: Date | null
  /**
   * False for a tap whose time was itself found wrong: its counter is spent, but it says nothing about others' times.
   * Otherwise one harvested tap would cast doubt on every honest one after it.
   */
  timeTrusted: boolean
  /**
   * The tap's own time is measured by a clock of ours. Then one with a lower counter and a later time is at fault, not this
   * one: a URL can be harvested and sent later, but never before the tag has made it.
   */
  clockProven?: boolean
}

export interface CounterVerdict {
  /** `late-counter` is a note, `counter-jump` and `counter-time-order` are flags, `counter-reused` rejects. */
  reasons: CounterReason[]
  /** Taps whose trusted time cannot be true together with this one's: evidence for the reviewer. */
  conflictsWith: string[]
  /** Those among them that this one's proven time shows to be harvested: they must be judged again. */
  betrays: string[]
}

export type CounterReason = 'counter-reused' | 'late-counter' | 'counter-jump' | 'counter-time-order'

export interface CounterRules {
  /** Unused counter values above the highest that are still normal. Passers-by tap too: every read counts one up. */
  jumpAllowance: number
  /** How far two phones' clocks may disagree about the order of taps. */
  orderToleranceSeconds: number
}

// 120 s: ARCHITECTURE §3. 100 reads between two visits: a box in a night market meets dozens of curious phones.
export const COUNTER_RULES: CounterRules = { jumpAllowance: 100, orderToleranceSeconds: 120 }

/**
 * Judges one authentic tap against others of the same tag. Depends on the set only, not on the order of upload, except
 * that a late counter is by its nature the one that came later. The whole history is not needed: the tap of the same
 * counter, the next lower and next higher, the latest trusted time below and the earliest trusted time above decide.
 * A repeat of the same check-in is not a reuse.
 */
export function judgeSunCounter(
  tap: TagTap,
  others: readonly TagTap[],
  rules: CounterRules = COUNTER_RULES,
): CounterVerdict {
  const rest = others.filter((other) => other.checkInId !== tap.checkInId)
  const reused = rest.filter((other) => other.counter === tap.counter)
  if (reused.length > 0) {
    return { reasons: ['counter-reused'], conflictsWith: reused.map((other) => other.checkInId), betrays: [] }
  }

  const reasons: CounterReason[] = []
  const highest = rest.reduce((most, other) => Math.max(most, other.counter), -1)
  if (highest > tap.counter) reasons.push('late-counter')
  if (highest >= 0 && tap.counter - highest - 1 > rules.jumpAllowance) reasons.push('counter-jump')

  const toleranceMs = rules.orderToleranceSeconds * 1000
  const conflicts = rest.filter((other) => contradicts(tap, other, toleranceMs))
  const betrayed = conflicts.filter((other) => tap.clockProven === true && other.counter < tap.counter)
  if (conflicts.length > betrayed.length) reasons.push('counter-time-order')
  return { reasons, conflictsWith: conflicts.map(idOf), betrays: betrayed.map(idOf) }
}

const idOf = (tap: TagTap) => tap.checkInId

function contradicts(tap: TagTap, other: TagTap, toleranceMs: number): boolean {
  if (!other.timeTrusted || !tap.claimedAt || !other.claimedAt) return false
  const aheadMs = other.claimedAt.getTime() - tap.claimedAt.getTime()
  return other.counter < tap.counter ? aheadMs > toleranceMs : -aheadMs > toleranceMs
}
