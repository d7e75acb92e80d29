import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { migrate } from '@patrol/db'
import { createDatabase, dropDatabase, startServices, type Services } from '@patrol/db/services'
import pg from 'pg'
import { seedCity, type BenchCity, type CityPlan } from './seed-city.ts'
import { buildServer, makeServerProcess, type Roles, type ServerProcess } from './server-process.ts'

const root = join(import.meta.dirname, '../..')

/** A running system with a city in it. */
export interface Bench {
  services: Services
  city: BenchCity
  /** For looking: what is stored, where the log is. Nothing is ever written through it while a run goes on. */
  database: pg.Pool
  databaseUrl: string
  servers: ServerProcess[]
  /** Addresses of the gateways. */
  origins: string[]
  serverKey: Buffer
  stop(): Promise<void>
}

/**
 * Services, a database of its own, a seeded city and the server's processes: all that a level or a fault needs.
 *
 * @param roles one process each; at least one gateway, relay and worker among them
 * @param services those of a test run, used instead of own ones and left alone
 */
export async function openBench({
  plan,
  roles,
  say,
  services: given,
  nodeOptions,
}: {
  plan: CityPlan
  roles: Roles[]
  say(line: string): void
  services?: Services
  nodeOptions?: string[]
}): Promise<Bench> {
  const services = given ?? (await startServices({ dataDir: join(root, '.data/bench'), log: say }))
  const unique = `${process.pid}_${randomBytes(4).toString('hex')}`
  const name = `patrol_bench_${unique}`
  const stops: (() => Promise<unknown>)[] = given ? [] : [() => services.stop()]
  const stop = async () => {
    for (const each of stops.toReversed()) await each()
  }
  try {
    const databaseUrl = await createDatabase(services, name)
    stops.push(() => dropDatabase(services, name))
    await migrate(databaseUrl)
    const tagKey = randomBytes(32)
    const serverKey = randomBytes(32)
    const city = await seedCity(databaseUrl, tagKey, plan)
    say(
      `City of ${plan.points} points, ${plan.units} units and ${plan.walls + plan.consoles} screens seeded.`,
    )

    const database = new pg.Pool({
      connectionString: databaseUrl,
      max: 3,
      application_name: 'patrol bench',
    })
    database.on('error', () => undefined) // PostgreSQL is restarted in some benches
    database.on('connect', (client) => client.on('error', () => undefined))
    stops.push(() => database.end())

    const folder = join(root, '.data/bench-logs')
    mkdirSync(folder, { recursive: true })
    const settings = {
      REDIS_URL: services.redisUrl,
      REDIS_PREFIX: `bench-${unique}`,
      TAG_KEYS: JSON.stringify({ 1: tagKey.toString('base64') }),
      SERVER_KEY: serverKey.toString('base64'),
    }
    await buildServer(say)
    const servers: ServerProcess[] = []
    for (const [nr, each] of roles.entries()) {
      const logFile = join(folder, `server-${unique}-${nr}.log`)
      const ownUrl = new URL(databaseUrl)
      ownUrl.searchParams.set('application_name', `bench-${nr}`)
      const server = await makeServerProcess({
        name: `bench-${nr}`,
        roles: each,
        settings: { ...settings, DATABASE_URL: ownUrl.href },
        logFile,
        ...(nodeOptions ? { nodeOptions } : {}),
      })
      await server.start()
      servers.push(server)
      stops.push(() => server.stop())
    }
    await Promise.all(servers.map((server) => server.ready()))
    await settleCity(database)
    say('Server is ready.')
    return {
      services,
      city,
      database,
      databaseUrl,
      servers,
      origins: servers.filter(({ roles: each }) => each.includes('gateway')).map(({ origin }) => origin),
      serverKey,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Waits until the windows of the day are there and opened, and every event has its position. */
export async function settleCity(database: pg.Pool): Promise<void> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const { rows } = await database.query<{ settled: boolean }>(
      `select exists (select from patrol_window)
         and not exists (select from patrol_window where next_change_at <= clock_timestamp())
         and not exists (select from outbox) as settled`,
    )
    if (rows[0]?.settled === true) return
    if (Date.now() > deadline) throw new Error('The city does not settle: is there a worker and a relay?')
    await sleep(50)
  }
}
