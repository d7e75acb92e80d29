import { randomUUID } from 'node:crypto'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { Queue } from 'bullmq'
import { sql } from 'drizzle-orm'
import { pino } from 'pino'
import type { CityPlanInput, JobKind } from '@patrol/contract'
import type { Db } from '@patrol/db'
import { cancelJob } from '../../jobs/cancel-job.ts'
import { heavyQueue, putInQueue } from '../../jobs/heavy-queue.ts'
import { startJobs } from '../../jobs/run-jobs.ts'
import { startJob } from '../../jobs/start-job.ts'
import { openRedis } from '../../plugins/redis.ts'
import { channels } from '../../realtime/channels.ts'
import { createRandom } from '../../route/random.ts'
import { requestPlan } from '../../route/plan/request-plan.ts'
import type { BenchServices } from '../bench-verdicts/with-bench-database.ts'
import type { Measure } from './measure-speed.ts'

const ROUNDS = 20
const ROUNDS_BESIDE_BUSY_CORES = 10
const MAX_CANCEL_MS = 100

const city = { city: true, precinctIds: [], stationIds: [] }
const place = { precinctId: null, stationId: null }

interface Order {
  kind: JobKind
  /** Each asking makes another job. */
  makeInput(): unknown
  /** It is cancelled at any instant of so many milliseconds: while it begins, reads, computes or writes. */
  withinMs: number
}

/** Milliseconds from the request to the record, and until the job's thread and connections are gone. */
type Cancelled = { recorded: number; gone: number }

/**
 * Jobs of each kind are started as a gateway does, run by a worker of this process, and cancelled at a random instant: alone, and
 * with another program busy on every core.
 */
export async function measureCancel(
  { db, databaseUrl, redisUrl, redisPrefix }: BenchServices,
  progress: (line: string) => void,
): Promise<Measure[]> {
  const env = { databaseUrl, redisUrl, redisPrefix, osrmUrl: '' }
  const redis = openRedis(env, 'bench-cancel')
  const { name: queueName, options } = heavyQueue(env)
  const queue = new Queue(queueName, options)
  const worker = startJobs({ db, env, log: pino({ level: 'silent' }) })
  const random = createRandom(7)

  /** Null where the job had ended before. */
  async function cancelOne({ kind, makeInput, withinMs }: Order, requestedBy: number) {
    const input = await makeInput()
    const begun = once(process, 'worker')
    const job = await startJob(db, { kind, input, key: randomUUID(), place, requestedBy })
    await putInQueue(queue, job)
    const [thread]: Worker[] = await begun
    if (thread === undefined) throw new Error('A thread was begun and not told of.')
    const exited = once(thread, 'exit').then(() => performance.now())
    await sleep(random.real() * withinMs)
    const started = performance.now()
    const found = await cancelJob(db, { jobId: job.id, officerId: requestedBy, scope: city })
    const recorded = performance.now() - started
    await redis.publish(channels(redisPrefix).cancelledJobs, JSON.stringify(job.id))
    const gone = Math.max(...(await Promise.all([exited, waitForConnections(db, job.id)]))) - started
    return found?.cancelled === true ? { recorded, gone } : null
  }

  try {
    const { requestedBy, orders } = await listOrders(db)
    const measures: Measure[] = []
    for (const [job, order] of Object.entries(orders)) {
      progress(`${job} is cancelled ${ROUNDS} times, and ${ROUNDS_BESIDE_BUSY_CORES} times beside busy cores`)
      const repeat = async (rounds: number): Promise<Cancelled[]> => {
        const done: Cancelled[] = []
        for (let tries = 0; done.length < rounds; tries++) {
          if (tries > 5 * rounds) throw new Error(`${job} mostly ends before it is cancelled.`)
          const cancelled = await cancelOne(order, requestedBy)
          if (cancelled !== null) done.push(cancelled)
        }
        return done
      }
      const alone = await repeat(ROUNDS)
      const besideBusyCores = await besidePrograms(() => repeat(ROUNDS_BESIDE_BUSY_CORES))
      measures.push({
        measure: 'cancel-job',
        job,
        milliseconds: Math.max(...alone.map(({ gone }) => gone)),
        alone: sumUp(alone),
        besideBusyCores: sumUp(besideBusyCores),
        target: `milliseconds until thread and connections are gone (slowest round alone) <= ${MAX_CANCEL_MS}`,
        holds: alone.every(({ gone }) => gone <= MAX_CANCEL_MS),
      })
    }
    return measures
  } finally {
    await worker.stop()
    await queue.close()
    redis.disconnect()
  }
}

