import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { CaseInputError } from './cases.ts'
import { runGiCases } from './gistar.ts'

const folder = mkdtempSync(join(tmpdir(), 'gistar-'))
afterAll(() => rmSync(folder, { recursive: true }))

const published = join(import.meta.dirname, '../../../../../shared/bench/gistar')

function run(content: object) {
  const file = join(folder, 'case.json')
  writeFileSync(file, JSON.stringify(content))
  return [...runGiCases(file)]
}

// Three in a row: the middle one has both others as neighbours. By hand for y = 1, 2, 6 with the point itself:
// mean 3, s² = 14/3; z of the first is (3 - 6) / √(14/3 · (3·2 - 4) / 2) = -3 / √(14/3).
const ROW = {
  y: [1, 2, 6],
  points: [
    [0, 0],
    [10, 0],
    [20, 0],
  ],
  threshold: 12,
}
const FIRST = -3 / Math.sqrt(14 / 3)

it('answers a case per statistic, from listed neighbours or from the distance', () => {
  const cases = [
    { name: 'star', star: true, transform: 'B', z: [FIRST, 0, (-2 * FIRST) / 3] },
    { name: 'wrong', star: true, transform: 'B', z: [FIRST + 1e-5, 0, (-2 * FIRST) / 3] },
    { name: 'open', star: false, transform: 'R' },
  ]
  const near = run({ ...ROW, cases })
  expect(near.map(({ id }) => id)).toEqual(['case:star', 'case:wrong', 'case:open'])
  expect(near.map(({ pass }) => pass)).toEqual([true, false, null])
  expect(run({ ...ROW, neighbours: [[1], [0, 2], [1]], cases })).toEqual(near)
})

it('refuses a file of another shape with its field', () => {
  expect(() => run({ cells: ['zz'], counts: [1], k: 1 })).toThrow(CaseInputError)
  expect(() => run({ ...ROW, y: [1, 'x', 2], cases: [] })).toThrow('"y" is no list of numbers')
  expect(() => run({ other: 1 })).toThrow('neither "cells" nor "cases"')
})

it.skipIf(!existsSync(published))('equals the published z values (skipped where ../shared is absent)', () => {
  const results = [...runGiCases(published)]
  expect(results.length).toBeGreaterThanOrEqual(4)
  expect(results.filter(({ pass }) => pass !== true)).toEqual([])
})
