/** What one shift of one station is planned from, and what comes out: shared by the steps of `planShift`. */
import type { RouteGoal, RouteMatch } from '@patrol/contract'
import type { Metric } from '../metric.ts'
import type { TravelMode } from '../travel-time/speeds.ts'
import type { Stop } from '../unit-routes.ts'
import type { Direction } from '../unpredictable/near-orders.ts'
import type { Execution } from '../unpredictable/observer.ts'
import type { MatchUnit } from './match-units.ts'

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

/** A visit that a route may make. `place`: the index of its point in the problem. */
export type TeamStop = Stop & { place: number }

/** Routes of all units, as indices of stops, each with the mode that it was made for. */
export type Team = { routes: number[][]; modes: TravelMode[]; score: number }

/** Driving times between points by mode, pairs that may not follow each other shut out. */
export type Metrics = ReadonlyMap<TravelMode, Metric>

/** When all units are to be back by the plan, in seconds from the start of the shift. */
export function endOfPlan({ startsAt, shiftSeconds, fill = FILL }: ShiftProblem): number {
  return startsAt + (shiftSeconds - startsAt) * fill
}

/** What a score and an order may each be off by, so that both together stay within the allowance. */
export const halfOf = (tolerance: number) => Math.sqrt(1 + tolerance) - 1