/** By an officer of the shift to come that has most units. */
async function listOrders(db: Db): Promise<{ requestedBy: number; orders: Record<string, Order> }> {
  const { rows } = await db.execute<{ id: number; starts_at: Date; officer: number }>(sql`
    select s.id, s.starts_at, min(m.officer_id)::int as officer
    from shift s join unit u on u.shift_id = s.id and u.duty_type = 'patrol' join unit_member m on m.unit_id = u.id
    where s.starts_at > city_now() group by s.id order by count(*) desc, s.id limit 1`)
  const [shift] = rows
  if (shift === undefined) throw new Error('The seeded city has no shift to come.')
  const requestedBy = shift.officer
  const settings: CityPlanInput['settings'] = {
    weights: { hotspot: 1, windows: 1, overdue: 1, campaign: 1, visibility: 1 },
    line: 'variable',
    tolerancePercent: 5,
    visitSeconds: 300,
    closed: true,
    highRiskVisits: 1,
    gapMinutes: 60,
    // So many that it does not end before it is cancelled.
    iterations: 200_000,
  }
  const requestAPlan = async () => {
    const id = randomUUID()
    const request = { ...settings, id, shiftId: shift.id, goal: 'best-score', alternatives: 3 } as const
    const lists = { unitIds: [], pointIds: [], fixedPointIds: [], forbiddenPairs: [] }
    const by = { officerId: requestedBy, scope: city, now: new Date(), seed: 1 }
    await requestPlan(db, { ...request, ...lists }, by)
    return { planId: id }
  }
  const counted = { source: '110', categories: [] }
  const period = { from: '2023-01-01', to: '2025-12-31', resolution: 9, hours: null }
  const startsAt = new Date(shift.starts_at).toISOString()
  return {
    requestedBy,
    orders: {
      'hotspots:rebuild': { kind: 'hotspots:rebuild', withinMs: 3_000, makeInput: () => ({}) },
      'hotspots:map, permutation p': {
        kind: 'hotspots:map',
        withinMs: 4_000,
        makeInput: () => ({ ...counted, ...period, permutations: 9_999 }),
      },
      'hotspots:forecast': {
        kind: 'hotspots:forecast',
        withinMs: 20_000,
        makeInput: () => ({ source: '110', categories: ['category 0'], horizonDays: 30, folds: 12 }),
      },
      'routes:plan': { kind: 'routes:plan', withinMs: 4_000, makeInput: requestAPlan },
      'routes:city': {
        kind: 'routes:city',
        withinMs: 6_000,
        makeInput: () => ({ startsAt, precinctId: null, settings }),
      },
    },
  }
}

/** When the last connection of a job was gone. */
async function waitForConnections(db: Db, jobId: number): Promise<number> {
  for (;;) {
    const { rows } = await db.execute(sql`
      select 1 from pg_stat_activity
      where datname = current_database() and application_name like ${`patrol job ${jobId} %`}`)
    if (rows.length === 0) return performance.now()
    await sleep(3)
  }
}

async function besidePrograms<T>(work: () => Promise<T>): Promise<T> {
  const busy = Array.from({ length: availableParallelism() }, () =>
    spawn(process.execPath, ['-e', 'while (true);']),
  )
  try {
    return await work()
  } finally {
    for (const each of busy) each.kill('SIGKILL')
  }
}

function sumUp(cancelled: readonly Cancelled[]) {
  const describe = (values: number[]) => {
    const sorted = values.toSorted((a, b) => a - b)
    return { median: sorted[sorted.length >> 1], worst: sorted.at(-1) }
  }
  return {
    rounds: cancelled.length,
    recorded: describe(cancelled.map(({ recorded }) => recorded)),
    gone: describe(cancelled.map(({ gone }) => gone)),
  }
}
