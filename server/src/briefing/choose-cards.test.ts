import { expect, test } from 'vitest'
import { chooseCards, type Candidate } from './choose-cards.ts'

const now = new Date('2026-11-27T14:00:00Z')
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000)

let id = 0
const incident = (values: Partial<Candidate> = {}): Candidate => ({
  kind: 'incident',
  refId: ++id,
  priority: 2,
  title: '住宅竊盜',
  body: null,
  at: hoursAgo(48),
  distanceMeters: 100,
  bearingDegrees: 0,
  open: false,
  reach: null,
  lastAnswer: null,
  hotline: false,
  deniedBy: 0,
  shownBefore: false,
  ...values,
})
const notice = (values: Partial<Candidate> = {}): Candidate =>
  incident({ kind: 'notice', reach: 'city', distanceMeters: null, bearingDegrees: null, ...values })
const chosen = (candidates: readonly Candidate[]) =>
  chooseCards(candidates, now).map(({ card }) => card.refId)

test('at most three cards, best first', () => {
  const cards = [1, 2, 3, 4, 5].map((day) => incident({ title: `案類 ${day}`, at: hoursAgo(24 * day) }))
  expect(chosen(cards.toReversed())).toEqual(cards.slice(0, 3).map(({ refId }) => refId))
})

test('nearer, newer, more urgent, at the same hour of the day: each alone comes first', () => {
  const plain = { title: '甲', distanceMeters: 200, at: hoursAgo(24 * 5 + 8) }
  for (const better of [
    { distanceMeters: 20 },
    { at: hoursAgo(32) },
    { priority: 1 },
    { at: hoursAgo(24 * 5) },
  ]) {
    const base = incident(plain)
    const best = incident({ ...plain, title: '乙', ...better })
    expect(chosen([base, best]), JSON.stringify(better)).toEqual([best.refId, base.refId])
  }
})

test('incidents of one category are one card, which says how many there were and whether at this hour', () => {
  const thefts = [24, 48, 72].map((hours) => incident({ at: hoursAgo(hours) }))
  const [theft] = chooseCards([...thefts, incident({ title: '噪音', at: hoursAgo(5) })], now)
  expect(theft?.card).toMatchObject({ title: '住宅竊盜', similarCount: 3, sameHours: true })
  expect(chooseCards(thefts, now)).toHaveLength(1)
})

test('23:00 and 01:00 are the same hours', () => {
  const midnight = new Date('2026-11-27T16:30:00Z')
  const both = ['2026-11-25T14:45:00Z', '2026-11-26T18:15:00Z'].map((at) => incident({ at: new Date(at) }))
  const [scored] = chooseCards(both, midnight)
  expect(scored?.card.sameHours).toBe(true)
})

test('what lies farther than 300 m, or is not worth a glance, is no card', () => {
  expect(chosen([incident({ distanceMeters: 301 })])).toEqual([])
  expect(chosen([incident({ hotline: true, priority: 3, at: hoursAgo(24 * 20 + 6) })])).toEqual([])
})

test('a notice for this very point comes before one for the city; an urgent one before all', () => {
  const [city, point, urgent] = [
    notice(),
    notice({ reach: 'point' }),
    notice({ reach: 'point', priority: 1 }),
  ]
  expect(chosen([city, point, urgent])).toEqual([urgent.refId, point.refId, city.refId])
})

test('what a colleague has handled, or two deny, or the officer has just seen, steps back', () => {
  for (const answered of [
    { lastAnswer: { answer: 'handled' as const, at: now.toISOString() } },
    { deniedBy: 2 },
    { shownBefore: true },
  ]) {
    const [old, fresh] = [incident({ title: '甲', ...answered }), incident({ title: '乙' })]
    expect(chosen([old, fresh])[0], JSON.stringify(answered)).toBe(fresh.refId)
  }
})
