import { sql } from 'drizzle-orm'
import type { Alert } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { appendEvents } from '../realtime/append-events.ts'

/** What happened; more of the same dedup key while the alert is open raises its count instead of a second row. */
export interface AlertCause {
  kind: string
  dedupKey: string
  priority: 1 | 2 | 3
  precinctId: number | null
  stationId: number | null
  subject: Alert['subject']
  /** How many at once; 1 by default. */
  count?: number
  /** One more of it asks for an answer again, although the alert was acknowledged: a second cry for help is new. */
  asksAgain?: boolean
}

/** A row of `alert` with the name of who acknowledged it. */
export interface AlertRow extends Record<string, unknown> {
  id: number
  kind: string
  priority: number
  state: Alert['state']
  precinct_id: number | null
  station_id: number | null
  subject: Alert['subject']
  count: number
  raised_at: Date
  changed_at: Date
  acknowledged_at: Date | null
  acknowledged_by: string | null
}

/** Raises or refreshes alerts, each with its event, in the caller's transaction. */
export async function raiseAlerts(tx: Tx, now: Date, causes: readonly AlertCause[]): Promise<void> {
  // In key order, so that two transactions cannot wait for each other.
  for (const cause of mergeCauses(causes)) {
    const { rows } = await tx.execute<AlertRow & { inserted: boolean }>(sql`
      insert into alert as a (kind, dedup_key, priority, precinct_id, station_id, subject, count, raised_at, changed_at)
      values (${cause.kind}, ${cause.dedupKey}, ${cause.priority}, ${cause.precinctId}, ${cause.stationId},
        ${JSON.stringify(cause.subject)}::jsonb, ${cause.count ?? 1}, ${now.toISOString()}, ${now.toISOString()})
      on conflict (dedup_key) where closed_at is null do update
        set count = a.count + excluded.count, changed_at = excluded.changed_at, subject = excluded.subject
          ${cause.asksAgain === true ? sql`, state = 'unack', acknowledged_by = null, acknowledged_at = null` : sql``}
      returning a.*, (a.xmax = 0) as inserted,
        (select o.name from officer o where o.id = a.acknowledged_by) as acknowledged_by`)
    const row = rows[0]
    if (row === undefined) continue
    const data = readAlert(row)
    const type = row.inserted ? 'alert:raised' : 'alert:changed'
    await appendEvents(tx, now, [{ type, precinctId: data.precinctId, stationId: data.stationId, data }])
  }
}

/** One cause per dedup key, with the counts added up, in key order. */
function mergeCauses(causes: readonly AlertCause[]): AlertCause[] {
  const merged = new Map<string, AlertCause>()
  for (const cause of causes) {
    const known = merged.get(cause.dedupKey)
    merged.set(cause.dedupKey, { ...cause, count: (known?.count ?? 0) + (cause.count ?? 1) })
  }
  return [...merged.values()].sort((a, b) => (a.dedupKey < b.dedupKey ? -1 : 1))
}

export function readAlert(row: AlertRow): Alert {
  return {
    id: row.id,
    kind: row.kind,
    priority: row.priority,
    state: row.state,
    precinctId: row.precinct_id,
    stationId: row.station_id,
    subject: row.subject,
    count: row.count,
    raisedAt: new Date(row.raised_at).toISOString(),
    changedAt: new Date(row.changed_at).toISOString(),
    acknowledgedAt: row.acknowledged_at === null ? null : new Date(row.acknowledged_at).toISOString(),
    acknowledgedBy: row.acknowledged_by,
  }
}
