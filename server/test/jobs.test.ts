import { sql } from 'drizzle-orm'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Job } from '@patrol/contract'
import { connect, type Db } from '@patrol/db'
import { makeDepartment, makeOfficer, makePrecinct } from '@patrol/db/factories'
import { pino } from 'pino'
import { startJobs } from '../src/jobs/run-jobs.ts'
import { eventually, startTestCity, type TestCity } from './build-app.ts'

let city: TestCity
let worker: { stop(): Promise<void> }
let workerDb: Db
let administrator: string
let elsewhere: string
let seen: Job[]

const log = pino({ level: 'silent' })

beforeAll(async () => {
  city = await startTestCity()
  workerDb = connect(city.env.databaseUrl, { max: 6, name: 'test worker' })
  worker = startJobs({ db: workerDb, env: city.env, log })
  const department = await makeDepartment(city.db)
  const nobody = { precinctId: null, stationId: null }
  const chief = await makeOfficer(city.db, nobody, {
    roles: ['administrator'],
    organisationId: department.id,
  })
  administrator = (await city.logIn(chief.id)).cookie
  const place = await makePrecinct(city.db)
  const other = await makeOfficer(city.db, place, {
    roles: ['administrator'],
    organisationId: place.precinctId,
  })
  elsewhere = (await city.logIn(other.id)).cookie
  seen = []
  const screen = city.openScreen(administrator)
  screen.on('frame', ({ events }: { events: { type: string; data: Job }[] }) => {
    seen.push(...events.filter(({ type }) => type === 'job:changed').map(({ data }) => data))
  })
  await new Promise((resolve) => screen.once('connect', () => resolve(null)))
})
afterAll(async () => {
  await worker.stop()
  await workerDb.$client.end()
  await city.stop()
})

const ask = (method: 'GET' | 'POST', url: string, payload?: object, cookie = administrator) =>
  city.app.inject({
    method,
    url,
    headers: { cookie, 'x-requested-with': 'patrol' },
    ...(payload === undefined ? {} : { payload }),
  })

async function start(key: string): Promise<Job> {
  const response = await ask('POST', '/api/v1/jobs', { kind: 'hotspots:rebuild', input: {}, key })
  expect(response.statusCode, response.body).toBe(202)
  return response.json<Job>()
}

const ended = (id: number, states: Job['state'][] = ['done', 'failed', 'cancelled']) =>
  eventually(`job ${id} to be ${states.join(' or ')}`, async () => {
    const job = (await ask('GET', `/api/v1/jobs/${id}`)).json<Job>()
    return states.includes(job.state) ? job : undefined
  })

/** Holds the cells, so that a job that counts them runs as long as we like. */
async function holdCells() {
  const client = await city.db.$client.connect()
  await client.query('begin; lock table incident_cell in access exclusive mode')
  return async () => {
    await client.query('rollback')
    client.release()
  }
}

const threads = async () => {
  const { rows } = await city.db.execute<{ count: number }>(sql`
    select count(*)::int as count from pg_stat_activity
    where datname = current_database() and application_name like 'patrol job%'`)
  return rows[0]?.count ?? 0
}

test('a job runs in its thread, tells the screens and leaves its answer on record', async () => {
  const job = await start('first')
  expect(job.state).toBe('queued')
  const done = await ended(job.id)
  expect(done).toMatchObject({ state: 'done', progress: 1, result: { studyCells: 0, cells: 0 }, error: null })
  const states = await eventually('its end on the screen', () => {
    const own = seen.filter(({ id }) => id === job.id).map(({ state }) => state)
    return own.includes('done') ? own : undefined
  })
  expect(states.slice(0, 2)).toEqual(['queued', 'running'])
})

