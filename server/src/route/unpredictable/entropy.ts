import { SPAN_SECONDS, type Execution } from './observer.ts'

/**
 * How evenly the visits of each point are spread over the half hours of the shift, 0–1, mean over the points: 1 where no
 * half hour was used twice before every other was used once. A point with fewer than two visits says nothing.
 * @returns 1 when nothing can be said yet
 */
export function spreadOf(executions: readonly Execution[], shiftSeconds: number): number {
  const spans = Math.max(1, Math.ceil(shiftSeconds / SPAN_SECONDS))
  const points = Map.groupBy(executions.flat(), (visit) => visit.point)
  let sum = 0
  let count = 0
  for (const visits of points.values()) {
    if (visits.length < 2) continue
    const used = new Map<number, number>()
    for (const { at } of visits) {
      const span = Math.floor(at / SPAN_SECONDS)
      used.set(span, (used.get(span) ?? 0) + 1)
    }
    let entropy = 0
    for (const times of used.values()) {
      const share = times / visits.length
      entropy -= share * Math.log(share)
    }
    sum += entropy / Math.log(Math.max(2, Math.min(spans, visits.length)))
    count++
  }
  return count === 0 ? 1 : sum / count
}
