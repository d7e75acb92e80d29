/**
 * Fixed lists: the shortest order in which to visit every point, as a closed tour or an open path.
 *
 * Method: greedy start, Lin–Kernighan moves, then iterated local search with double-bridge kicks over short segments
 * (Johnson & McGeoch, "The traveling salesman problem: a case study", 1997; segment kicks: Applegate, Cook & Rohe, 2003).
 * Rounds are accepted by a slowly falling threshold, which lets long runs leave deep local optima. An open path is a
 * tour through one extra point that costs nothing beside the ends; one-way costs go to `directed-tour.ts`.
 */
import { doublePoints, halveTour } from './directed-tour.ts'
import { createTourSearch } from './lin-kernighan.ts'
import { legCost, renumber, tableMetric, type Metric } from './metric.ts'
import { listNeighbours } from './neighbours.ts'
import { createRandom } from './random.ts'
import { startClock, type SearchClock, type SearchLimits } from './search-limits.ts'
import { startTour } from './start-tour.ts'
import { intAt } from './typed-array.ts'

const NEIGHBOURS = 10
const PER_QUADRANT = 2
/** The acceptance threshold at the start, as a multiple of the mean leg. */
const HOT = 0.3
/** Below this every order is tried. */
const SEARCH_FROM = 10

export type TourShape = {
  /** Return to the first point; default true. */
  closed?: boolean
  /** Where an open path begins or ends; undefined leaves it free. (A closed tour is turned to begin at `start`.) */
  start?: number | undefined
  end?: number | undefined
}

export type Tour = {
  order: number[]
  /** Sum of the legs, the one back to the first point included when closed. */
  length: number
  rounds: number
}

/** @throws RangeError when start or end is no point of the metric, or both are the same on an open path */
export function planTour(metric: Metric, limits: SearchLimits, shape: TourShape = {}): Tour {
  const { closed = true, start, end } = shape
  for (const point of [start, end]) {
    if (point !== undefined && !(point >= 0 && point < metric.size)) {
      throw new RangeError(`point ${point} is not one of the ${metric.size} points`)
    }
  }
  if (!closed && metric.size > 1 && start !== undefined && start === end) {
    throw new RangeError('an open path through several points cannot begin and end at the same one')
  }
  const clock = startClock(limits, 16)
  const searched = closed ? metric : withFreePoint(metric, start, end)
  const found = searchTour(searched, limits, clock)
  const order = closed ? turnTo(found.order, start ?? 0) : cutOpen(found.order, metric, start, end)
  return { order, length: tourLength(metric, order, closed), rounds: found.rounds }
}

/** Sum of the legs along `order`, back to its first point when closed. */
export function tourLength(metric: Metric, order: ArrayLike<number>, closed: boolean): number {
  let length = 0
  for (let i = 1; i < order.length; i++) length += legCost(metric, order[i - 1] ?? 0, order[i] ?? 0)
  if (closed && order.length > 1) length += legCost(metric, order[order.length - 1] ?? 0, order[0] ?? 0)
  return length
}

function searchTour(
  metric: Metric,
  limits: SearchLimits,
  clock: SearchClock,
): { order: number[]; rounds: number } {
  if (metric.size < SEARCH_FROM) return { order: tryEveryOrder(metric), rounds: 0 }
  const random = createRandom(limits.seed ?? 1)
  if (metric.symmetric) return searchSymmetric(metric, clock, random)
  const doubled = doublePoints(metric)
  const { order, rounds } = searchSymmetric(doubled.metric, clock, random, doubled.surcharge)
  return { order: halveTour(order, metric.size), rounds }
}

