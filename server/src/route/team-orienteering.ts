/**
 * Team orienteering with time windows: several units, each stop visited at most once, the best total score within the
 * shifts. Also the solver for one unit with windows, for all-mandatory rounds (`required`) and for one-way streets.
 *
 * Method: insertion with constant-time feasibility tests and a shake, after Vansteenwegen, Souffriau, Vanden Berghe & Van
 * Oudheusden (Computers & Operations Research 36, 2009), with two changes that measure better: the shake takes short
 * strings out of neighbouring routes (slack induction by string removals, Christiaens & Vanden Berghe, Transportation
 * Science 54, 2020), and rounds are accepted by simulated annealing.
 */
import type { Metric } from './metric.ts'
import { createRandom, type Random } from './random.ts'
import { startClock, type SearchLimits } from './search-limits.ts'
import { intAt, realAt } from './typed-array.ts'
import { createUnitRoutes, type Stop, type Unit, type UnitRoutes } from './unit-routes.ts'

/** Longest string taken out of a route, and the mean number of stops taken out per round. */
const LONGEST_STRING = 15
const MEAN_REMOVED = 10
/** How often an insertion overlooks a gap. */
const BLINK = 0.05
/** Annealing temperatures as multiples of the mean score of a stop. */
const HOT = 3
const COLD = 0.1
/** A whole shift less of time is worth this many mean scores: between equals the quicker is better. */
const TIME_WEIGHT = 1

export type TeamPlan = {
  /** Stop indices per unit, in order. */
  routes: number[][]
  /** Sum of the visited stops' scores. */
  score: number
  /** Required stops that fitted nowhere. */
  missed: number[]
  rounds: number
}

/** @throws RangeError when a stop or unit names a point that the metric does not have */
export function planUnits(metric: Metric, stops: Stop[], units: Unit[], limits: SearchLimits): TeamPlan {
  const outside = [
    ...stops.map((stop) => stop.point),
    ...units.flatMap((unit) => [unit.start, unit.end]),
  ].find((point) => !(point >= -1 && point < metric.size))
  if (outside !== undefined) throw new RangeError(`point ${outside} is not one of the ${metric.size} points`)
  const clock = startClock(limits, 4)
  const random = createRandom(limits.seed ?? 1)
  const weights = weighStops(stops)
  const routes = createUnitRoutes(metric, stops, units, weights, random)
  const usable = Int32Array.from(stops.keys()).filter((i) => realAt(weights, i) > 0 && routes.canVisit(i))
  const chosen = usable.reduce((sum, i) => sum + (stops[i]?.score ?? 0), 0)
  const mean = Math.max(chosen / Math.max(1, usable.length), 1e-9)
  const span = units.reduce((longest, unit) => Math.max(longest, unit.endsAt - unit.startsAt), 1e-9)
  const repair = createRepair(routes, stops, weights, usable, random)
  const ruin = createRuin(routes, usable, units.length, random)

  repair(-1)
  const worth = () => routes.total() - (mean * TIME_WEIGHT * routes.endTimes()) / span
  let current = worth()
  let best = current
  const kept = routes.save()
  const bestRoutes = routes.save()
  let rounds = 0
  while (usable.length > 0 && !clock.done()) {
    clock.tick()
    rounds++
    repair(ruin())
    const value = worth()
    const temperature = mean * HOT * (COLD / HOT) ** clock.progress()
    if (value > current + temperature * Math.log(random.real() + 1e-300)) {
      current = value
      routes.saveInto(kept)
      if (value > best) {
        best = value
        routes.saveInto(bestRoutes)
      }
    } else routes.restore(kept)
  }
  routes.restore(bestRoutes)
  const found = routes.routes()
  const visited = new Set(found.flat())
  return {
    routes: found,
    score: [...visited].reduce((sum, i) => sum + (stops[i]?.score ?? 0), 0),
    missed: [...stops.keys()].filter((i) => stops[i]?.required === true && !visited.has(i)),
    rounds,
  }
}

/**
 * One stop per visit, for a point to be visited several times in [opensAt, closesAt] at least `gap` apart. The span is
 * divided evenly with the gap between the parts, so any visit in one part keeps its distance from any in the next.
 * @throws RangeError when the span is too short for so many visits
 */
export function spaceVisits(stop: Stop, visits: number, gap: number): Stop[] {
  const part = (stop.closesAt - stop.opensAt - (visits - 1) * (gap + stop.serviceTime)) / visits
  if (part < 0)
    throw new RangeError(`${visits} visits ${gap} apart do not fit from ${stop.opensAt} to ${stop.closesAt}`)
  return Array.from({ length: visits }, (_, k) => {
    const opensAt = stop.opensAt + k * (part + gap + stop.serviceTime)
    return { ...stop, opensAt, closesAt: opensAt + part }
  })
}

