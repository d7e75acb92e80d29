import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, migrate, type Db } from '@patrol/db'
import { createDatabase, dropDatabase, startServices } from '@patrol/db/services'
import { Redis } from 'ioredis'
import { addWindows } from '../../../test/bulk-windows.ts'
import { startWorkers, type WorkerProcess } from './worker-process.ts'

const root = join(import.meta.dirname, '../../../..')
/** As many precincts as the city has; each gets its share of the windows and its own alert. */
const PRECINCTS = 16
/** From when both workers sweep until the first window's grace ends. */
const LEAD_MS = 3_000
/** Declared or not: how often we look, so a delay may be measured this much too long. */
const LOOK_MS = 100
const GIVE_UP_MS = 60_000

export interface ClosingOptions {
  windows: number
  /** The ends of grace lie evenly over this time; 0 for all at one instant. */
  spreadSeconds: number
  kill: boolean
}

export interface ClosingResult {
  windows: number
  spreadSeconds: number
  /** Windows with a missed event. */
  declared: number
  /** Missed events beyond one for a window. */
  doubled: number
  undeclared: number
  /** Whether a worker was killed (SIGKILL) with declarations made and not committed. */
  killedInTheMiddle: boolean
  declaredWhenKilled: number
  /** From the end of a window's grace until its event is committed and read: the slowest one. */
  worstDelaySeconds: number
  medianDelaySeconds: number
  /** In the same run: a bare update of one column of as many rows, for comparison between machines. */
  baselineUpdateSeconds: number
}

/**
 * Lets windows close under two worker processes of the real program, and kills the one that is at work.
 * Brings its own database and removes it.
 */
export async function closeWindows(
  options: ClosingOptions,
  progress: (line: string) => void,
): Promise<ClosingResult> {
  const services = await startServices({ dataDir: join(root, '.data/bench'), log: progress })
  const unique = randomBytes(6).toString('hex')
  const name = `patrol_bench_windows_${unique}`
  const redisPrefix = `bench-${unique}`
  const databaseUrl = await createDatabase(services, name)
  const db = connect(databaseUrl, { name: 'bench' })
  let workers: WorkerProcess[] = []
  try {
    await migrate(databaseUrl)
    await addClosingWindows(db, options)
    const baselineUpdateSeconds = await timeUpdate(db)
    workers = startWorkers(2, { databaseUrl, redisUrl: services.redisUrl, redisPrefix })
    await waitUntilSweeping(db, workers)
    await setEnds(db, options.spreadSeconds)
    progress(`${options.windows} windows, grace ends within ${options.spreadSeconds} s, two workers`)
    const killing = await watch(db, options, workers, progress)
    return { ...options, ...killing, ...(await readResult(db)), baselineUpdateSeconds }
  } finally {
    for (const worker of workers) await worker.stop()
    await db.$client.end()
    await dropDatabase(services, name)
    await dropKeys(services.redisUrl, redisPrefix)
    await services.stop()
  }
}

/** What BullMQ left in a Redis that may be somebody else's. */
async function dropKeys(redisUrl: string, prefix: string): Promise<void> {
  const redis = new Redis(redisUrl)
  for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 1_000 })) {
    if (Array.isArray(keys) && keys.length > 0) await redis.unlink(...keys.map(String))
  }
  redis.disconnect()
}

async function addClosingWindows(db: Db, { windows }: ClosingOptions): Promise<void> {
  const now = Date.now()
  const facts = {
    startsAt: new Date(now - 7_200_000),
    endsAt: new Date(now - 300_000),
    graceEndsAt: new Date(now + 3_600_000),
    requiredCount: 1,
  }
  for (let made = 0; made < windows;) {
    const share = Math.min(Math.ceil(windows / PRECINCTS), windows - made)
    await addWindows(db, Array(share).fill(facts), 'grace')
    made += share
  }
  // When each was seen to be declared. The workers do not know of it.
  await db.$client.query('create table seen (window_id bigint, outbox_id bigint primary key, delay interval)')
  await db.$client.query('analyze')
}

async function timeUpdate(db: Db): Promise<number> {
  const began = performance.now()
  await db.$client.query('update patrol_window set done_count = 0')
  return Math.round(performance.now() - began) / 1_000
}

