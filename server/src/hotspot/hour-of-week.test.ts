import { expect, it } from 'vitest'
import { choosePriorCases, findHourOfWeek, HOURS_OF_WEEK, shareOut, shrinkProfile } from './hour-of-week.ts'

const sum = (values: Float64Array): number => values.reduce((a, b) => a + b, 0)
const single = (hour: number, cases: number): Float64Array =>
  Float64Array.from({ length: HOURS_OF_WEEK }, (_, at) => (at === hour ? cases : 0))

it('bins start on Monday at midnight, before 1970 too', () => {
  expect(findHourOfWeek(Date.UTC(2026, 0, 5))).toBe(0)
  expect(findHourOfWeek(Date.UTC(2026, 0, 4, 23, 59))).toBe(167)
  expect(findHourOfWeek(Date.UTC(1969, 11, 29, 1))).toBe(1)
})

it('a cell without cases has its precinct profile, one with many its own', () => {
  const precinct = shareOut(single(20, 50))
  const empty = shrinkProfile(new Float64Array(HOURS_OF_WEEK), precinct, 40)
  empty.forEach((share, hour) => expect(share).toBeCloseTo(precinct[hour] ?? 0, 12))
  expect(shrinkProfile(single(3, 4000), precinct, 40)[3]).toBeGreaterThan(0.98)
  expect(sum(shrinkProfile(single(3, 7), precinct, 40))).toBeCloseTo(1, 12)
})

it('hours borrow from the hours beside them across the end of the week', () => {
  const shares = shareOut(single(0, 100))
  expect(shares[167]).toBe(shares[1])
  expect(shares[167]).toBeGreaterThan(0.2)
  expect(shares[80]).toBeGreaterThan(0)
  expect(sum(shares)).toBeCloseTo(1, 12)
})

it('cells that keep the same hours are shrunk harder than cells that each have their own', () => {
  const pooled = new Float64Array(HOURS_OF_WEEK)
  const own = Array.from({ length: 24 }, (_, cell) => single((cell * 7) % HOURS_OF_WEEK, 20))
  for (const counts of own) counts.forEach((count, hour) => (pooled[hour] = (pooled[hour] ?? 0) + count))
  const precinct = shareOut(pooled)
  const alike = Array.from({ length: 24 }, () => pooled.map((count) => Math.round(count / 20)))
  expect(choosePriorCases(alike, precinct)).toBeGreaterThan(choosePriorCases(own, precinct))
})