/** Scores with required stops lifted above the sum of all others. */
function weighStops(stops: Stop[]): Float64Array {
  const sum = stops.reduce((total, stop) => total + stop.score, 0)
  return Float64Array.from(stops, (stop) => (stop.required === true ? stop.score + sum + 1 : stop.score))
}

/** Fills the routes with stops that fit, in a randomly chosen order of preference; `first` goes before all others. */
function createRepair(
  routes: UnitRoutes,
  stops: Stop[],
  weights: Float64Array,
  usable: Int32Array,
  random: Random,
) {
  const waiting = new Int32Array(usable.length)
  const rank = new Float64Array(usable.length)
  const window = Float64Array.from(stops, (stop) => stop.closesAt - stop.opensAt)
  return (first: number): void => {
    const order = random.below(10)
    const detourShare = random.below(3) / 2
    routes.listGaps()
    let count = 0
    for (const stop of usable) {
      if (intAt(routes.unitOf, stop) >= 0) continue
      const delay = routes.leastDelay(stop)
      if (delay === Infinity) continue
      const weight = realAt(weights, stop)
      let key = 0
      if (stop === first) key = -Infinity
      else if (order < 3) key = random.real()
      else if (order < 6) key = -weight * (1 + 0.2 * random.real())
      else if (order < 9) key = -((weight * weight) / (delay + 1)) * (0.8 + 0.4 * random.real())
      else key = realAt(window, stop)
      let slot = count++
      while (slot > 0 && realAt(rank, slot - 1) > key) {
        rank[slot] = realAt(rank, slot - 1)
        waiting[slot] = intAt(waiting, slot - 1)
        slot--
      }
      rank[slot] = key
      waiting[slot] = stop
    }
    for (let i = 0; i < count; i++) {
      const stop = intAt(waiting, i)
      const after = routes.findGap(stop, detourShare, BLINK)
      if (after >= 0) routes.insert(stop, after)
    }
  }
}

/**
 * Takes a string of stops out of each of some routes that come near a random stop; half the strings keep a few stops
 * in their middle. Returns that stop in half of the rounds (it is then inserted first), else -1.
 */
function createRuin(routes: UnitRoutes, usable: Int32Array, unitCount: number, random: Random) {
  const { next, previous, unitOf, visits, cost, size } = routes
  const stopCount = size - 2 * unitCount
  const nearest = new Map<number, Int32Array>()
  const away = (a: number, b: number) => realAt(cost, a * size + b) + realAt(cost, b * size + a)
  for (const stop of usable)
    nearest.set(
      stop,
      usable.slice().sort((a, b) => away(stop, a) - away(stop, b) || a - b),
    )
  const ruinedAt = new Int32Array(unitCount)
  let round = 0

  const removeString = (around: number, route: number, longest: number): void => {
    const inRoute = intAt(visits, route)
    const length = 1 + random.below(Math.min(inRoute, longest))
    let stop = around
    for (let back = random.below(length); back > 0 && intAt(previous, stop) < stopCount; back--)
      stop = intAt(previous, stop)
    const keepFrom = length < inRoute && random.real() < 0.5 ? 1 + random.below(length) : Infinity
    let keep = 1 + random.below(3)
    for (let removed = 0; removed < length && stop < stopCount;) {
      const after = intAt(next, stop)
      if (removed >= keepFrom && keep > 0) keep--
      else {
        routes.remove(stop)
        removed++
      }
      stop = after
    }
  }
  return (): number => {
    round++
    let visited = 0
    for (let r = 0; r < unitCount; r++) visited += intAt(visits, r)
    const centre = intAt(usable, random.below(usable.length))
    const longest = Math.max(1, Math.min(LONGEST_STRING, Math.floor(visited / unitCount)))
    const strings = Math.floor(1 + random.real() * ((4 * MEAN_REMOVED) / (1 + longest) - 1))
    let left = Math.min(unitCount, strings)
    for (const stop of nearest.get(centre) ?? []) {
      if (left <= 0) break
      const route = intAt(unitOf, stop)
      if (route < 0 || intAt(ruinedAt, route) === round) continue
      ruinedAt[route] = round
      left--
      removeString(stop, route, longest)
    }
    return random.real() < 0.5 ? centre : -1
  }
}
