import { realAt } from '../route/typed-array.ts'

export const HOURS_OF_WEEK = 168
const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
// 1 January 1970 was a Thursday; bins start on Monday, as the duty roster does.
const THURSDAY = 3

/** Bin 0–167 (Monday 00:00 first) of a wall-clock instant given as milliseconds since 1970 in local time. */
export function findHourOfWeek(localMilliseconds: number): number {
  const day = Math.floor(localMilliseconds / DAY_MS)
  const weekday = (((day + THURSDAY) % 7) + 7) % 7
  return weekday * 24 + Math.floor((localMilliseconds - day * DAY_MS) / HOUR_MS)
}

/**
 * Shares of the week of one cell, shrunk to its precinct's profile where its own cases are few.
 *
 * Posterior mean of a Dirichlet–multinomial whose prior is the precinct's profile worth `priorCases` cases:
 * (n_h + k π_h) / (N + k). A cell without cases has the precinct's profile; one with many, its own.
 *
 * @param counts 168 counts of the cell
 * @param precinct 168 shares summing to 1, from `shareOut`
 * @returns 168 shares summing to 1
 */
export function shrinkProfile(
  counts: Float64Array,
  precinct: Float64Array,
  priorCases: number,
): Float64Array {
  const cases = counts.reduce((sum, count) => sum + count, 0)
  return counts.map((count, hour) => (count + priorCases * realAt(precinct, hour)) / (cases + priorCases))
}

/**
 * Shares of the week from counts. Each hour borrows from the hours beside it, around the week's end too (1-2-1), and
 * starts from one case spread over the week: a precinct's 168 bins are themselves thin in a quiet category.
 */
export function shareOut(counts: Float64Array): Float64Array {
  const at = (hour: number): number => realAt(counts, (hour + counts.length) % counts.length)
  const smooth = counts.map(
    (count, hour) => (at(hour - 1) + 2 * count + at(hour + 1)) / 4 + 1 / counts.length,
  )
  const total = smooth.reduce((sum, share) => sum + share, 0)
  return smooth.map((share) => share / total)
}

/**
 * How many cases the precinct's profile is worth, from the cells themselves: the candidate under which each cell's
 * cases are best foretold (largest Dirichlet–multinomial likelihood; Minka 2000). Large when all cells keep the same
 * hours, small when each has its own.
 */
export function choosePriorCases(cells: readonly Float64Array[], precinct: Float64Array): number {
  const candidates = [5, 10, 20, 40, 80, 160, 320, 640]
  const scores = candidates.map((k) =>
    cells.reduce((sum, counts) => sum + scoreCounts(counts, precinct, k), 0),
  )
  return candidates[scores.indexOf(Math.max(...scores))] ?? 40
}

/** Log-likelihood of one cell's counts, as sums of logs: counts are small whole numbers. */
function scoreCounts(counts: Float64Array, precinct: Float64Array, priorCases: number): number {
  let score = 0
  let cases = 0
  counts.forEach((count, hour) => {
    for (let i = 0; i < count; i++) score += Math.log(priorCases * realAt(precinct, hour) + i)
    cases += count
  })
  for (let i = 0; i < cases; i++) score -= Math.log(priorCases + i)
  return score
}