test('the same key is the same job, however often it is asked for', async () => {
  const jobs = await Promise.all([start('twice'), start('twice'), start('twice')])
  expect(new Set(jobs.map(({ id }) => id)).size).toBe(1)
  const id = jobs[0]?.id ?? 0
  await ended(id)
  expect((await start('twice')).id).toBe(id)
  const { rows } = await city.db.execute<{ attempt: number }>(sql`select attempt from job where id = ${id}`)
  expect(rows[0]?.attempt).toBe(1)
})

test('a cancelled job ends its thread in the middle, and may be asked for anew', async () => {
  const release = await holdCells()
  try {
    const job = await start('cancelled')
    await eventually('the thread to be at work', async () => ((await threads()) > 0 ? true : undefined))
    await eventually('it to wait for the cells', async () =>
      (await ask('GET', `/api/v1/jobs/${job.id}`)).json<Job>().note === 'counting' ? true : undefined,
    )
    const response = await ask('POST', `/api/v1/jobs/${job.id}/cancel`)
    expect(response.json<Job>().state).toBe('cancelled')
    await eventually('the thread and its query to be gone', async () =>
      (await threads()) === 0 ? true : undefined,
    )
    const again = await start('cancelled')
    expect(again.id).not.toBe(job.id)
    await release()
    expect((await ended(again.id)).state).toBe('done')
    expect((await ended(job.id)).state).toBe('cancelled')
    const { rows } = await city.db.execute(sql`select 1 from audit where subject = ${`job:${job.id}`}`)
    expect(rows).toHaveLength(1)
  } finally {
    await release().catch(() => undefined)
  }
})

test('a job that Redis has lost is found on record and done', async () => {
  const release = await holdCells()
  const running = await start('flushed-running')
  await ended(running.id, ['running'])
  const waiting = [await start('flushed-1'), await start('flushed-2')]
  const redis = new Redis(city.env.redisUrl)
  for await (const keys of redis.scanStream({ match: `${city.env.redisPrefix}-jobs*`, count: 1_000 })) {
    if (Array.isArray(keys) && keys.length > 0) await redis.unlink(...keys.map(String))
  }
  redis.disconnect()
  await release()
  for (const { id } of [running, ...waiting]) expect((await ended(id)).state).toBe('done')
})

test('a job whose worker fell silent is begun again, and given up after the third time', async () => {
  const plant = async (key: string, attempt: number) => {
    const { rows } = await city.db.execute<{ id: number }>(sql`
      insert into job (kind, key, input, seed, state, attempt, requested_at, alive_at)
      values ('hotspots:rebuild', ${key}, '{}', 1, 'running', ${attempt}, now(), clock_timestamp() - interval '1 minute')
      returning id`)
    return rows[0]?.id ?? 0
  }
  const [once, thrice] = [await plant('silent-1', 1), await plant('silent-3', 3)]
  expect((await ended(once)).state).toBe('done')
  expect(await ended(thrice)).toMatchObject({ state: 'failed', error: 'Its worker ended each time.' })
})

test('only those may start, see and cancel it whom role and scope allow', async () => {
  const job = await start('scoped')
  expect((await ask('GET', `/api/v1/jobs/${job.id}`, undefined, elsewhere)).statusCode).toBe(404)
  expect((await ask('POST', `/api/v1/jobs/${job.id}/cancel`, undefined, elsewhere)).statusCode).toBe(404)
  const { jobs } = (await ask('GET', '/api/v1/jobs', undefined, elsewhere)).json<{ jobs: Job[] }>()
  expect(jobs).toEqual([])
  const department = await makeDepartment(city.db)
  const operator = await makeOfficer(
    city.db,
    { precinctId: null, stationId: null },
    { roles: ['operator'], organisationId: department.id },
  )
  const { cookie } = await city.logIn(operator.id)
  const refused = await ask('POST', '/api/v1/jobs', { kind: 'hotspots:rebuild', input: {} }, cookie)
  expect(refused.json()).toMatchObject({ code: 'NOT_ALLOWED' })
  await ended(job.id)
})
