/**
 * Tours where a leg costs differently each way (one-way streets), as tours of twice as many points where it does not: every
 * point becomes an entry and an exit tied together by a free leg, and legs lead from exits to entries only (Jonker &
 * Volgenant, Operations Research Letters 2, 1983). So the symmetric search with all its moves does the work; on the road
 * matrices of shifts it is some thirty times faster than moves on the directed tour, and ends better.
 */
import { FORBIDDEN, legCost, tableMetric, type Metric } from './metric.ts'

export type DoubledMetric = {
  metric: Metric
  /** What each of the tour's legs costs beside its own cost. */
  surcharge: number
}

/** Entry i of the doubled metric is point i, its exit is point i + size. */
export function doublePoints(metric: Metric): DoubledMetric {
  const { size } = metric
  let longest = 1
  let hasForbidden = false
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const cost = legCost(metric, i, j)
      if (cost >= FORBIDDEN) hasForbidden = true
      else if (cost > longest) longest = cost
    }
  }
  // Forbidden legs only have to lose; at their full cost sums would lose the small differences between the others.
  const forbidden = 100 * longest * size
  const surcharge = hasForbidden ? 2 * forbidden : longest
  const never = 4 * (surcharge + (hasForbidden ? forbidden : longest))
  const wide = 2 * size
  const table = new Float64Array(wide * wide).fill(never)
  for (let i = 0; i < size; i++) {
    const exit = i + size
    table[i * wide + i] = 0
    table[exit * wide + exit] = 0
    for (let j = 0; j < size; j++) {
      const leg = Math.min(legCost(metric, i, j), forbidden) + surcharge
      const cost = i === j ? 0 : leg
      table[exit * wide + j] = cost
      table[j * wide + exit] = cost
    }
  }
  return { metric: tableMetric(table), surcharge }
}

/** The points of a doubled tour in the direction that leads from entries to their own exits. */
export function halveTour(order: readonly number[], size: number): number[] {
  let forwards = 0
  order.forEach((node, i) => {
    if (node >= size) return
    if (order[(i + 1) % order.length] === node + size) forwards++
    else forwards--
  })
  const entries = order.filter((node) => node < size)
  return forwards >= 0 ? entries : entries.reverse()
}
