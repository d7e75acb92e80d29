import type { Job, JobRequest } from '@patrol/contract'
import { ask } from './api.ts'

export const startJob = (request: JobRequest) => ask<Job>('POST', '/jobs', request)
export const readJob = (id: number) => ask<Job>('GET', `/jobs/${id}`)
export const cancelJob = (id: number) => ask<Job>('POST', `/jobs/${id}/cancel`, {})

const lookMs = 200
const askMs = 2_000

/**
 * Waits for a job's end. Progress comes with the screen's own events; now and then the server is asked, for a screen that
 * is cut off just now.
 */
export async function followJob(
  job: Job,
  { heard, onProgress }: { heard(id: number): Job | undefined; onProgress(job: Job): void },
): Promise<Job> {
  let askedAt = performance.now()
  for (let known = job; ;) {
    onProgress(known)
    if (known.state !== 'queued' && known.state !== 'running') return known
    await new Promise((resolve) => setTimeout(resolve, lookMs))
    const told = heard(job.id)
    if (told !== undefined && told !== known) known = told
    else if (performance.now() - askedAt > askMs) {
      askedAt = performance.now()
      known = await readJob(job.id)
    }
  }
}
