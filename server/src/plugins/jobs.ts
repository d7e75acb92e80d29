import { Queue } from 'bullmq'
import type { FastifyInstance } from 'fastify'
import { heavyQueue, putInQueue } from '../jobs/heavy-queue.ts'
import { startJob, type JobOrder } from '../jobs/start-job.ts'
import type { JobRow } from '../jobs/read-job.ts'

declare module 'fastify' {
  interface FastifyInstance {
    jobs: {
      /** Puts a job on record and wakes the workers. */
      start(order: JobOrder): Promise<JobRow>
      /** Tells the workers that a job was cancelled. */
      tellCancelled(jobId: number): void
    }
  }
}

/** The gateway's side of heavy work: it only asks for it. */
export async function addJobs(app: FastifyInstance) {
  const { name, options } = heavyQueue(app.env)
  const queue = new Queue(name, options)
  queue.on('error', () => undefined) // Redis away: the workers look into the record by themselves
  app.decorate('jobs', {
    async start(order: JobOrder) {
      const job = await startJob(app.db, order)
      if (job.state === 'queued') putInQueue(queue, job).catch(() => undefined)
      return job
    },
    tellCancelled(jobId: number) {
      app.redis.publish(app.channels.cancelledJobs, JSON.stringify(jobId)).catch(() => undefined)
    },
  })
  app.addHook('onClose', async () => {
    await queue.close()
  })
}
