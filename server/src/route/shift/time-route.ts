import { legCost, renumber, type Metric } from '../metric.ts'
import type { TimeOrder } from '../unpredictable/draw-route.ts'
import { timeOrderOn } from '../unpredictable/time-order.ts'
import type { ShiftProblem, TeamStop } from './shift-problem.ts'

export type TimedRoute = NonNullable<ReturnType<typeof timeRoute>>

/** The stops of one route with numbers from 0, their metric and timing. */
export function timeRoute(
  problem: ShiftProblem,
  stops: readonly TeamStop[],
  route: readonly number[],
  metric: Metric | undefined,
) {
  if (metric === undefined) return undefined
  const places = route.map((stop) => stops[stop]?.place ?? 0)
  const ends = [problem.start, problem.end].filter((place) => place >= 0)
  const local = renumber(metric, Int32Array.from([...places, ...ends]))
  const start = problem.start < 0 ? -1 : places.length
  const end = problem.end < 0 ? -1 : places.length + ends.length - 1
  const timeAny = timeOrderOn(local, {
    start,
    end,
    service: problem.visitSeconds,
    endsAt: problem.shiftSeconds,
    gap: problem.gapSeconds,
    windowOf: (i) => {
      const stop = stops[route[i] ?? -1]
      return [stop?.opensAt ?? 0, stop?.closesAt ?? problem.shiftSeconds]
    },
  })
  // A unit that is planned anew on its way does not set out at the start of the shift.
  const timeOrder: TimeOrder = (order, startsAt, pauses) =>
    timeAny(order, Math.max(startsAt, problem.startsAt), pauses)
  const leg = (from: number, to: number) => (from < 0 || to < 0 ? 0 : legCost(local, from, to))
  return {
    metric: local,
    start,
    end,
    timeOrder,
    toFirst: (first: number | undefined) => leg(start, first ?? -1),
    /** Driving along an order, from the start and to the end as well unless only what lies between is asked for. */
    travelOf: (order: readonly number[], betweenOnly = false): number => {
      const way = betweenOnly ? order : [start, ...order, end]
      return way.slice(1).reduce((sum, to, i) => sum + leg(way[i] ?? -1, to), 0)
    },
  }
}
