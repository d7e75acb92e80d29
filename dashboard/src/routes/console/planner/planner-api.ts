import type {
  CityPlanResult,
  Job,
  PlannedRoute,
  PlannerChoices,
  RouteLines,
  RoutePlan,
  RoutePlanRequest,
} from '@patrol/contract'
import { ask } from '../../../lib/api.ts'

export const readPlanner = (stationId: number | null) =>
  ask<PlannerChoices>('GET', stationId === null ? '/planner' : `/planner?stationId=${stationId}`)
export const requestPlan = (request: RoutePlanRequest) => ask<RoutePlan>('POST', '/route-plans', request)
export const readPlan = (id: string) => ask<RoutePlan>('GET', `/route-plans/${id}`)
export const readPlansOf = (shiftId: number) =>
  ask<{ plans: RoutePlan[] }>('GET', `/route-plans?shiftId=${shiftId}&limit=1`)
export const readRouteLine = (routeId: string) => ask<RouteLines>('GET', `/planned-routes/${routeId}/line`)
export const orderStops = (routeId: string, pointIds: number[]) =>
  ask<PlannedRoute>('PUT', `/planned-routes/${routeId}/stops`, { pointIds })
export const assignRoute = (routeId: string) =>
  ask<PlannedRoute>('POST', `/planned-routes/${routeId}/assign`, {})
export const withdrawRoute = (routeId: string) =>
  ask<PlannedRoute>('POST', `/planned-routes/${routeId}/withdraw`, {})
export const replanUnit = (unitId: number) => ask<{ jobId: number }>('POST', `/units/${unitId}/replan`, {})
/** The last plan of all stations that was made, where there is one. */
export const readCityPlans = () => ask<{ jobs: Job[] }>('GET', '/jobs?kind=routes:city&state=done&limit=20')

/** Why a unit has no other route, as the job `routes:replan` says it; `late`: it has not said yet. */
export type NotReplanned = 'no-route' | 'nothing-left' | 'shift-over' | 'late'

/** The answer of a `routes:city` job, with the area it was asked for. */
export function readCityPlan({ result }: Job): CityPlanResult | null {
  // What planCity returns, as the contract has it.
  return result as CityPlanResult | null
}

/** @param reason as the job gives it */
export function readNotReplanned(reason: unknown): NotReplanned {
  return (['no-route', 'nothing-left', 'shift-over'] as const).find((each) => each === reason) ?? 'late'
}
