/** Which unit visits what: the team's routes by orienteering, before anybody asks who drives which and in what order. */
import type { Metric } from '../metric.ts'
import type { Random } from '../random.ts'
import { planUnits, type TeamPlan } from '../team-orienteering.ts'
import type { TravelMode } from '../travel-time/speeds.ts'
import type { Stop, Unit } from '../unit-routes.ts'
import { endOfPlan, type Metrics, type ShiftProblem, type Team, type TeamStop } from './shift-problem.ts'

/** Alternatives look at scores that are off by up to this share. */
const SCORE_NOISE = 0.25
/** Those that can go least choose first. Cars and motorcycles share one ground: the times of the slower serve for both. */
const GROUPS: readonly (readonly TravelMode[])[] = [['foot'], ['motorcycle', 'car']]
/** How often a shorter round is tried where everything was visited. */
const SHRINKS = 4

/** Routes by mode, those who can go least first; what must be visited is left to the last. */
export function planTeam(
  problem: ShiftProblem,
  stops: readonly TeamStop[],
  metrics: Metrics,
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
