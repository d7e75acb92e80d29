import { sql } from 'drizzle-orm'
import type { Scope } from '@patrol/contract'
import { inTransaction, type Db } from '@patrol/db'
import { withinScope } from '../organisation/scope.ts'
import { tellOfJob, type JobRow } from './read-job.ts'

/**
 * Takes a job off, waiting or running. Its thread is ended by whoever runs it (told through Redis, and by its next sign
 * of life). @returns null where there is no such job in scope; `cancelled` is false for one that had ended before
 */
export async function cancelJob(
  db: Db,
  { jobId, officerId, scope }: { jobId: number; officerId: number; scope: Scope },
): Promise<{ job: JobRow; cancelled: boolean } | null> {
  const visible = withinScope(scope, { precinctId: sql`precinct_id`, stationId: sql`station_id` })
  return inTransaction(db, async (tx) => {
    const { rows } = await tx.execute<JobRow>(sql`
      update job set state = 'cancelled', finished_at = city_now()
      where id = ${jobId} and ${visible} and state in ('queued', 'running') returning *`)
    const job = rows[0]
    if (job === undefined) {
      const ended = await tx.execute<JobRow>(sql`select * from job where id = ${jobId} and ${visible}`)
      return ended.rows[0] === undefined ? null : { job: ended.rows[0], cancelled: false }
    }
    await tellOfJob(tx, job)
    await tx.execute(sql`
      insert into audit (officer_id, action, subject, precinct_id, details)
      values (${officerId}, 'job:cancelled', ${`job:${job.id}`}, ${job.precinct_id},
        ${JSON.stringify({ kind: job.kind, progress: job.progress })}::jsonb)`)
    return { job, cancelled: true }
  })
}
