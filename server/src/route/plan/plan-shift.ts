/**
 * Plans one shift of one station: which unit visits which points, in which order, when. First the team's routes by
 * orienteering (or all points, or a fixed list), then who drives which (3R), then for each route one of the near-optimal
 * orders, drawn so that it is hard to foresee. Long because all steps share one problem and its two numberings of stops.
 */
import type { RouteGoal, RouteMatch } from '@patrol/contract'
import { forbidLegs, legCost, renumber, tableMetric, type Metric } from '../metric.ts'
import { createRandom, type Random } from '../random.ts'
import { planUnits, spaceVisits, type TeamPlan } from '../team-orienteering.ts'
import type { TravelMode } from '../travel-time/speeds.ts'
import type { Stop, Unit } from '../unit-routes.ts'
import { drawRoute, MOST_PAUSE, plainRoute, type TimeOrder } from '../unpredictable/draw-route.ts'
import { listNearOrders, type Direction, type NearOrder } from '../unpredictable/near-orders.ts'
import type { Execution } from '../unpredictable/observer.ts'
import { repeatRounds } from '../unpredictable/repeat-rounds.ts'
import { timeOrderOn } from '../unpredictable/time-order.ts'
import { matchUnits, type MatchUnit } from './match-units.ts'

export type ShiftPoint = {
  id: number
  score: number
  highRisk: boolean
  required: boolean
  /** When it is due, in seconds from the start of the shift; none: any time. */
  windows: readonly { opensAt: number; closesAt: number; visits: number }[]
  beatId: number | null
  wantedSkills: readonly string[]
}

export type ShiftProblem = {
  shiftSeconds: number
  points: readonly ShiftPoint[]
  units: readonly MatchUnit[]
  /** Seconds by mode: the points in their order, then the start, then the end (−1 in `start` and `end` for anywhere). */
  tables: ReadonlyMap<TravelMode, Float64Array>
  start: number
  end: number
  /** When units may set out, in seconds from the start of the shift: later than 0 when one is planned anew on its way. */
  startsAt: number
  goal: RouteGoal
  line: 'fixed' | 'variable'
  /** 0.05: routes may cost 5 % more than the best found. */
  tolerance: number
  visitSeconds: number
  highRiskVisits: number
  gapSeconds: number
  /** Indices of points that no route visits one directly after the other. */
  forbiddenPairs: readonly (readonly [number, number])[]
  alternatives: number
  iterations: number
  seed: number
  /** Visits of earlier shifts by point id, the last shift last. */
  history: readonly Execution[]
  /** Share of the time that is planned for; default `FILL`. */
  fill?: number
  /** How often a round through few points may be driven; default `MOST_ROUNDS`. */
  mostRounds?: number
}

export type ShiftRoute = {
  unit: number
  alternative: number
  /** `stay`: seconds there; longer than a visit where the unit is to linger (守望). */
  stops: { point: number; at: number; stay: number; score: number; required: boolean }[]
  startsAt: number
  endsAt: number
  travelSeconds: number
  score: number
  /** Share of what all points together are worth. */
  coverage: number
  costRatio: number
  direction: Direction
  predictability: number | null
  match: RouteMatch
}

/** Of the shift so much is planned for: the rest is for calls, a pause, and for coming at another time. */
const FILL = 0.85
/** Alternatives look at scores that are off by up to this share. */
const SCORE_NOISE = 0.25
const RINGS = 5
const RING_ITERATIONS = 120
/** Those that can go least choose first. Cars and motorcycles share one ground: the times of the slower serve for both. */
const GROUPS: readonly (readonly TravelMode[])[] = [['foot'], ['motorcycle', 'car']]
/** How often a shorter round is tried where everything was visited. */
const SHRINKS = 4
/** Rounds of one shift at most. */
const MOST_ROUNDS = 4

type TeamStop = Stop & { place: number }
type Team = { routes: number[][]; modes: TravelMode[]; score: number }

