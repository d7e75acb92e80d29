import type { Random } from '../random.ts'
import type { NearOrder } from './near-orders.ts'

/** So many draws of rounds for each direction: more than a shift's drawing looks at. */
const DRAWS = 64

/**
 * A round through few points leaves most of a shift empty: then it is driven again, each time in another of the near orders.
 * Rounds of one shift go the same way round, so that a point is seldom visited twice in a row where two of them meet.
 * @param travelOf driving from the start through all points to the end
 * @returns orders that name each point once per round, the cheapest first; with fewer rounds where so many never fit
 */
export function repeatRounds(
  orders: readonly NearOrder[],
  rounds: number,
  {
    travelOf,
    fits,
    random,
  }: {
    travelOf: (points: readonly number[]) => number
    fits: (points: readonly number[]) => boolean
    random: Random
  },
): readonly NearOrder[] {
  if (rounds < 2) return orders
  const repeated = (['forward', 'reverse'] as const).flatMap((direction) => {
    const pool = orders.filter((order) => order.direction === direction)
    return Array.from({ length: pool.length === 0 ? 0 : DRAWS }, (_, draw): NearOrder => {
      // The first draw is the best order every time: that is the fixed line.
      const drawn = Array.from({ length: rounds }, () => pool[draw === 0 ? 0 : random.below(pool.length)])
      const known = drawn.flatMap((order) => order ?? [])
      const points = known.flatMap((order) => order.points)
      const costRatio = known.reduce((sum, order) => sum + order.costRatio, 0) / rounds
      return { points, direction, travel: travelOf(points), costRatio }
    }).filter(({ points }) => fits(points))
  })
  if (repeated.length === 0) return repeatRounds(orders, rounds - 1, { travelOf, fits, random })
  return repeated.sort((a, b) => a.costRatio - b.costRatio)
}
