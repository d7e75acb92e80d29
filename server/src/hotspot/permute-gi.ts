import { createRandom } from '../route/random.ts'
import { intAt, realAt } from '../route/typed-array.ts'
import type { Adjacency } from './adjacency.ts'

/**
 * Two-sided p-values of Gi* by conditional permutation: the cell keeps its own value and its neighbours are drawn
 * from all other cells without replacement. Needs no normal distribution, which counts of rare events lack.
 * Costs `permutations` × neighbours per cell, so ask for the cells that are shown, not for the city.
 *
 * @param cells indices to test
 * @param permutations 999 gives p-values down to 0.002
 * @returns one p-value per listed cell; the same for the same seed
 */
export function permuteGiStar(
  values: Float64Array,
  adjacency: Adjacency,
  cells: readonly number[],
  { permutations = 999, seed = 1 }: { permutations?: number; seed?: number } = {},
): Float64Array {
  const random = createRandom(seed)
  // Drawing swaps inside this pool; it stays a permutation of all cells, so it is never refilled.
  const pool = Float64Array.from(values.keys())
  const placeInPool = Float64Array.from(values.keys())
  const swap = (a: number, b: number): void => {
    const [first, second] = [realAt(pool, a), realAt(pool, b)]
    pool[a] = second
    pool[b] = first
    placeInPool[second] = a
    placeInPool[first] = b
  }
  const last = values.length - 1
  return Float64Array.from(cells, (cell) => {
    const start = intAt(adjacency.offsets, cell)
    const end = intAt(adjacency.offsets, cell + 1)
    let observed = 0
    for (let at = start; at < end; at++) observed += realAt(values, intAt(adjacency.neighbours, at))
    swap(realAt(placeInPool, cell), last)
    let asHigh = 0
    let asLow = 0
    for (let round = 0; round < permutations; round++) {
      let lag = 0
      for (let drawn = 0; drawn < end - start; drawn++) {
        swap(drawn, drawn + random.below(last - drawn))
        lag += realAt(values, realAt(pool, drawn))
      }
      if (lag >= observed) asHigh++
      if (lag <= observed) asLow++
    }
    return Math.min(1, (2 * (Math.min(asHigh, asLow) + 1)) / (permutations + 1))
  })
}
