/** Who drives which route (3R), and in which of the near-optimal orders: drawn so that it is hard to foresee. */
import type { TravelMode } from '../travel-time/speeds.ts'
import type { Random } from '../random.ts'
import { drawRoute, MOST_PAUSE, plainRoute } from '../unpredictable/draw-route.ts'
import { listNearOrders, type NearOrder } from '../unpredictable/near-orders.ts'
import { repeatRounds } from '../unpredictable/repeat-rounds.ts'
import { matchUnits } from './match-units.ts'
import {
  endOfPlan,
  halfOf,
  type Metrics,
  type ShiftProblem,
  type ShiftRoute,
  type Team,
  type TeamStop,
} from './shift-problem.ts'
import { timeRoute, type TimedRoute } from './time-route.ts'

const RINGS = 5
const RING_ITERATIONS = 120
/** Rounds of one shift at most. */
const MOST_ROUNDS = 4

export function driveTeam(
  problem: ShiftProblem,
  stops: readonly TeamStop[],
  metrics: Metrics,
  team: Team,
  best: number,
  worth: number,
  alternative: number,
  random: Random,
): ShiftRoute[] {
  const { points, units, history, line } = problem
  const pointOf = (stop: number) => points[stops[stop]?.place ?? -1]
  const described = team.routes.map((route, r) => ({
    mode: team.modes[r] ?? ('car' as const),
    points: route.flatMap((stop) => pointOf(stop) ?? []),
  }))
  const timed = (route: readonly number[], mode: TravelMode) =>
    timeRoute(problem, stops, route, metrics.get(mode))
  const matched = matchUnits(units, described, (u, r) => {
    const route = team.routes[r] ?? []
    return timed(route, units[u]?.mode ?? 'car')?.timeOrder([...route.keys()], problem.startsAt, []) != null
  })
  return matched.flatMap(({ route: r, match }, unit): ShiftRoute[] => {
    const route = team.routes[r] ?? []
    const local = timed(route, units[unit]?.mode ?? 'car')
    if (local === undefined) return []
    const once = nearOrdersOf(problem, local, route.length, problem.seed + r)
    const rounds = countRounds(
      problem,
      route.flatMap((stop) => stops[stop] ?? []),
      local,
      once,
    )
    const orders = repeatRounds(once, rounds, {
      travelOf: local.travelOf,
      fits: (order) => local.timeOrder(order, problem.startsAt, []) !== null,
      random,
    })
    const draw = {
      shiftSeconds: problem.shiftSeconds,
      history,
      nameOf: (i: number) => pointOf(route[i] ?? -1)?.id ?? -1,
    }
    const found =
      line === 'fixed'
        ? plainRoute(orders, local.timeOrder, draw)
        : drawRoute(orders, local.timeOrder, { ...draw, startsAt: problem.startsAt, random })
    if (found === null) return []
    // A point counts once, however often it is visited.
    const visited = new Map(
      route.flatMap((stop) => stops[stop] ?? []).map(({ place, score }) => [place, score]),
    )
    const score = [...visited.values()].reduce((sum, each) => sum + each, 0)
    const firstAt = found.timing.at[0] ?? problem.startsAt
    const stays = staysOf(problem, found.order.points, found.timing.at, local.travelOf)
    return [
      {
        unit,
        alternative,
        stops: found.order.points.map((i, k) => {
          const stop = stops[route[i] ?? -1]
          return {
            point: stop?.place ?? -1,
            at: found.timing.at[k] ?? 0,
            stay: stays[k] ?? problem.visitSeconds,
            score: stop?.score ?? 0,
            required: stop?.required === true,
          }
        }),
        startsAt: firstAt - local.toFirst(found.order.points[0]),
        endsAt: found.timing.endsAt,
        travelSeconds: found.order.travel,
        score,
        coverage: worth > 0 ? Math.min(1, score / worth) : 1,
        costRatio: found.order.costRatio * Math.max(1, best / Math.max(team.score, 1e-9)),
        direction: found.order.direction,
        predictability: found.predictability,
        match,
      },
    ]
  })
}

function nearOrdersOf(problem: ShiftProblem, local: TimedRoute, count: number, seed: number): NearOrder[] {
  const known = Array.from({ length: count }, (_, i) => i)
  return listNearOrders(local.metric, known, local.start, local.end, {
    tolerance: halfOf(problem.tolerance),
    service: count * problem.visitSeconds,
    seed,
    rings: problem.line === 'fixed' ? 1 : RINGS,
    iterations: RING_ITERATIONS,
    known,
    fits: (order) => local.timeOrder(order, problem.startsAt, []) !== null,
  })
}

/**
 * How often a route is driven in the shift. Points with windows of their own are due when they are due, and a list is what
 * somebody asked for; the others are worth another visit once they have had their rest.
 */
function countRounds(
  problem: ShiftProblem,
  route: readonly TeamStop[],
  local: TimedRoute,
  [best]: readonly NearOrder[],
): number {
  const { startsAt, shiftSeconds, visitSeconds, gapSeconds, goal, mostRounds = MOST_ROUNDS } = problem
  // One that was visited just before a plan on the way has its rest first.
  const isFree = ({ opensAt, closesAt }: TeamStop) =>
    opensAt <= startsAt + gapSeconds && closesAt >= shiftSeconds - visitSeconds
  const once = best && local.timeOrder(best.points, startsAt, [])
  if (best === undefined || once == null || goal === 'fixed-list' || !route.every(isFree)) return 1
  const round = Math.max(
    local.travelOf(best.points) + best.points.length * visitSeconds,
    gapSeconds + visitSeconds,
  )
  // The first alone waits for such a rest.
  const first = Math.max(once.endsAt - startsAt, round)
  return Math.min(mostRounds, 1 + Math.floor((endOfPlan(problem) - startsAt - first) / round))
}

/** How long the unit stays at each stop: what it waits for the next one is stood at this one, as far as that makes sense. */
function staysOf(
  { visitSeconds }: ShiftProblem,
  order: readonly number[],
  at: readonly number[],
  travelOf: (points: readonly number[], betweenOnly: true) => number,
): number[] {
  return order.map((point, k) => {
    const [here, next, to] = [at[k], at[k + 1], order[k + 1]]
    if (here === undefined || next === undefined || to === undefined) return visitSeconds
    const wait = next - here - visitSeconds - travelOf([point, to], true)
    return visitSeconds + Math.min(Math.max(0, wait), MOST_PAUSE)
  })
}
