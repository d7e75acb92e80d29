import { connect as connectTcp, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import pg from 'pg'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { EventPage } from '@patrol/contract'
import { makeDepartment, makeOfficer } from '@patrol/db/factories'
import { buildApp, type App } from '../src/app.ts'
import { appendEvents } from '../src/realtime/append-events.ts'
import { eventually, startTestCity, type TestCity } from './build-app.ts'

let city: TestCity
beforeAll(async () => {
  city = await startTestCity()
})
afterAll(() => city.stop())

/** A gateway whose Redis is not there yet, and how to bring it there. */
async function startWithoutRedis() {
  const target = new URL(city.env.redisUrl)
  const open = new Set<Socket>()
  const proxy: Server = createServer((socket) => {
    const redis = connectTcp(Number(target.port), target.hostname)
    for (const one of [socket, redis]) {
      open.add(one)
      one.on('error', () => undefined)
    }
    socket.pipe(redis).pipe(socket)
  })
  const port = await new Promise<number>((resolve) => {
    const finder = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = finder.address() as AddressInfo
      finder.close(() => resolve(free))
    })
  })
  const redisUrl = Object.assign(new URL(target), { port: String(port) }).href
  const app = await buildApp({ ...city.env, redisUrl, port: 0 })
  return {
    app,
    bringRedis: () => new Promise<void>((resolve) => proxy.listen(port, '127.0.0.1', resolve)),
    async stop() {
      await app.close()
      for (const socket of open) socket.destroy()
      proxy.close()
    },
  }
}

async function ask(app: App, url: string) {
  const department = await makeDepartment(city.db)
  const nobody = { precinctId: null, stationId: null }
  const operator = await makeOfficer(city.db, nobody, { roles: ['operator'], organisationId: department.id })
  const { cookie } = await city.logIn(operator.id)
  return app.inject({ url, headers: { cookie } })
}

const append = (what: string) =>
  appendEvents(city.db, new Date(), [
    { type: 'city:changed', precinctId: null, stationId: null, data: { what } },
  ])

const readHead = async () => {
  const { rows } = await city.db.execute<{ pos: string }>(sql`select pos from event_head`)
  return Number(rows[0]?.pos)
}

test('a gateway that started before its Redis listens to it once it is there', async () => {
  const { app, bringRedis, stop } = await startWithoutRedis()
  await bringRedis()
  const { events, allUnits, revoked } = app.channels
  const listening = async () => {
    const counts = await city.app.redis.pubsub('NUMSUB', events, revoked)
    const patterns = await city.app.redis.pubsub('NUMPAT')
    // The city's own gateway listens as well.
    return counts[1] === 2 && counts[3] === 2 && Number(patterns) >= 1 ? true : undefined
  }
  await eventually('both gateways to listen', listening)
  const moved = new Promise((resolve) => app.subscriber.once('pmessage', (pattern) => resolve(pattern)))
  await city.app.redis.publish(app.channels.units(1), JSON.stringify({ units: [] }))
  expect(await moved).toBe(allUnits)
  await stop()
})

test('a gateway behind the log reads on before it answers a screen that is ahead of it', async () => {
  const { app, stop } = await startWithoutRedis()
  const before = await readHead()
  await append('unheard')
  await eventually('the number', async () => ((await readHead()) > before ? true : undefined))
  const page = await ask(app, `/api/v1/events?after=${before + 1}`)
  expect(page.json<EventPage>()).toEqual({ events: [], through: before + 1, head: before + 1 })
  await stop()
})

test('a gateway that cannot read the events that there are does not call itself fresh', async () => {
  const { app, stop } = await startWithoutRedis()
  await eventually('a fresh feed', () => (app.feed.fresh() ? true : undefined))
  const holder = new pg.Client({ connectionString: city.env.databaseUrl })
  await holder.connect()
  await holder.query('begin; lock table event in access exclusive mode')
  // Numbered, as the head says, and not to be read.
  await city.db.execute(sql`update event_head set pos = pos + 1`)
  await eventually('a stale feed', () => (app.feed.fresh() ? undefined : true))
  await holder.query(`insert into event (pos, event_id, type, at, data)
    select pos, gen_random_uuid(), 'city:changed', now(), '{"what": "late"}' from event_head; commit`)
  await holder.end()
  await eventually('a fresh feed again', () => (app.feed.fresh() ? true : undefined))
  expect(app.feed.head()).toBe(await readHead())
  await stop()
})
