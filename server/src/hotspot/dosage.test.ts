import { expect, test } from 'vitest'
import { compareChange } from './compare-periods.ts'
import { countDoses, findVisits } from './find-visits.ts'

const minute = 60_000
const track = (unitId: number, from: number, to: number, inside = true) =>
  Array.from({ length: to - from + 1 }, (_, at) => ({ unitId, atMs: (from + at) * minute, inside }))

test('a visit is unbroken presence: leaving or silence ends it', () => {
  const crumbs = [...track(1, 0, 12), ...track(1, 13, 14, false), ...track(1, 15, 17), ...track(1, 30, 41)]
  const visits = findVisits(crumbs, [])
  expect(visits.map(({ arrivedMs, leftMs }) => [arrivedMs / minute, leftMs / minute])).toEqual([
    [0, 12],
    [15, 17],
    [30, 41],
  ])
})

test('a check-in joins the visit it falls into, and is one of no length where the track is silent', () => {
  const visits = findVisits(track(1, 0, 5), [
    { unitId: 1, atMs: 6 * minute },
    { unitId: 2, atMs: 3 * minute },
  ])
  expect(visits).toEqual([
    { unitId: 1, arrivedMs: 0, leftMs: 6 * minute, checkIns: 1 },
    { unitId: 2, arrivedMs: 3 * minute, leftMs: 3 * minute, checkIns: 1 },
  ])
})

test('a dose lasts ten minutes, and the next one counts two hours later', () => {
  const visit = (from: number, to: number) => ({ arrivedMs: from * minute, leftMs: to * minute })
  expect(countDoses([visit(0, 9)])).toBe(0)
  expect(countDoses([visit(0, 12), visit(60, 75), visit(140, 152)])).toBe(2)
})

test('a change is told against the surroundings, with an interval that widens as cases get few', () => {
  const many = compareChange({ before: 200, after: 100 }, { before: 1_000, after: 1_000 })
  expect(many.ratio).toBeCloseTo(0.5, 2)
  expect(many.interval95[1]).toBeLessThan(1)
  const few = compareChange({ before: 4, after: 2 }, { before: 1_000, after: 1_000 })
  expect(few.interval95[0]).toBeLessThan(0.3)
  expect(few.interval95[1]).toBeGreaterThan(1)
  const around = compareChange({ before: 200, after: 100 }, { before: 1_000, after: 500 })
  expect(around.ratio).toBeCloseTo(1, 2)
})
