import { sql } from 'drizzle-orm'
import type { Alert, Scope } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { withinScope } from '../organisation/scope.ts'
import { appendEvents } from '../realtime/append-events.ts'
import { readAlert, type AlertRow } from './raise-alert.ts'

/**
 * Takes note of an alert; the first to do so is shown everywhere. Acknowledging twice changes nothing.
 * Null when the scope has no such open alert.
 */
export async function acknowledgeAlert(
  tx: Tx,
  { alertId, officerId, scope, now }: { alertId: number; officerId: number; scope: Scope; now: Date },
): Promise<Alert | null> {
  const within = withinScope(scope, { precinctId: sql`a.precinct_id`, stationId: sql`a.station_id` })
  const changed = await tx.execute<AlertRow>(sql`
    update alert a set state = 'ack', acknowledged_by = ${officerId}, acknowledged_at = ${now.toISOString()},
      changed_at = ${now.toISOString()}
    from officer o
    where a.id = ${alertId} and a.state = 'unack' and ${within} and o.id = ${officerId}
    returning a.id, a.kind, a.priority, a.state, a.precinct_id, a.station_id, a.subject, a.count, a.raised_at,
      a.changed_at, a.acknowledged_at, o.name as acknowledged_by`)
  const row = changed.rows[0]
  if (row !== undefined) {
    const data = readAlert(row)
    await appendEvents(tx, now, [
      { type: 'alert:changed', precinctId: data.precinctId, stationId: data.stationId, data },
    ])
    return data
  }
  const known = await tx.execute<AlertRow>(sql`
    select a.id, a.kind, a.priority, a.state, a.precinct_id, a.station_id, a.subject, a.count, a.raised_at,
      a.changed_at, a.acknowledged_at, o.name as acknowledged_by
    from alert a left join officer o on o.id = a.acknowledged_by
    where a.id = ${alertId} and a.closed_at is null and ${within}`)
  return known.rows[0] === undefined ? null : readAlert(known.rows[0])
}
