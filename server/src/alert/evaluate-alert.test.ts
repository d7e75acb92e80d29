import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { evaluateAlert, type AlertFacts, type AlertMoment } from './evaluate-alert.ts'

const second = 1_000
const minute = 60 * second

const fresh = (given: Partial<AlertFacts> = {}): AlertFacts => ({
  kind: { nature: 'condition', holdSeconds: null },
  priority: 2,
  state: 'pending',
  beginsAt: minute,
  begunAt: null,
  askedAt: null,
  asks: 0,
  causeAt: 0,
  causeGoneAt: null,
  acknowledgedAt: null,
  shelvedUntil: null,
  outOfServiceAt: null,
  suppressedUntil: null,
  closedAt: null,
  escalation: 0,
  escalates: true,
  ...given,
})

const at = (facts: AlertFacts, now: number): AlertFacts & AlertMoment => ({
  ...facts,
  ...evaluateAlert(facts, now),
})

describe('the life of an alert', () => {
  test('a condition begins after the on-delay, and one that goes before it never was', () => {
    expect(evaluateAlert(fresh(), minute - 1)).toMatchObject({ state: 'pending', nextChangeAt: minute })
    expect(evaluateAlert(fresh(), minute)).toMatchObject({ state: 'unack', askedAt: minute, asks: 1 })
    expect(evaluateAlert(fresh({ causeGoneAt: 30 * second }), 31 * second).state).toBe('closed')
  })

  test('answered first it closes when the cause goes; gone first it still asks for a look', () => {
    const asked = at(fresh(), minute)
    const answered = at({ ...asked, acknowledgedAt: 2 * minute }, 2 * minute)
    expect(answered.state).toBe('ack')
    expect(at({ ...answered, causeGoneAt: 3 * minute }, 4 * minute).state).toBe('ack')
    expect(at({ ...answered, causeGoneAt: 3 * minute }, 5 * minute).state).toBe('closed')
    const returned = at({ ...asked, causeGoneAt: 3 * minute }, 5 * minute)
    expect(returned.state).toBe('rtn-unack')
    expect(at({ ...returned, acknowledgedAt: 6 * minute }, 6 * minute).state).toBe('closed')
  })

  test('an event stands until it is answered, and for half an hour after the answer', () => {
    const event = { kind: { nature: 'event', holdSeconds: 1_800 }, beginsAt: 0 } as const
    const asked = at(fresh(event), 0)
    expect(at(asked, 86_400 * second).state).toBe('unack')
    const answered = at({ ...asked, acknowledgedAt: minute }, minute)
    expect(at(answered, 30 * minute).state).toBe('ack')
    expect(at(answered, 31 * minute).state).toBe('closed')
    const sos = { ...answered, kind: { nature: 'event', holdSeconds: null } as const }
    expect(at(sos, 86_400 * second).state).toBe('ack')
  })

  test('an urgent one climbs the ladder while nobody answers, and never without need', () => {
    const urgent = at(fresh({ priority: 1, beginsAt: 0 }), 0)
    expect(urgent).toMatchObject({ escalation: 0, nextChangeAt: minute })
    const duty = at(urgent, minute)
    expect(duty).toMatchObject({ escalation: 1, nextChangeAt: 3 * minute })
    expect(at(duty, 3 * minute)).toMatchObject({ escalation: 2, nextChangeAt: null })
    expect(at(urgent, 10 * minute).escalation).toBe(2)
    expect(at({ ...urgent, acknowledgedAt: 59 * second }, minute).escalation).toBe(0)
    expect(at({ ...urgent, escalates: false }, 10 * minute).escalation).toBe(0)
  })
})

type Step =
  | { do: 'cause' | 'gone' | 'acknowledge' | 'out-of-service' | 'return' | 'plan-ends'; after: number }
  | { do: 'shelve' | 'plan'; after: number; for: number }
const after = fc.integer({ min: 1, max: 400 }).map((seconds) => seconds * second)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constantFrom('cause', 'gone', 'acknowledge', 'out-of-service', 'return', 'plan-ends'),
    after,
  }),
  fc.record({ do: fc.constantFrom('shelve', 'plan'), after, for: after }),
)

/** What the doors write, and nothing else: the state is the function's alone. */
function take(facts: AlertFacts, given: Step, now: number): AlertFacts {
  switch (given.do) {
    case 'cause':
      return { ...facts, causeGoneAt: null, causeAt: now }
    case 'gone':
      return { ...facts, causeGoneAt: facts.causeGoneAt ?? now }
    case 'acknowledge':
      return facts.state === 'unack' || facts.state === 'rtn-unack'
        ? { ...facts, acknowledgedAt: now }
        : facts
    case 'out-of-service':
      return { ...facts, outOfServiceAt: now, acknowledgedAt: null }
    case 'return':
      return { ...facts, outOfServiceAt: null }
    case 'shelve':
      return { ...facts, shelvedUntil: now + given.for }
    case 'plan':
      return { ...facts, suppressedUntil: now + given.for }
    case 'plan-ends':
      return { ...facts, suppressedUntil: facts.suppressedUntil === null ? null : now }
  }
}

test('whatever happens: none is lost, none closes while it stands unanswered, and the shelved return', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let now = 0
      let facts = at(fresh(), now)
      for (const given of steps) {
        const until = now + given.after
        // As the sweep does it: at each moment that it was told of, and at the step.
        for (let due = facts.nextChangeAt; due !== null && due <= until; due = facts.nextChangeAt) {
          now = Math.max(now, due)
          const next = at(facts, now)
          expect(next.nextChangeAt === null || next.nextChangeAt > now).toBe(true)
          facts = next
        }
        now = until
        facts = at(take(at(facts, now), given, now), now)
        if (facts.state === 'closed') return
        check(facts, now)
      }
      function check(row: AlertFacts, time: number) {
        // Looking twice changes nothing.
        expect(evaluateAlert(row, time)).toEqual(evaluateAlert({ ...row, ...evaluateAlert(row, time) }, time))
        const isQuiet =
          row.outOfServiceAt !== null ||
          (row.shelvedUntil ?? 0) > time ||
          (row.suppressedUntil ?? 0) > time ||
          time < row.beginsAt
        if (row.shelvedUntil !== null && row.shelvedUntil <= time) expect(row.state).not.toBe('shelved')
        if (row.causeGoneAt === null && !isQuiet) expect(['unack', 'ack']).toContain(row.state)
        if (row.state === 'ack') expect(row.acknowledgedAt).not.toBeNull()
        if (row.state === 'unack') expect(row.askedAt).not.toBeNull()
      }
    }),
    { numRuns: 2_000 },
  )
})

test('a condition that flickers faster than its delays asks at most once', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 119 }), { minLength: 5, maxLength: 60 }), (pauses) => {
      let now = minute
      let facts = at(fresh(), now)
      for (const [i, pause] of pauses.entries()) {
        now += pause * second
        facts = at({ ...facts, causeGoneAt: i % 2 === 0 ? now : null }, now)
      }
      expect(facts.asks).toBe(1)
    }),
  )
})
