import { sql } from 'drizzle-orm'
import type { Job } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { appendEvents } from '../realtime/append-events.ts'

export interface JobRow extends Record<string, unknown> {
  id: number
  kind: Job['kind']
  input: unknown
  seed: number
  state: Job['state']
  progress: number
  note: string | null
  result: Record<string, unknown> | null
  error: string | null
  precinct_id: number | null
  station_id: number | null
  requested_by: number | null
  requested_at: Date
  started_at: Date | null
  finished_at: Date | null
  attempt: number
}

const instant = (at: Date | null) => (at === null ? null : new Date(at).toISOString())

export function readJob(row: JobRow): Job {
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    progress: row.progress,
    note: row.note,
    result: row.result,
    error: row.error,
    requestedBy: row.requested_by,
    requestedAt: new Date(row.requested_at).toISOString(),
    startedAt: instant(row.started_at),
    finishedAt: instant(row.finished_at),
  }
}

/** Tells the screens that may see it, in the transaction that changed it. */
export async function tellOfJob(tx: Tx, row: JobRow): Promise<void> {
  const { rows } = await tx.execute<{ now: Date }>(sql`select city_now() as now`)
  await appendEvents(tx, new Date(rows[0]?.now ?? Date.now()), [
    { type: 'job:changed', precinctId: row.precinct_id, stationId: row.station_id, data: readJob(row) },
  ])
}
