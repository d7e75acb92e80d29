import { intAt, realAt } from '../route/typed-array.ts'
import type { Adjacency } from './adjacency.ts'

export type GiOptions = {
  /** Gi* counts the cell itself among its neighbours, Gi does not. */
  star?: boolean
  weights?: 'binary' | 'row-standardised'
}

/**
 * Getis–Ord local statistic of every cell, as a standard normal deviate.
 *
 * Ord and Getis (1995), equations 5 and 7, with x̄ and s over all cells (Gi*) or all but the cell itself (Gi):
 * z = (Σ w x − W x̄) / (s √((n W − W²) / (n − 1))), n being one less for Gi. W stands for the sum of the weights
 * and, as in PySAL's esda, also for the sum of their squares. For binary weights the two are equal; for
 * row-standardised ones (W = 1) the spread is then s itself, so that z is smaller than the binary one.
 * We follow the reference implementation, and use binary weights for every map.
 *
 * @param values one per cell, zero cells included: leaving them out makes hotspots of nothing
 * @returns z per cell; 0 where all values are equal and nothing stands out
 */
export function computeGi(values: Float64Array, adjacency: Adjacency, options: GiOptions = {}): Float64Array {
  const { star = true, weights = 'binary' } = options
  const { offsets, neighbours } = adjacency
  const total = sum(values)
  // Squares of differences from the mean, not of raw values: no cancellation when the counts are large.
  const mean = total / values.length
  const squares = sumSquaresAround(values, mean)
  const z = new Float64Array(values.length)
  for (let cell = 0; cell < values.length; cell++) {
    const start = intAt(offsets, cell)
    const end = intAt(offsets, cell + 1)
    const own = realAt(values, cell)
    const size = end - start + (star ? 1 : 0)
    if (size === 0) continue
    let lag = star ? own : 0
    for (let at = start; at < end; at++) lag += realAt(values, intAt(neighbours, at))
    const population = values.length - (star ? 0 : 1)
    const centre = star ? mean : (total - own) / population
    const variance = star
      ? squares / population
      : (squares - (own - mean) ** 2) / population - (centre - mean) ** 2
    const weightSum = weights === 'binary' ? size : 1
    const spread = Math.sqrt((variance * (population * weightSum - weightSum ** 2)) / (population - 1))
    if (spread > 0) z[cell] = ((weights === 'binary' ? lag : lag / size) - weightSum * centre) / spread
  }
  return z
}

function sum(values: Float64Array): number {
  let total = 0
  for (let at = 0; at < values.length; at++) total += realAt(values, at)
  return total
}

function sumSquaresAround(values: Float64Array, centre: number): number {
  let total = 0
  for (let at = 0; at < values.length; at++) total += (realAt(values, at) - centre) ** 2
  return total
}
