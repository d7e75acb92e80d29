import { sql } from 'drizzle-orm'
import type { Incident } from '@patrol/contract'
import { audit, type OpenTx } from '@patrol/db'
import { readIncident, type IncidentRow } from '../incident/read-incident.ts'
import { withinScope } from '../organisation/scope.ts'
import { ProblemError } from '../problems.ts'
import { incidentColumns, tellIncident } from './incident-status.ts'
import { assignmentRows, held, readOrder, type AssignmentRow } from './read-assignment.ts'
import { endOrder } from './reassign.ts'
import type { Commander } from './send-unit.ts'

/**
 * Closes an incident that needs no unit (withdrawn, reported twice, settled by telephone), with the reason. Closing what is
 * closed changes nothing. @throws NOT_FOUND beyond the scope, INCIDENT_DISPATCHED while a unit holds an order for it
 */
export async function closeIncident(
  tx: OpenTx,
  id: number,
  reason: string,
  { officerId, scope, now }: Commander,
): Promise<Incident> {
  const within = withinScope(scope, { precinctId: sql`i.precinct_id`, stationId: sql`i.station_id` })
  const { rows } = await tx.execute<IncidentRow & { is_held: boolean }>(sql`
    select ${incidentColumns}, exists (select from assignment a where a.incident_id = i.id and a.state in ${held}) as is_held
    from incident i where i.id = ${id} and ${within} for update of i`)
  const row = rows[0]
  if (row === undefined) throw new ProblemError('NOT_FOUND')
  if (row.status === 'closed') return readIncident(row)
  if (row.is_held) throw new ProblemError('INCIDENT_DISPATCHED')
  await tx.execute(sql`
    update incident set status = 'closed', closed_by = ${officerId}, closed_reason = ${reason} where id = ${id}`)
  const closed = readIncident({ ...row, status: 'closed' })
  await tellIncident(tx, now, closed)
  await endRefused(tx, now, id)
  await tx.insert(audit).values({
    at: now,
    officerId,
    action: 'incident:close',
    subject: `incident:${id}`,
    precinctId: closed.precinctId,
    details: { reason },
  })
  return closed
}

/** An incident that is over needs nobody any more in the place of those who refused. */
export async function endRefused(tx: OpenTx, now: Date, incidentId: number): Promise<void> {
  const { rows } = await tx.execute<AssignmentRow>(sql`
    ${assignmentRows} where a.incident_id = ${incidentId} and a.state = 'refused' for update of a`)
  for (const row of rows) await endOrder(tx, now, readOrder(row), row.reason ?? '')
}