/** @param report share done, 0–1: called between the steps */
export function planShift(
  problem: ShiftProblem,
  report: (done: number) => void = () => undefined,
): ShiftRoute[] {
  const random = createRandom(problem.seed)
  const stops = listStops(problem)
  const metrics = new Map(
    [...problem.tables].map(([mode, table]) => [
      mode,
      forbidLegs(tableMetric(table), problem.forbiddenPairs),
    ]),
  )
  const worth = problem.points.reduce((sum, point) => sum + point.score, 0)
  const teams: Team[] = []
  for (let k = 0; k < problem.alternatives; k++) {
    teams.push(planTeam(problem, stops, metrics, k === 0 ? null : random, problem.seed + k))
    report((0.6 * (k + 1)) / problem.alternatives)
  }
  const best = Math.max(...teams.map((team) => team.score), 1e-9)
  // What is worse than allowed is no alternative; the best partition with another draw is.
  const good = teams.filter((team) => best / Math.max(team.score, 1e-9) <= 1 + halfOf(problem.tolerance))
  good.sort((a, b) => b.score - a.score)
  const routes: ShiftRoute[] = []
  for (let k = 0; k < problem.alternatives; k++) {
    const team = good[k % good.length]
    if (team === undefined) break
    routes.push(...driveTeam(problem, stops, metrics, team, best, worth, k, random))
    report(0.6 + (0.4 * (k + 1)) / problem.alternatives)
  }
  return routes
}

/** One stop per window, or per visit where there are several; without windows any time of the shift. */
function listStops(problem: ShiftProblem): TeamStop[] {
  const { shiftSeconds, visitSeconds, gapSeconds, goal, startsAt } = problem
  const whole = { opensAt: startsAt, closesAt: shiftSeconds - visitSeconds, visits: 1 }
  return problem.points.flatMap((point, place) => {
    const due = goal === 'fixed-list' || point.windows.length === 0 ? [whole] : point.windows
    return due.flatMap((window) => {
      const opensAt = Math.max(startsAt, window.opensAt)
      const closesAt = Math.min(whole.closesAt, window.closesAt)
      if (closesAt < opensAt) return []
      const stop: Stop = {
        point: place,
        score: point.score,
        serviceTime: visitSeconds,
        opensAt,
        closesAt,
        required: point.required || goal !== 'best-score',
      }
      const visits = Math.max(window.visits, point.highRisk && due.length === 1 ? problem.highRiskVisits : 1)
      // Several must fit into what is planned for, not only into the shift.
      const last = visits > 1 ? Math.min(closesAt, endOfPlan(problem) - visitSeconds) : closesAt
      const spaced = spacedOrFewer({ ...stop, closesAt: Math.max(opensAt, last) }, visits, gapSeconds)
      return spaced.map((each) => ({ ...each, place }))
    })
  })
}

/** When all units are to be back by the plan. */
function endOfPlan({ startsAt, shiftSeconds, fill = FILL }: ShiftProblem): number {
  return startsAt + (shiftSeconds - startsAt) * fill
}

/** As many of the visits as fit the window. */
function spacedOrFewer(stop: Stop, visits: number, gap: number): Stop[] {
  for (let n = visits; n > 1; n--) {
    if (stop.closesAt - stop.opensAt >= (n - 1) * (gap + stop.serviceTime)) return spaceVisits(stop, n, gap)
  }
  return [stop]
}

