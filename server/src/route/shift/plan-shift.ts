import { forbidLegs, tableMetric } from '../metric.ts'
import { createRandom } from '../random.ts'
import { driveTeam } from './drive-team.ts'
import { listStops } from './list-stops.ts'
import { planTeam } from './plan-team.ts'
import { halfOf, type Metrics, type ShiftProblem, type ShiftRoute, type Team } from './shift-problem.ts'

/**
 * Plans one shift of one station: which unit visits which points, in which order, when. First the team's routes by
 * orienteering (or all points, or a fixed list), then who drives which (3R), then for each route one of the near-optimal
 * orders, drawn so that it is hard to foresee.
 * @param report share done, 0–1: called between the steps
 */
export function planShift(
  problem: ShiftProblem,
  report: (done: number) => void = () => undefined,
): ShiftRoute[] {
  const random = createRandom(problem.seed)
  const stops = listStops(problem)
  const metrics: Metrics = new Map(
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
