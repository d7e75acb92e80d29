import { createHash } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { JobKind } from '@patrol/contract'
import { inTransaction, type Db } from '@patrol/db'
import type { Place } from '../organisation/scope.ts'
import { tellOfJob, type JobRow } from './read-job.ts'

export interface JobOrder {
  kind: JobKind
  /** As `HeavyJob.read` gave it. */
  input: unknown
  /** Default: a hash of input, seed and version. */
  key?: string | undefined
  seed?: number | undefined
  /** The state of the data, as `HeavyJob.version` gave it. */
  version?: string
  place: Place
  /** Null for work that a timer asks for. */
  requestedBy: number | null
}

/**
 * Puts a job on record, once per key and place: while one with the same key waits, runs or is done, that one is returned.
 * Wake the workers after (plugins/jobs.ts); they also look for themselves within a second.
 */
export async function startJob(db: Db, order: JobOrder): Promise<JobRow> {
  const { kind, input, place, requestedBy, seed = 1, version = '' } = order
  const named =
    order.key ??
    createHash('sha256')
      .update(JSON.stringify([input, seed, version]))
      .digest('hex')
  // Whoever may not see the other's job gets one of their own.
  const key = `${kind} ${place.precinctId ?? ''}/${place.stationId ?? ''} ${named}`
  return inTransaction(db, async (tx) => {
    const made = await tx.execute<JobRow>(sql`
      insert into job (kind, key, input, seed, precinct_id, station_id, requested_by, requested_at)
      values (${kind}, ${key}, ${JSON.stringify(input)}::jsonb, ${seed}, ${place.precinctId}, ${place.stationId},
        ${requestedBy}, city_now())
      on conflict (key) where state in ('queued', 'running', 'done') do nothing returning *`)
    const row = made.rows[0]
    if (row !== undefined) {
      await tellOfJob(tx, row)
      return row
    }
    const { rows } = await tx.execute<JobRow>(sql`
      select * from job where key = ${key} and state in ('queued', 'running', 'done') for share`)
    const known = rows[0]
    // It failed or was cancelled between the two statements: the caller asks again, if anybody still wants it.
    if (known === undefined) throw new Error('The job ended while it was asked for.')
    return known
  })
}
