import { sql } from 'drizzle-orm'
import type { RosterUnit, RouteHandover, Scope } from '@patrol/contract'
import { audit, type OpenTx } from '@patrol/db'
import { ProblemError } from '../problems.ts'
import { appendEvents } from '../realtime/append-events.ts'
import { listRoster } from './list-roster.ts'

/**
 * Gives the route of one unit to another; what that one followed comes back in exchange. Both phones are told.
 * @throws NOT_FOUND beyond the scope or off duty, ROUTE_MOVED_ON when the unit follows another route by now
 */
export async function handOverRoute(
  tx: OpenTx,
  unitId: number,
  { toUnitId, patrolRouteId, plannedRouteId }: RouteHandover,
  { officerId, scope, now }: { officerId: number; scope: Scope; now: Date },
): Promise<RosterUnit[]> {
  const unitIds = [unitId, toUnitId]
  // In one order, so that two hand-overs between the same units cannot wait for each other.
  await tx.execute(
    sql`select 1 from unit where id = any(${sql.param(unitIds)}::int[]) order by id for update`,
  )
  const before = await listRoster(tx, { scope, now, unitIds })
  const from = before.find(({ id }) => id === unitId)
  const to = before.find(({ id }) => id === toUnitId)
  if (!from || !to || unitId === toUnitId) throw new ProblemError('NOT_FOUND', { field: 'body/toUnitId' })
  const seen = (unit: RosterUnit) =>
    unit.route.patrolRouteId === patrolRouteId && unit.route.plannedRouteId === plannedRouteId
  if (!seen(from)) {
    if (seen(to)) return before
    throw new ProblemError('ROUTE_MOVED_ON')
  }
  await exchange(tx, from, to)
  const after = await listRoster(tx, { scope, now, unitIds })
  await appendEvents(
    tx,
    now,
    after.map(({ id, callSign, mode, precinctId, stationId, startsAt, endsAt }) => ({
      type: 'unit:changed',
      precinctId,
      stationId,
      data: { id, callSign, mode, precinctId, stationId, startsAt, endsAt },
    })),
  )
  await tx.insert(audit).values({
    at: now,
    officerId,
    action: 'unit:hand-over-route',
    subject: `unit:${unitId}`,
    precinctId: from.precinctId,
    details: { toUnitId, patrolRouteId, plannedRouteId },
  })
  return after
}

async function exchange(tx: OpenTx, from: RosterUnit, to: RosterUnit): Promise<void> {
  await tx.execute(sql`
    update unit set patrol_route_id = case id when ${from.id} then ${to.route.patrolRouteId}::int
      else ${from.route.patrolRouteId}::int end where id in (${from.id}, ${to.id})`)
  const mine = from.route.plannedRouteId
  const theirs = to.route.plannedRouteId
  // A unit follows one planned route at a time, at every moment: ours lets go before theirs comes.
  if (mine !== null) await tx.execute(sql`update planned_route set state = 'withdrawn' where id = ${mine}`)
  if (theirs !== null)
    await tx.execute(sql`update planned_route set unit_id = ${from.id} where id = ${theirs}`)
  if (mine !== null) {
    await tx.execute(sql`update planned_route set unit_id = ${to.id}, state = 'assigned' where id = ${mine}`)
  }
}
