import { sql } from 'drizzle-orm'
import type { AssignmentCommand, Order, Scope } from '@patrol/contract'
import { audit, type OpenTx } from '@patrol/db'
import { readIncident, type IncidentRow } from '../incident/read-incident.ts'
import { withinScope } from '../organisation/scope.ts'
import { ProblemError } from '../problems.ts'
import { actOnce, type ActOutcome } from './act-once.ts'
import { tellOrder } from './assignment-events.ts'
import { findUnit } from './find-unit.ts'
import { followOrders, incidentColumns } from './incident-status.ts'
import { findOrder } from './read-assignment.ts'

export interface Commander {
  officerId: number
  scope: Scope
  now: Date
}

/**
 * Sends a unit to an incident or to a task: the first one, or one more as reinforcement. The same id again is the same order.
 * @throws NOT_FOUND where the commander does not see unit or incident, SHIFT_NOT_OPEN, INCIDENT_CLOSED
 */
export async function sendUnit(tx: OpenTx, command: AssignmentCommand, by: Commander): Promise<ActOutcome> {
  const { id, unitId } = command
  const act = {
    id,
    assignmentId: id,
    act: 'order' as const,
    epoch: 1,
    unitId,
    officerId: by.officerId,
    at: by.now,
  }
  return actOnce(tx, act, async () => ({ outcome: 'done', order: await order(tx, command, by) }))
}

async function order(tx: OpenTx, { id, unitId, to, note }: AssignmentCommand, by: Commander): Promise<Order> {
  const place = 'incidentId' in to ? await lockIncident(tx, to.incidentId, by.scope) : await placeTask(tx, to)
  const unit = await findUnit(tx, unitId, by)
  const now = by.now.toISOString()
  await tx.execute(sql`
    insert into assignment (id, incident_id, title, priority, position, address, unit_id, precinct_id, station_id,
      place_precinct_id, ordered_by, note, created_at, ordered_at, changed_at)
    values (${id}, ${place.incidentId}, ${place.title}, ${place.priority},
      st_setsrid(st_makepoint(${place.lon}, ${place.lat}), 4326), ${place.address}, ${unitId}, ${unit.precinctId},
      ${unit.stationId}, ${place.precinctId}, ${by.officerId}, ${note ?? null}, ${now}, ${now}, ${now})`)
  const made = await findOrder(tx, id)
  if (made === null) throw new Error('An order that was just made is not there.')
  await tellOrder(tx, by.now, 'assignment:ordered', made)
  if (made.incidentId !== null) await followOrders(tx, by.now, made.incidentId, false)
  await tx.insert(audit).values({
    at: by.now,
    officerId: by.officerId,
    action: 'assignment:order',
    subject: `assignment:${id}`,
    precinctId: unit.precinctId,
    details: { unitId, incidentId: made.incidentId },
  })
  return made
}

/** Locked, so that it is not closed while a unit is sent to it. */
async function lockIncident(tx: OpenTx, id: number, scope: Scope) {
  const within = withinScope(scope, { precinctId: sql`i.precinct_id`, stationId: sql`i.station_id` })
  const { rows } = await tx.execute<IncidentRow>(sql`
    select ${incidentColumns} from incident i where i.id = ${id} and ${within} for update`)
  if (rows[0] === undefined) throw new ProblemError('NOT_FOUND', { field: 'body/to/incidentId' })
  const { category, status, ...incident } = readIncident(rows[0])
  if (status === 'closed') throw new ProblemError('INCIDENT_CLOSED')
  return { ...incident, title: category, incidentId: id }
}

async function placeTask(tx: OpenTx, task: Exclude<AssignmentCommand['to'], { incidentId: number }>) {
  const { rows } = await tx.execute<{ id: number }>(sql`
    select id from organisation where kind = 'precinct'
      and st_covers(area, st_setsrid(st_makepoint(${task.lon}, ${task.lat}), 4326)) limit 1`)
  return {
    ...task,
    incidentId: null,
    priority: task.priority ?? 2,
    address: task.address ?? null,
    precinctId: rows[0]?.id ?? null,
  }
}
