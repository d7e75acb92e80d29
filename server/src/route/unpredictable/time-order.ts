import { legCost, type Metric } from '../metric.ts'
import type { TimeOrder } from './draw-route.ts'

export type TimeOrderOptions = {
  /** Points of the metric; -1 for anywhere. */
  start: number
  end: number
  /** Seconds at each stop, or by point. */
  service: number | ((point: number) => number)
  /** The end of the shift, in seconds from its start. */
  endsAt: number
  /** When service may begin at a point; waiting is allowed, coming late is not. */
  windowOf?: (point: number) => readonly [opensAt: number, closesAt: number]
  /** Seconds between two visits of the same point, where an order names it more than once; default 0. */
  gap?: number
}

/** Times orders on a metric: drive, wait until the window opens, visit; null where a window or the end is missed. */
export function timeOrderOn(
  metric: Metric,
  { start, end, service, endsAt, windowOf = () => [0, endsAt], gap = 0 }: TimeOrderOptions,
): TimeOrder {
  const leg = (from: number, to: number) => (from < 0 || to < 0 ? 0 : legCost(metric, from, to))
  const serviceAt = typeof service === 'number' ? () => service : service
  return (points, startsAt, pauses) => {
    const at: number[] = []
    const leftAt = new Map<number, number>()
    let now = startsAt
    let here = start
    for (const [i, point] of points.entries()) {
      const [opensAt, closesAt] = windowOf(point)
      const again = (leftAt.get(point) ?? -Infinity) + gap
      now = Math.max(now + leg(here, point) + (pauses[i] ?? 0), opensAt, again)
      if (now > closesAt + 1e-6) return null
      at.push(now)
      now += serviceAt(point)
      leftAt.set(point, now)
      here = point
    }
    now += leg(here, end)
    return now > endsAt + 1e-6 ? null : { at, endsAt: now }
  }
}
