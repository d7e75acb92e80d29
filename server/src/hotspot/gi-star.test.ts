import { gridDisk, latLngToCell } from 'h3-js'
import { describe, expect, it } from 'vitest'
import { buildAdjacency, packNeighbours } from './adjacency.ts'
import { computeGi } from './gi-star.ts'
import { adjustP, computeTwoSidedP, selectSignificant } from './p-values.ts'
import { permuteGiStar } from './permute-gi.ts'

const CELLS = gridDisk(latLngToCell(23, 120.2, 9), 6)

/** The formula written out naively, weights as full rows, to hold the flat-array version against. */
function computeNaively(values: number[], rows: number[][], star: boolean): number[] {
  return values.map((_, i) => {
    const others = values.filter((_, j) => star || j !== i)
    const mean = others.reduce((a, b) => a + b) / others.length
    const s = Math.sqrt(others.reduce((a, b) => a + b * b, 0) / others.length - mean * mean)
    const row = (rows[i] ?? []).map((w, j) => (j === i ? Number(star) : w))
    const w1 = row.reduce((a, b) => a + b)
    const w2 = row.reduce((a, b) => a + b * b)
    const lag = row.reduce((sum, w, j) => sum + w * (values[j] ?? 0), 0)
    return (lag - w1 * mean) / (s * Math.sqrt((others.length * w2 - w1 * w1) / (others.length - 1)))
  })
}

describe('computeGi', () => {
  const lists = [[1, 2], [0, 2, 3], [0, 1], [1, 4], [3]]
  const rows = lists.map((list) => lists.map((_, j) => Number(list.includes(j))))
  const values = [4, 0, 1, 7, 2]

  it.each([true, false])('equals the formula written out, with the cell itself: %s', (star) => {
    const z = computeGi(Float64Array.from(values), packNeighbours(lists), { star })
    computeNaively(values, rows, star).forEach((expected, at) => expect(z[at]).toBeCloseTo(expected, 10))
  })

  it('takes the spread of a row-standardised cell for s, as the reference implementation does', () => {
    const z = computeGi(Float64Array.from(values), packNeighbours(lists), { weights: 'row-standardised' })
    const mean = 2.8
    const s = Math.sqrt((16 + 0 + 1 + 49 + 4) / 5 - mean * mean)
    expect(z[0]).toBeCloseTo(((4 + 0 + 1) / 3 - mean) / s, 10)
  })

  it('says 0 everywhere when all cells are equal', () => {
    const z = computeGi(new Float64Array(CELLS.length).fill(3), buildAdjacency(CELLS, 1))
    expect([...z].every((value) => value === 0)).toBe(true)
  })

  it('clips rings to the study area: a corner cell of the disk has three neighbours', () => {
    const { offsets } = buildAdjacency(CELLS, 1)
    const sizes = CELLS.map((_, at) => (offsets[at + 1] ?? 0) - (offsets[at] ?? 0))
    expect(Math.min(...sizes)).toBe(3)
    expect(Math.max(...sizes)).toBe(6)
  })
})

describe('p-values', () => {
  it('are two-sided and keep their order far out', () => {
    const p = computeTwoSidedP(Float64Array.of(0, 1.959964, -1.959964, 2.575829, 10))
    expect(p[0]).toBeCloseTo(1, 6)
    expect(p[1]).toBeCloseTo(0.05, 6)
    expect(p[2]).toBe(p[1])
    expect(p[3]).toBeCloseTo(0.01, 6)
    expect((p[4] ?? 0) / 1.5239706e-23).toBeCloseTo(1, 5)
  })

  it('pass up to the last rank under the line, even where an earlier rank is above it', () => {
    // Limits at a rate of 0.05 for five tests: 0.01, 0.02, 0.03, 0.04, 0.05.
    const { significant, threshold } = selectSignificant(
      Float64Array.of(0.9, 0.029, 0.025, 0.005, 0.06),
      0.05,
    )
    expect([...significant]).toEqual([0, 1, 1, 1, 0])
    expect(threshold).toBe(0.029)
    expect(selectSignificant(Float64Array.of(0.04, 0.5, 0.6), 0.05).threshold).toBe(0)
  })

  it('adjusted are at most the rate exactly for those that pass', () => {
    const p = Float64Array.from({ length: 200 }, (_, at) => ((at * 37) % 200) ** 2 / 60_000 + 1e-5)
    const { significant } = selectSignificant(p, 0.1)
    expect([...adjustP(p)].map((q) => Number(q <= 0.1))).toEqual([...significant])
    expect(significant.includes(1) && significant.includes(0)).toBe(true)
  })
})

describe('permuteGiStar', () => {
  const adjacency = buildAdjacency(CELLS, 1)
  const values = Float64Array.from(CELLS, (_, at) => (at < 7 ? 30 : (at * 7) % 3))

  it('finds the built-in cluster, and gives the same for the same seed', () => {
    const p = permuteGiStar(values, adjacency, [0, 60], { permutations: 199, seed: 5 })
    expect(p[0]).toBeCloseTo(2 / 200, 10)
    expect(p[1]).toBeGreaterThan(0.05)
    expect(permuteGiStar(values, adjacency, [0, 60], { permutations: 199, seed: 5 })).toEqual(p)
  })

  it('agrees with the normal approximation where values are many and even', () => {
    const even = Float64Array.from(CELLS, (_, at) => (at * 53) % 97)
    const cells = CELLS.keys().take(20).toArray()
    const p = permuteGiStar(even, adjacency, cells, { permutations: 4999, seed: 2 })
    // Conditional permutation fixes the own value, so it is compared with Gi, which leaves it out.
    const normal = computeTwoSidedP(computeGi(even, adjacency, { star: false }))
    for (const at of cells) expect(Math.abs((p[at] ?? 0) - (normal[at] ?? 0))).toBeLessThan(0.06)
  })
})
