import { realAt } from '../route/typed-array.ts'

/** Two-sided p-value of each standard normal deviate. */
export function computeTwoSidedP(z: Float64Array): Float64Array {
  return z.map((value) => erfc(Math.abs(value) / Math.SQRT2))
}

/**
 * Which tests stay significant when `rate` of the discoveries may be false (Benjamini and Hochberg 1995).
 * Only p-values up to `rate` can pass, so only these are sorted: on a city's map few of 100,000 cells.
 * @returns 1 per significant test, and the largest p-value that passed (0 when none did)
 */
export function selectSignificant(
  p: Float64Array,
  rate: number,
): { significant: Uint8Array; threshold: number } {
  // Plain loops: a callback per value costs three times the statistic itself.
  const passing = new Float64Array(p.length)
  let count = 0
  for (let at = 0; at < p.length; at++) {
    const value = realAt(p, at)
    if (value <= rate) passing[count++] = value
  }
  const candidates = passing.subarray(0, count).sort()
  let rank = count
  while (rank > 0 && realAt(candidates, rank - 1) > (rank / p.length) * rate) rank--
  const significant = new Uint8Array(p.length)
  if (rank === 0) return { significant, threshold: 0 }
  const threshold = realAt(candidates, rank - 1)
  for (let at = 0; at < p.length; at++) significant[at] = realAt(p, at) <= threshold ? 1 : 0
  return { significant, threshold }
}

/** Benjamini–Hochberg adjusted p-values (q-values): the smallest rate at which each test would pass. */
export function adjustP(p: Float64Array): Float64Array {
  const order = Int32Array.from(p.keys()).sort((a, b) => realAt(p, b) - realAt(p, a))
  const adjusted = new Float64Array(p.length)
  let smallest = 1
  order.forEach((test, fromLargest) => {
    smallest = Math.min(smallest, (realAt(p, test) * p.length) / (p.length - fromLargest))
    adjusted[test] = smallest
  })
  return adjusted
}

/**
 * Complementary error function for x ≥ 0, relative error below 1.2e-7 everywhere, so that tiny p-values keep
 * their order (Numerical Recipes, 2nd ed., §6.2, a Chebyshev fit; the short erf series of Abramowitz and
 * Stegun would turn z above 5 into noise).
 */
function erfc(x: number): number {
  const t = 1 / (1 + 0.5 * x)
  let fit = 0.17087277
  fit = fit * t - 0.82215223
  fit = fit * t + 1.48851587
  fit = fit * t - 1.13520398
  fit = fit * t + 0.27886807
  fit = fit * t - 0.18628806
  fit = fit * t + 0.09678418
  fit = fit * t + 0.37409196
  fit = fit * t + 1.00002368
  return t * Math.exp(-x * x - 1.26551223 + t * fit)
}
