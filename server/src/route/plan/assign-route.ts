import { sql } from 'drizzle-orm'
import type { PlannedRoute, Scope } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { withinScope } from '../../organisation/scope.ts'
import { ProblemError } from '../../problems.ts'
import { appendEvents } from '../../realtime/append-events.ts'
import { listPlannedRoutes } from './read-plan.ts'

export type Decider = { officerId: number; scope: Scope; now: Date }

interface HeldRow extends Record<string, unknown> {
  id: string
  unit_id: number
  shift_id: number
  precinct_id: number
  state: PlannedRoute['state']
  over: boolean
}

/** The route, held until the end of the transaction. @throws NOT_FOUND outside the scope */
export async function holdRoute(tx: Tx, routeId: string, { scope, now }: Decider): Promise<HeldRow> {
  const within = withinScope(scope, { precinctId: sql`r.precinct_id`, stationId: sql`r.station_id` })
  const { rows } = await tx.execute<HeldRow>(sql`
    select r.id, r.unit_id, r.shift_id, r.precinct_id, r.state, s.ends_at <= ${now.toISOString()} as over
    from planned_route r join shift s on s.id = r.shift_id where r.id = ${routeId} and ${within} for update of r`)
  const row = rows[0]
  if (row === undefined) throw new ProblemError('NOT_FOUND')
  return row
}

/**
 * Gives a proposed route to its unit, or to another of the same shift. The route that the unit followed ends. Assigned again to
 * the same unit, nothing changes.
 * @throws NOT_FOUND, PLANNED_ROUTE_SETTLED, SHIFT_NOT_OPEN
 */
export async function assignRoute(
  tx: Tx,
  routeId: string,
  unitId: number | undefined,
  by: Decider,
): Promise<PlannedRoute> {
  const route = await holdRoute(tx, routeId, by)
  const to = unitId ?? route.unit_id
  if (route.state === 'assigned' && to === route.unit_id) return readOne(tx, routeId)
  if (route.state !== 'proposed') throw new ProblemError('PLANNED_ROUTE_SETTLED')
  if (route.over) throw new ProblemError('SHIFT_NOT_OPEN')
  const { rows: units } = await tx.execute(
    sql`select id from unit where id = ${to} and shift_id = ${route.shift_id} for update`,
  )
  if (units.length === 0) throw new ProblemError('NOT_FOUND', { field: '/unitId' })
  await endRoutes(tx, to, 'superseded', by.now)
  await tx.execute(sql`
    update planned_route set state = 'assigned', unit_id = ${to}, assigned_by = ${by.officerId},
      assigned_at = ${by.now.toISOString()},
      -- Another unit than it was made for: nobody weighed that.
      match = case when unit_id = ${to} then match end
    where id = ${routeId}`)
  return tellRoute(tx, routeId, 'route:assigned', by)
}

/** Takes a route from its unit; nothing takes its place. @throws NOT_FOUND, PLANNED_ROUTE_SETTLED */
export async function withdrawRoute(tx: Tx, routeId: string, by: Decider): Promise<PlannedRoute> {
  const route = await holdRoute(tx, routeId, by)
  if (route.state === 'withdrawn') return readOne(tx, routeId)
  if (route.state !== 'assigned') throw new ProblemError('PLANNED_ROUTE_SETTLED')
  await endRoutes(tx, route.unit_id, 'withdrawn', by.now)
  return tellRoute(tx, routeId, 'route:withdrawn', by)
}

/** Ends the route that a unit follows, if it does. */
export async function endRoutes(
  tx: Tx,
  unitId: number,
  state: 'superseded' | 'withdrawn',
  now: Date,
): Promise<void> {
  await tx.execute(sql`
    update planned_route set state = ${state}, ended_at = ${now.toISOString()}
    where unit_id = ${unitId} and state = 'assigned'`)
}

/** Tells consoles and phones of a route as it is now, and records who did it. */
export async function tellRoute(
  tx: Tx,
  routeId: string,
  type: 'route:assigned' | 'route:withdrawn',
  { officerId, now }: Pick<Decider, 'officerId' | 'now'>,
  action: string = type,
): Promise<PlannedRoute> {
  const route = await readOne(tx, routeId)
  const { precinctId, stationId } = route
  await appendEvents(tx, now, [{ type, precinctId, stationId, data: route }])
  await tx.execute(sql`
    insert into audit (at, officer_id, action, subject, precinct_id, details)
    values (${now.toISOString()}, ${officerId}, ${action}, ${`planned-route:${routeId}`}, ${precinctId},
      ${JSON.stringify({ unitId: route.unitId, stops: route.stops.length })}::jsonb)`)
  return route
}

async function readOne(tx: Tx, routeId: string): Promise<PlannedRoute> {
  const [route] = await listPlannedRoutes(tx, sql`r.id = ${routeId}`)
  if (route === undefined) throw new ProblemError('NOT_FOUND')
  return route
}