/** Routes by mode, those who can go least first; what must be visited is left to the last. */
function planTeam(
  problem: ShiftProblem,
  stops: readonly TeamStop[],
  metrics: ReadonlyMap<TravelMode, Metric>,
  noise: Random | null,
  seed: number,
): Team {
  const { units, start, end, startsAt, iterations } = problem
  const factor = noise === null ? null : stops.map(() => 1 + SCORE_NOISE * (2 * noise.real() - 1))
  const left = new Set(stops.keys())
  const routes: number[][] = []
  const modes: TravelMode[] = []
  const present = GROUPS.filter((group) => units.some((unit) => group.includes(unit.mode)))
  for (const group of present) {
    const members = units.filter((unit) => group.includes(unit.mode))
    const metric = metrics.get(group.find((mode) => members.some((unit) => unit.mode === mode)) ?? 'car')
    if (metric === undefined) throw new Error(`There are no travel times for ${group.join(' and ')}.`)
    const names = [...left]
    const isLast = group === present.at(-1)
    const offered = names.flatMap((name) => {
      const stop = stops[name]
      if (stop === undefined) return []
      return [
        { ...stop, score: stop.score * (factor?.[name] ?? 1), required: stop.required === true && isLast },
      ]
    })
    const endsAt = endOfPlan(problem)
    const plan = shareOut(metric, offered, members.length, { start, end, startsAt, endsAt }, iterations, seed)
    plan.routes.forEach((route, i) => {
      const named = route.flatMap((stop) => names[stop] ?? [])
      for (const name of named) left.delete(name)
      routes.push(named)
      modes.push(members[i]?.mode ?? 'car')
    })
  }
  return { routes, modes, score: routes.flat().reduce((sum, name) => sum + (stops[name]?.score ?? 0), 0) }
}

/**
 * The team's routes. Where everything offered is visited with time to spare, the round is made shorter while it still is, so
 * that the units share the work evenly instead of one doing it all.
 */
function shareOut(
  metric: Metric,
  offered: Stop[],
  count: number,
  unit: Unit,
  iterations: number,
  seed: number,
): TeamPlan {
  const planUntil = (endsAt: number, rounds: number) =>
    planUnits(
      metric,
      offered,
      Array.from({ length: count }, () => ({ ...unit, endsAt })),
      { iterations: rounds, seed },
    )
  let plan = planUntil(unit.endsAt, iterations * count)
  const visits = (each: TeamPlan) => each.routes.reduce((sum, route) => sum + route.length, 0)
  if (count === 1 || visits(plan) < offered.length) return plan
  let [tooShort, enough] = [unit.startsAt, unit.endsAt]
  for (let n = 0; n < SHRINKS; n++) {
    const middle = (tooShort + enough) / 2
    const shorter = planUntil(middle, Math.ceil((iterations * count) / 2))
    if (visits(shorter) < offered.length) tooShort = middle
    else {
      enough = middle
      plan = shorter
    }
  }
  return plan
}

function driveTeam(
  problem: ShiftProblem,
  stops: readonly TeamStop[],
  metrics: ReadonlyMap<TravelMode, Metric>,
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
    timeLocal(problem, stops, route, metrics.get(mode))
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

/**
 * How often a route is driven in the shift. Points with windows of their own are due when they are due, and a list is what
 * somebody asked for; the others are worth another visit once they have had their rest.
 */
function countRounds(
  problem: ShiftProblem,
  route: readonly TeamStop[],
  local: NonNullable<ReturnType<typeof timeLocal>>,
  [best]: readonly NearOrder[],
): number {
  const { startsAt, shiftSeconds, visitSeconds, gapSeconds, goal, mostRounds = MOST_ROUNDS } = problem
  // One that was visited just before a plan on the way has its rest first.
  const isFree = ({ opensAt, closesAt }: TeamStop) =>
    opensAt <= startsAt + gapSeconds && closesAt >= shiftSeconds - visitSeconds
  const once = best && local.timeOrder(best.points, startsAt, [])
  if (once == null || goal === 'fixed-list' || !route.every(isFree)) return 1
  const round = Math.max(once.endsAt - startsAt, gapSeconds + visitSeconds)
  return Math.min(mostRounds, Math.floor((endOfPlan(problem) - startsAt) / round))
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

/** The stops of one route with numbers from 0, their metric and timing. */
function timeLocal(
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

/** What a score and an order may each be off by, so that both together stay within the allowance. */
const halfOf = (tolerance: number) => Math.sqrt(1 + tolerance) - 1

function nearOrdersOf(
  problem: ShiftProblem,
  local: NonNullable<ReturnType<typeof timeLocal>>,
  count: number,
  seed: number,
): NearOrder[] {
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
