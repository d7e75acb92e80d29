import { spaceVisits } from '../team-orienteering.ts'
import type { Stop } from '../unit-routes.ts'
import { endOfPlan, type ShiftProblem, type TeamStop } from './shift-problem.ts'

/** One stop per window, or per visit where there are several; without windows any time of the shift. */
export function listStops(problem: ShiftProblem): TeamStop[] {
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

/** As many of the visits as fit the window. */
function spacedOrFewer(stop: Stop, visits: number, gap: number): Stop[] {
  for (let n = visits; n > 1; n--) {
    if (stop.closesAt - stop.opensAt >= (n - 1) * (gap + stop.serviceTime)) return spaceVisits(stop, n, gap)
  }
  return [stop]
}
