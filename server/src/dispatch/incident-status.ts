import { sql } from 'drizzle-orm'
import type { Incident } from '@patrol/contract'
import type { OpenTx } from '@patrol/db'
import { readIncident, type IncidentRow } from '../incident/read-incident.ts'
import { appendEvents } from '../realtime/append-events.ts'
import { held } from './read-assignment.ts'

/** Columns of `incident i` as `readIncident` takes them. */
export const incidentColumns = sql`i.id, i.source, i.category, i.subtype, i.priority, i.status, i.occurred_at,
  st_x(i.position) as lon, st_y(i.position) as lat, i.address, i.precinct_id, i.station_id`

/**
 * Sets an incident to what its orders say: `dispatched` while a unit holds one, else `open`; `closed` when the last one
 * was cleared. The incident is locked first, so that of two units that clear at once one sees the other.
 * @param hasCleared did this act clear an order?
 * @returns whether it is closed now
 */
export async function followOrders(
  tx: OpenTx,
  now: Date,
  incidentId: number,
  hasCleared: boolean,
): Promise<boolean> {
  await tx.execute(sql`select 1 from incident where id = ${incidentId} for update`)
  const { rows } = await tx.execute<IncidentRow>(sql`
    with seen as (
      select case
        when exists (select from assignment where incident_id = ${incidentId} and state in ${held}) then 'dispatched'
        when ${hasCleared} then 'closed' else 'open' end as status)
    update incident i set status = seen.status from seen
    where i.id = ${incidentId} and i.status <> seen.status and i.status <> 'closed'
    returning ${incidentColumns}`)
  const row = rows[0]
  if (row === undefined) return false
  const data = readIncident(row)
  await tellIncident(tx, now, data)
  return data.status === 'closed'
}

export async function tellIncident(tx: OpenTx, now: Date, data: Incident): Promise<void> {
  await appendEvents(tx, now, [
    { type: 'incident:changed', precinctId: data.precinctId, stationId: data.stationId, data },
  ])
}
