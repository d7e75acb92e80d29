import type { StoredState } from './evaluate-alert.ts'

/** A row that a parent stands for. */
export interface Child {
  state: StoredState
  priority: number
  /** How many alerts it is. */
  count: number
  acknowledgedAt: number | null
  acknowledgedBy: number | null
}

export interface ParentFacts {
  acknowledgedAt: number | null
  acknowledgedBy: number | null
}

export interface ParentMoment extends ParentFacts {
  state: StoredState
  /** The most urgent of what it stands for. */
  priority: number
  count: number
  nextChangeAt: number | null
}

/** An answered parent asks again for later children, but no more often than this; for a P1 at once. */
export const asksAgainAfterMs = 600_000

/** A parent has no cause of its own: it is what its children are, so that none of them can be lost behind it. */
export function evaluateParent(parent: ParentFacts, children: readonly Child[], now: number): ParentMoment {
  const standing = children.filter(
    ({ state }) => state === 'unack' || state === 'rtn-unack' || state === 'ack',
  )
  const asking = standing.filter(({ state }) => state !== 'ack')
  const whole = {
    ...parent,
    priority: Math.min(3, ...standing.map(({ priority }) => priority)),
    count: standing.reduce((sum, { count }) => sum + count, 0),
  }
  if (standing.length === 0) return { ...whole, state: 'closed', nextChangeAt: null }
  if (asking.length === 0) return { ...whole, ...lastAnswer(standing), state: 'ack', nextChangeAt: null }

  const isUrgent = asking.some(({ state, priority }) => state === 'unack' && priority === 1)
  const againAt = parent.acknowledgedAt === null ? now : parent.acknowledgedAt + asksAgainAfterMs
  if (!isUrgent && now < againAt) return { ...whole, state: 'ack', nextChangeAt: againAt }
  const state = asking.some((child) => child.state === 'unack') ? 'unack' : 'rtn-unack'
  return { ...whole, acknowledgedAt: null, acknowledgedBy: null, state, nextChangeAt: null }
}

function lastAnswer(children: readonly Child[]): ParentFacts {
  let last: ParentFacts = { acknowledgedAt: null, acknowledgedBy: null }
  for (const { acknowledgedAt, acknowledgedBy } of children) {
    if ((acknowledgedAt ?? -1) > (last.acknowledgedAt ?? -1)) last = { acknowledgedAt, acknowledgedBy }
  }
  return last
}
