import type { Queue } from 'bullmq'
import type { Env } from '../env.ts'

/** BullMQ's queue of heavy work. Commands fail at once while Redis is away: the record in PostgreSQL is looked through anyway. */
export const heavyQueue = (env: Pick<Env, 'redisUrl' | 'redisPrefix'>) => ({
  name: 'heavy',
  options: {
    connection: { url: env.redisUrl, maxRetriesPerRequest: 0, enableOfflineQueue: false },
    prefix: `${env.redisPrefix}-jobs`,
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
  },
})

/** Puts it in the queue, once: the name of an attempt is taken as long as that waits or runs. */
export async function putInQueue(
  queue: Queue,
  job: { id: number; attempt: number; requested_by: number | null },
) {
  // Somebody waits for what somebody asked for; a timer's work can wait.
  const priority = job.requested_by === null ? 2 : 1
  await queue.add('run', { id: job.id }, { jobId: `job-${job.id}-${job.attempt}`, priority })
}
