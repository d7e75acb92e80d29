import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { Queue, Worker } from 'bullmq'
import { sql } from 'drizzle-orm'
import { inTransaction, type Db, type Tx } from '@patrol/db'
import type { Env } from '../env.ts'
import type { Log } from '../log.ts'
import { openRedis } from '../plugins/redis.ts'
import { channels, readMessage } from '../realtime/channels.ts'
import { keepSubscribed } from '../realtime/keep-subscribed.ts'
import { heavyQueue, putInQueue } from './heavy-queue.ts'
import { tellOfJob, type JobRow } from './read-job.ts'
import { runInThread } from './run-in-thread.ts'

const lookMs = 1_000
const aliveMs = 1_000
/** Silent for so long, a worker is taken for dead and its job is queued again. */
const silentSeconds = 15
/** A job that ended its worker so often is given up. */
const maxAttempts = 3
const progressMs = 500

type JobsEnv = Pick<Env, 'databaseUrl' | 'redisUrl' | 'redisPrefix' | 'osrmUrl'>

/**
 * Runs heavy jobs, each in a thread. BullMQ spreads them over the workers; the record decides: a job is run by whoever moves it
 * from queued to running in PostgreSQL. Once a second the record is looked through for jobs that Redis has lost or whose
 * worker died, and where Redis is away they are run from the record alone.
 */
export function startJobs({ db, env, log }: { db: Db; env: JobsEnv; log: Log }): { stop(): Promise<void> } {
  // Never only one: what an officer asks for must not wait for a forecast of minutes. The threads have low priority.
  const concurrency = Math.max(2, availableParallelism() - 1)
  /** From before its thread is there: a job may be cancelled while it is being begun. */
  const running = new Map<number, { end(): Promise<void>; over: Promise<void> }>()
  let stopping = false

  const { name, options } = heavyQueue(env)
  const queue = new Queue(name, options)
  const worker = new Worker<{ id: number }>(name, ({ data }) => runJob(data.id), {
    ...options,
    connection: { ...options.connection, enableOfflineQueue: true, maxRetriesPerRequest: null },
    concurrency,
  })
  queue.on('error', () => undefined) // Redis away: the look below goes on
  worker.on('error', () => undefined)

  const subscriber = openRedis(env, 'patrol-jobs')
  const { cancelledJobs } = channels(env.redisPrefix)
  subscriber.on('message', (_channel: string, message: string) => {
    const id = readMessage<number>(message)
    if (id !== null) void running.get(id)?.end()
  })
  void keepSubscribed(subscriber, () => subscriber.subscribe(cancelledJobs))

  /** Runs it if it still waits. Never throws for what the job did: that is on its record. */
  async function runJob(id: number): Promise<void> {
    if (stopping || running.has(id)) return
    let isEnded = false
    let endThread = async (): Promise<void> => undefined
    const { promise: over, resolve: setOver } = Promise.withResolvers<void>()
    running.set(id, {
      over,
      end: async () => {
        isEnded = true
        await endThread()
      },
    })
    try {
      const job = await change(
        db,
        sql`
        update job set state = 'running', attempt = attempt + 1, started_at = coalesce(started_at, city_now()),
          alive_at = clock_timestamp(), progress = 0, note = null
        where id = ${id} and state = 'queued' returning *`,
      )
      if (job === null || isEnded) return
      await follow(job, (end) => (endThread = end))
    } finally {
      running.delete(id)
      setOver()
    }
  }

  /** Runs it in a thread to its end, and keeps its record alive meanwhile. */
  async function follow(job: JobRow, onBegun: (end: () => Promise<void>) => void): Promise<void> {
    const { id } = job
    // No other run has this name, also not the next of the same job: connections are ended by it.
    const connectionName = `patrol job ${id} ${job.kind} ${randomBytes(4).toString('hex')}`
    const mine = sql`id = ${id} and state = 'running' and attempt = ${job.attempt}`
    let told = performance.now()
    let latest: { progress: number; note: string | null } | null = null
    const thread = runInThread(
      {
        databaseUrl: env.databaseUrl,
        connectionName,
        kind: job.kind,
        input: job.input,
        seed: job.seed,
        requestedBy: job.requested_by,
        now: new Date(job.requested_at),
        osrmUrl: env.osrmUrl,
      },
      (progress, note) => (latest = { progress: Math.min(1, Math.max(0, progress)), note }),
    )
    const end = async () => {
      await Promise.all([thread.end(), endQueries(db, connectionName)])
    }
    onBegun(end)

    const progressTimer = setInterval(() => {
      if (latest === null) return
      const { progress, note } = latest
      latest = null
      told = performance.now()
      change(
        db,
        sql`update job set progress = ${progress}, note = ${note}, alive_at = clock_timestamp()
        where ${mine} returning *`,
      ).then(endIfGone, () => undefined)
    }, progressMs)
    const aliveTimer = setInterval(() => {
      if (performance.now() - told < aliveMs) return
      db.execute(sql`update job set alive_at = clock_timestamp() where ${mine} returning id`).then(
        ({ rows }) => endIfGone(rows[0] ?? null),
        () => undefined, // the database is away: it may yet come back before the job does
      )
    }, aliveMs)
    // Cancelled, or given to another: whatever it finds is no longer wanted.
    const endIfGone = (row: unknown) => {
      if (row === null) void end()
    }

    try {
      const result = await thread.done
      if (result === null) return
      await change(
        db,
        sql`update job set state = 'done', progress = 1, result = ${JSON.stringify(result)}::jsonb,
        finished_at = city_now() where ${mine} returning *`,
      )
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      log.warn({ err: error, job: id, kind: job.kind }, 'job failed')
      await change(
        db,
        sql`update job set state = 'failed', error = ${message}, finished_at = city_now()
        where ${mine} returning *`,
      )
    } finally {
      clearInterval(progressTimer)
      clearInterval(aliveTimer)
    }
  }

  async function look(): Promise<void> {
    await reviveJobs(db)
    const { rows } = await db.execute<{ id: number; attempt: number; requested_by: number | null }>(sql`
      select id, attempt, requested_by from job where state = 'queued' order by requested_by is null, id limit 50`)
    for (const row of rows) {
      try {
        await putInQueue(queue, row)
      } catch {
        if (running.size < concurrency) void runJob(row.id).catch(() => undefined) // looked at again in a second
      }
    }
  }

  let looking: Promise<void> = Promise.resolve()
  const lookTimer = setInterval(() => {
    looking = looking
      .then(look)
      .catch((error: unknown) => log.warn({ err: error }, 'jobs not looked through, will try again'))
  }, lookMs)

  return {
    stop: async () => {
      stopping = true
      clearInterval(lookTimer)
      subscriber.disconnect()
      await looking
      const unfinished = [...running.keys()]
      // One that is just being begun has to be on record as such before it can be given back.
      await Promise.all([...running.values()].map((job) => job.end().then(() => job.over)))
      // Another worker may go on at once.
      if (unfinished.length > 0) {
        await db.execute(sql`update job set state = 'queued', attempt = attempt - 1, alive_at = null
          where id = any(${sql.param(unfinished)}::int[]) and state = 'running'`)
      }
      await worker.close(true)
      await queue.close()
    },
  }
}