/** @param surcharge part of every second leg that says nothing about its length (doubled metrics) */
function searchSymmetric(
  metric: Metric,
  clock: SearchClock,
  random: ReturnType<typeof createRandom>,
  surcharge = 0,
) {
  const names = startTour(metric, listNeighbours(metric, NEIGHBOURS, PER_QUADRANT))
  // Numbered in tour order: points that are near each other share cache lines.
  const local = renumber(metric, names)
  const near = listNeighbours(local, NEIGHBOURS, PER_QUADRANT)
  const size = names.length
  const search = createTourSearch(
    local,
    near,
    Int32Array.from({ length: size }, (_, i) => i),
  )
  search.queueAll()
  search.improve(clock.done)
  search.keep()
  let current = search.length()
  let bestLength = current
  const best = search.tour.slice()
  const hot = (HOT * Math.max(0, current - (surcharge * size) / 2)) / size
  let rounds = 0
  while (!clock.done()) {
    clock.tick()
    rounds++
    search.kick(random)
    search.improve(clock.done)
    const length = search.length()
    const threshold = hot * (1 - clock.progress())
    if (length > current - threshold * Math.log(random.real() + 1e-300)) {
      search.undo()
      continue
    }
    search.keep()
    current = length
    if (length < bestLength - 1e-9) {
      bestLength = length
      best.set(search.tour)
    }
  }
  return { order: Array.from(best, (node) => intAt(names, node)), rounds }
}

/**
 * The metric with one more point, last, that costs nothing beside a permitted end and a great deal elsewhere. In a
 * one-way metric it is entered from the end and left to the start.
 */
function withFreePoint(metric: Metric, start: number | undefined, end: number | undefined): Metric {
  const { size } = metric
  const wide = size + 1
  const table = new Float64Array(wide * wide)
  let longest = 1
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const cost = legCost(metric, i, j)
      table[i * wide + j] = cost
      if (cost > longest) longest = cost
    }
  }
  const far = longest * 10
  const costOf = (point: number, wanted: number | undefined) =>
    wanted === undefined || wanted === point ? 0 : far
  for (let point = 0; point < size; point++) {
    const isEnd = metric.symmetric
      ? Math.min(start === point ? 0 : costOf(point, end), end === point ? 0 : costOf(point, start))
      : costOf(point, end)
    // Of a symmetric path with one end fixed, only that end is free: the other costs every point the same.
    const oneFixed = metric.symmetric && (start === undefined) !== (end === undefined)
    const cost = oneFixed ? costOf(point, start ?? end) : isEnd
    table[point * wide + size] = cost
    table[size * wide + point] = metric.symmetric ? cost : costOf(point, start)
  }
  return tableMetric(table)
}

function turnTo(order: number[], first: number): number[] {
  const at = Math.max(0, order.indexOf(first))
  return [...order.slice(at), ...order.slice(0, at)]
}

/** Takes the free point out of the tour and turns the path the way it is asked for. */
function cutOpen(
  order: number[],
  metric: Metric,
  start: number | undefined,
  end: number | undefined,
): number[] {
  const path = turnTo(order, metric.size).slice(1)
  const backwards =
    (start !== undefined && path[0] !== start) || (end !== undefined && path[path.length - 1] !== end)
  if (metric.symmetric && backwards) path.reverse()
  // A search cut short may not have brought the fixed points to the ends yet.
  const inner = path.filter((point) => point !== start && point !== end)
  return [...(start === undefined ? [] : [start]), ...inner, ...(end === undefined ? [] : [end])]
}

/** All permutations that begin with point 0: at most 40,320. */
function tryEveryOrder(metric: Metric): number[] {
  let best: number[] = Array.from({ length: metric.size }, (_, i) => i)
  let least = tourLength(metric, best, true)
  const extend = (order: number[], rest: number[]): void => {
    if (rest.length === 0) {
      const length = tourLength(metric, order, true)
      if (length < least) {
        least = length
        best = order
      }
    }
    for (const point of rest) {
      extend(
        [...order, point],
        rest.filter((other) => other !== point),
      )
    }
  }
  extend(best.slice(0, 1), best.slice(1))
  return best
}