/** A worker's first connection is its first sweep. */
async function waitUntilSweeping(db: Db, workers: readonly WorkerProcess[]): Promise<void> {
  const until = performance.now() + GIVE_UP_MS
  const names = workers.map((worker) => worker.name)
  for (;;) {
    const { rows } = await db.$client.query<{ seen: number }>(
      `select count(distinct application_name)::int as seen from pg_stat_activity
       where datname = current_database() and application_name = any($1)`,
      [names],
    )
    if (rows[0]?.seen === workers.length) return
    if (performance.now() > until) throw new Error('The workers did not start; their log is above.')
    await sleep(50)
  }
}

async function setEnds(db: Db, spreadSeconds: number): Promise<void> {
  await db.$client.query(
    `with clock as materialized (select city_now() as now)
     update patrol_window w set grace_ends_at = ends.at, next_change_at = ends.at
     from (
       select id, now + make_interval(secs => $1 + $2::float8 * (row_number() over (order by id) - 1) / count(*) over ()) as at
       from patrol_window, clock
     ) ends where ends.id = w.id`,
    [LEAD_MS / 1_000, spreadSeconds],
  )
}

/** Looks until all are declared, and kills the worker that is in the midst of declaring once about half are through. */
async function watch(
  db: Db,
  { windows, spreadSeconds, kill }: ClosingOptions,
  workers: readonly WorkerProcess[],
  progress: (line: string) => void,
): Promise<Pick<ClosingResult, 'killedInTheMiddle' | 'declaredWhenKilled'>> {
  const until = performance.now() + LEAD_MS + spreadSeconds * 1_000 + GIVE_UP_MS
  let declared = 0
  let declaredWhenKilled = 0
  let killed: WorkerProcess | undefined
  let lookAt = 0
  while (declared < windows && performance.now() < until) {
    if (kill && !killed && declared >= (spreadSeconds > 0 ? windows / 2 : 1)) {
      killed = await killOneAtWork(db, workers)
      if (killed) {
        declaredWhenKilled = declared
        progress(`${killed.name} killed with ${declared} declared`)
      }
    }
    if (performance.now() >= lookAt) {
      lookAt = performance.now() + LOOK_MS
      declared = await look(db)
    }
    await sleep(5)
  }
  return { killedInTheMiddle: killed !== undefined, declaredWhenKilled }
}

/** A backend with a transaction id has written something that it has not committed. */
async function killOneAtWork(db: Db, workers: readonly WorkerProcess[]): Promise<WorkerProcess | undefined> {
  const { rows } = await db.$client.query<{ name: string }>(
    `select application_name as name from pg_stat_activity
     where datname = current_database() and backend_xid is not null and application_name = any($1)`,
    [workers.map((worker) => worker.name)],
  )
  const worker = workers.find((each) => each.name === rows[0]?.name)
  worker?.kill()
  return worker
}

async function look(db: Db): Promise<number> {
  await db.$client.query(`
    insert into seen
    select w.id, o.id, clock_timestamp() - w.grace_ends_at
    from outbox o join patrol_window w on w.id = (o.data->>'windowId')::bigint
    where o.type = 'window:missed' and not exists (select from seen where outbox_id = o.id)`)
  const { rows } = await db.$client.query<{ declared: number }>(
    'select count(distinct window_id)::int as declared from seen',
  )
  return rows[0]?.declared ?? 0
}

async function readResult(db: Db) {
  // Time for a second declaration to appear, if there were one: more than a whole round of both sweeps.
  await sleep(5_000)
  await look(db)
  const { rows } = await db.$client.query<{
    declared: number
    doubled: number
    undeclared: number
    worstDelaySeconds: number
    medianDelaySeconds: number
  }>(`
    select count(distinct window_id)::int as declared, (count(*) - count(distinct window_id))::int as doubled,
      (select count(*) from patrol_window where state <> 'missed')::int as undeclared,
      round(coalesce(extract(epoch from max(delay)), -1), 3)::float8 as "worstDelaySeconds",
      round(coalesce(extract(epoch from percentile_disc(0.5) within group (order by delay)), -1), 3)::float8 as "medianDelaySeconds"
    from seen`)
  const row = rows[0]
  if (row === undefined) throw new Error('The bench counted nothing.')
  return row
}