/** A query goes on for a moment after its thread is gone, with its locks. */
async function endQueries(db: Db, connectionName: string): Promise<void> {
  await db
    .execute(
      sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = ${connectionName}`,
    )
    .catch(() => undefined) // the database is away: it ends them by itself
}

/** Changes one job and tells of it, in one transaction; null where the statement found none. */
async function change(db: Db, statement: ReturnType<typeof sql>): Promise<JobRow | null> {
  return inTransaction(db, async (tx) => tellOf(tx, await tx.execute<JobRow>(statement)))
}

async function tellOf(tx: Tx, { rows }: { rows: JobRow[] }): Promise<JobRow | null> {
  for (const row of rows) await tellOfJob(tx, row)
  return rows[0] ?? null
}

/** Jobs whose worker has been silent: queued again, or given up. */
async function reviveJobs(db: Db): Promise<void> {
  const silent = sql`state = 'running' and alive_at < clock_timestamp() - make_interval(secs => ${silentSeconds})`
  await inTransaction(db, async (tx) => {
    await tellOf(
      tx,
      await tx.execute<JobRow>(sql`
      update job set state = 'queued', alive_at = null where ${silent} and attempt < ${maxAttempts} returning *`),
    )
    await tellOf(
      tx,
      await tx.execute<JobRow>(sql`
      update job set state = 'failed', error = 'Its worker ended each time.', finished_at = city_now()
      where ${silent} returning *`),
    )
  })
}
