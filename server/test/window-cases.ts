import fc from 'fast-check'
import type { Visit, WindowFacts } from '../src/window/evaluate-window.ts'
import type { DecisionAttempt } from './window-oracle.ts'

export interface WindowCase {
  window: WindowFacts
  /** In the order in which they happen to be handed over. */
  visits: Visit[]
  attempt: DecisionAttempt | null
  now: Date
}

const START = Date.parse('2026-11-23T14:00:00Z')
const MINUTE = 60_000

/** A point in time relative to the window, in milliseconds: half of them on, just before or just after an edge. */
function momentNear(edges: number[], from: number, to: number) {
  const edge = fc.tuple(fc.constantFrom(...edges), fc.constantFrom(-1, 0, 1)).map(([at, shift]) => at + shift)
  return fc.oneof(edge, fc.integer({ min: from, max: to }))
}

/** Random plans with random check-ins, some on time, some uploaded late, in random order, looked at at a random time. */
export const windowCase: fc.Arbitrary<WindowCase> = fc
  .record({
    minutes: fc.integer({ min: 1, max: 120 }),
    graceMinutes: fc.constantFrom(0, 1, 10, 30),
    requiredCount: fc.integer({ min: 1, max: 4 }),
  })
  .chain(({ minutes, graceMinutes, requiredCount }) => {
    const end = minutes * MINUTE
    const over = end + graceMinutes * MINUTE
    const last = over + 40 * MINUTE
    // Steps of ten minutes hit the gap between two visits of one point exactly, or miss it by a millisecond.
    const steps = Array.from({ length: 12 }, (_, step) => step * 10 * MINUTE).filter((at) => at < over)
    const visit = fc
      .record({
        at: momentNear([0, end, over, ...steps], -30 * MINUTE, last),
        delay: fc.oneof(
          fc.constant(0),
          fc.integer({ min: 1, max: 5_000 }),
          fc.integer({ min: 1, max: last }),
        ),
        receivedNearEdge: fc.option(momentNear([over], over - MINUTE, over + MINUTE)),
      })
      .map(({ at, delay, receivedNearEdge }) => ({
        at,
        receivedAt: Math.max(at, receivedNearEdge ?? at + delay),
      }))
    return fc.record({
      window: fc.constant({
        startsAt: new Date(START),
        endsAt: new Date(START + end),
        graceEndsAt: new Date(START + over),
        requiredCount,
      }),
      visits: fc
        .array(visit, { maxLength: 9 })
        .chain((made) => fc.shuffledSubarray(made.map(named), { minLength: made.length })),
      attempt: fc.option(
        fc.record({
          decision: fc.constantFrom('made-up' as const, 'excused' as const, 'unexcused' as const),
          at: momentNear([0, end, over], -30 * MINUTE, last + 60 * MINUTE).map((at) => new Date(START + at)),
        }),
      ),
      now: momentNear([0, end, over], -30 * MINUTE, 2 * last).map((at) => new Date(START + at)),
    })
  })

/** Ids are shuffled against time (7 is prime to 10), so that no order by id is by chance the order in time. */
function named({ at, receivedAt }: { at: number; receivedAt: number }, index: number): Visit {
  return {
    id: `visit-${(index * 7) % 10}`,
    checkedInAt: new Date(START + at),
    receivedAt: new Date(START + receivedAt),
  }
}
