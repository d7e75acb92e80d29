import { connect as connectTcp } from 'node:net'
import { sql } from 'drizzle-orm'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Event, EventPage, Frame, Heartbeat, Scope, WallSnapshot } from '@patrol/contract'
import { inTransaction } from '@patrol/db'
import { makeDepartment, makeOfficer, makePrecinct } from '@patrol/db/factories'
import { buildApp } from '../src/app.ts'
import { appendEvents } from '../src/realtime/append-events.ts'
import { numberEvents } from '../src/realtime/relay.ts'
import { eventually, startTestCity, type TestCity } from './build-app.ts'

let city: TestCity
let operator: string
beforeAll(async () => {
  city = await startTestCity()
  const department = await makeDepartment(city.db)
  const officer = await makeOfficer(
    city.db,
    { precinctId: null, stationId: null },
    { roles: ['operator'], organisationId: department.id },
  )
  operator = (await city.logIn(officer.id)).cookie
})
afterAll(() => city.stop())

const changed = (what: string, precinctId: number | null = null) => ({
  type: 'city:changed' as const,
  precinctId,
  stationId: null,
  data: { what },
})

/** Appends one event in a transaction of its own. */
const append = (what: string, precinctId: number | null = null) =>
  inTransaction(city.db, (tx) => appendEvents(tx, new Date(), [changed(what, precinctId)]))

/** A screen that follows the log as the wall does: frames, and the events it missed. */
function follow(cookie = operator) {
  const events: Event[] = []
  const socket = city.openScreen(cookie)
  socket.on('frame', (frame: Frame) => events.push(...frame.events))
  return { events, socket, connected: new Promise((resolve) => socket.once('connect', () => resolve(null))) }
}

test('a screen sees events of many concurrent writers once each, without a gap, in the order of the log', async () => {
  const { events, connected } = follow()
  await connected
  const writers = Array.from({ length: 20 }, async (_, writer) => {
    for (let i = 0; i < 25; i++) await append(`writer ${writer}: ${i}`)
  })
  await Promise.all(writers)
  await eventually('500 events', () => (events.length >= 500 ? true : undefined))
  const first = events[0]?.pos ?? 0
  expect(events.map((event) => event.pos)).toEqual(events.map((_, i) => first + i))
  expect(new Set(events.map((event) => event.id)).size).toBe(500)
  const logged = await city.db.execute<{ event_id: string }>(
    sql`select event_id from event where pos >= ${first} order by pos`,
  )
  expect(events.map((event) => event.id)).toEqual(logged.rows.map((row) => row.event_id))
})

test('an event that commits late, after later ones, is neither lost nor out of order', async () => {
  const { events, connected } = follow()
  await connected
  const slow = new pg.Client({ connectionString: city.env.databaseUrl })
  await slow.connect()
  await slow.query('begin')
  await slow.query(`insert into outbox (type, at, data) values ('city:changed', now(), '{"what": "slow"}')`)
  for (let i = 0; i < 10; i++) await append(`quick ${i}`)
  await eventually('the quick ones', () => (events.length === 10 ? true : undefined))
  await slow.query('commit')
  await slow.end()
  await eventually('the slow one', () => (events.length === 11 ? true : undefined))
  expect(events.at(-1)?.data).toEqual({ what: 'slow' })
  expect(events.map((event) => event.pos)).toEqual(events.map((_, i) => (events[0]?.pos ?? 0) + i))
})

test('events that Redis never announced come all the same, from the log', async () => {
  const { events, connected } = follow()
  await connected
  // A relay whose announcement was lost: numbered, committed, not published.
  await city.app.subscriber.unsubscribe(city.app.channels.events)
  await append('silent')
  await eventually('the silent event', () =>
    events.some((e) => JSON.stringify(e.data).includes('silent')) ? true : undefined,
  )
  await city.app.subscriber.subscribe(city.app.channels.events)
  await append('loud')
  await eventually('the loud event', () =>
    events.some((e) => JSON.stringify(e.data).includes('loud')) ? true : undefined,
  )
  expect(events.map((event) => event.pos)).toEqual(events.map((_, i) => (events[0]?.pos ?? 0) + i))
})

test('two relays at once give no position twice and leave none out', async () => {
  const clients = await Promise.all(
    [0, 1].map(async () => {
      const client = new pg.Client({ connectionString: city.env.databaseUrl })
      await client.connect()
      return client
    }),
  )
  const before = await city.db.execute<{ pos: string }>(sql`select pos from event_head`)
  let writing = true
  const relays = clients.map(async (client) => {
    while (writing) await numberEvents(client, 7).catch(() => undefined)
  })
  await Promise.all(
    Array.from({ length: 10 }, async () => {
      for (let i = 0; i < 20; i++) await append('contended')
    }),
  )
  await eventually('an empty outbox', async () =>
    (await city.db.execute(sql`select 1 from outbox`)).rows.length === 0 ? true : undefined,
  )
  writing = false
  await Promise.all(relays)
  await Promise.all(clients.map((client) => client.end()))
  const check = await city.db.execute<{ n: number; span: number }>(sql`
    select count(*)::int as n, (max(pos) - min(pos) + 1)::int as span from event where pos > ${before.rows[0]?.pos}`)
  expect(check.rows[0]).toEqual({ n: 200, span: 200 })
})

test('two gateways show the same sequence', async () => {
  const second = await buildApp({ ...city.env, port: 0 })
  await second.listen({ host: '127.0.0.1', port: 0 })
  const { events, connected } = follow()
  await connected
  const there: Event[] = []
  second.feed.onEvents((list) => there.push(...list))
  for (let i = 0; i < 50; i++) await append(`both ${i}`)
  await eventually('all on both', () => (events.length >= 50 && there.length >= 50 ? true : undefined))
  // A frame may still hold events from just before the screen joined.
  const from = Math.max(there[0]?.pos ?? 0, events[0]?.pos ?? 0)
  const positions = (list: Event[]) => list.map((event) => event.pos).filter((pos) => pos >= from)
  const last = await eventually('the last on both', () => {
    const [a, b] = [there.at(-1)?.pos, events.at(-1)?.pos]
    return a === b ? a : undefined
  })
  expect(positions(there)).toEqual(positions(events))
  expect(last - from + 1).toBe(positions(there).length)
  await second.close()
})

test('catch-up pages to the head, by scope, from memory and from the log alike', async () => {
  const { precinctId } = await makePrecinct(city.db)
  const sergeant = await makeOfficer(
    city.db,
    { precinctId, stationId: null },
    { roles: ['duty-officer'], organisationId: precinctId },
  )
  const { cookie } = await city.logIn(sergeant.id)
  const start = city.app.feed.head()
  for (let i = 0; i < 30; i++) await append(`event ${i}`, i % 3 === 0 ? precinctId : null)
  await eventually('the head', () => (city.app.feed.head() >= start + 30 ? true : undefined))

  const second = await buildApp({ ...city.env, port: 0 }) // its ring is empty: it reads the log
  for (const app of [city.app, second]) {
    const seen: number[] = []
    let after = start
    for (let page = 0; page < 20; page++) {
      const answer = await app.inject({ url: `/api/v1/events?after=${after}&limit=3`, headers: { cookie } })
      expect(answer.statusCode, answer.body).toBe(200)
      const { events, through, head } = answer.json<EventPage>()
      expect(through).toBeGreaterThanOrEqual(after)
      seen.push(...events.map((event) => event.pos))
      after = through
      if (through === head) break
    }
    expect(seen).toEqual(Array.from({ length: 10 }, (_, i) => start + 1 + 3 * i))
  }
  await second.close()
})

test('a snapshot with what is ahead of it, plus the events after it, counts each event exactly once', async () => {
  const { precinctId } = await makePrecinct(city.db)
  let writing = true
  const counted = async () => {
    const { rows } = await city.db.execute<{ n: number }>(sql`
      select count(*)::int as n from alert where precinct_id = ${precinctId}`)
    return rows[0]?.n ?? 0
  }
  const writer = (async () => {
    const { raiseAlerts } = await import('../src/alert/raise-alert.ts')
    // Fewer than the snapshot shows at most.
    for (let i = 0; i < 150 && (writing || i < 50); i++) {
      await inTransaction(city.db, (tx) =>
        raiseAlerts(tx, new Date(), [
          {
            kind: 'forged-tag',
            dedupKey: `snapshot-${i}`,
            priority: 3,
            precinctId,
            stationId: null,
            subject: {},
          },
        ]),
      )
    }
  })()
  const { buildSnapshot } = await import('../src/realtime/snapshot.ts')
  const scope = { city: false, precinctIds: [precinctId], stationIds: [] }
  const snapshots: WallSnapshot[] = []
  for (let i = 0; i < 15; i++) snapshots.push(await buildSnapshot(city.db, scope, 1))
  writing = false
  await writer
  await eventually('an empty outbox', async () =>
    (await city.db.execute(sql`select 1 from outbox`)).rows.length === 0 ? true : undefined,
  )
  const total = await counted()
  for (const snapshot of snapshots) {
    const later = await city.db.execute<{ event_id: string }>(sql`
      select event_id from event where pos > ${snapshot.pos} and precinct_id = ${precinctId}`)
    const ahead = new Set(snapshot.ahead)
    const news = later.rows.filter((row) => !ahead.has(row.event_id)).length
    expect(Math.min(snapshot.alerts.length, 200) + news).toBe(total)
  }
})

test('a heartbeat tells the position, and stops when nobody numbers the events', async () => {
  const beats: Heartbeat[] = []
  const { socket, connected } = follow()
  socket.on('heartbeat', (beat: Heartbeat) => beats.push(beat))
  await connected
  await append('beat')
  await eventually('a beat at the head', () =>
    beats.at(-1)?.pos === city.app.feed.head() ? true : undefined,
  )
  // An event that waits for a relay that does not come: the feed no longer calls itself fresh.
  const holder = new pg.Client({ connectionString: city.env.databaseUrl })
  await holder.connect()
  await holder.query('begin; lock table event in exclusive mode')
  await append('waiting')
  await eventually('the feed to be stale', () => (city.app.feed.fresh() ? undefined : true), 15_000)
  await holder.query('commit')
  await holder.end()
  await eventually('the feed to be fresh again', () => (city.app.feed.fresh() ? true : undefined))
})

test('an open screen moves with the roles of its officer, and is cut with the last of them', async () => {
  const [north, south] = [await makePrecinct(city.db), await makePrecinct(city.db)]
  const officer = await makeOfficer(
    city.db,
    { precinctId: north.precinctId, stationId: null },
    { roles: ['operator'], organisationId: north.precinctId },
  )
  const { events, socket, connected } = follow((await city.logIn(officer.id)).cookie)
  const scopes: Scope[] = []
  const cuts: { code: string }[] = []
  socket.on('scope', (scope: Scope) => scopes.push(scope)).on('logout', (cut) => cuts.push(cut))
  await connected
  await city.db.execute(
    sql`update role_grant set organisation_id = ${south.precinctId} where officer_id = ${officer.id}`,
  )
  await eventually('the new scope', () => (scopes.length === 2 ? true : undefined))
  expect(scopes.map(({ precinctIds }) => precinctIds)).toEqual([[north.precinctId], [south.precinctId]])
  await append('north', north.precinctId)
  await append('south', south.precinctId)
  await eventually('the event of the south', () => (events.length > 0 ? true : undefined))
  expect(events.map((event) => event.data)).toEqual([{ what: 'south' }])
  await city.db.execute(sql`delete from role_grant where officer_id = ${officer.id}`)
  await eventually('the cut', () => (cuts.length > 0 ? true : undefined))
  expect(cuts).toEqual([{ code: 'NOT_ALLOWED' }])
})

test('upgrades: socket.io and telemetry each get their own, anything else is closed', async () => {
  const { port } = new URL(city.origin)
  const answer = await new Promise<string>((resolve) => {
    const socket = connectTcp(Number(port), '127.0.0.1', () => {
      socket.write(
        'GET /elsewhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
      )
    })
    let text = ''
    socket.on('data', (data) => (text += data.toString()))
    socket.on('close', () => resolve(text))
  })
  expect(answer).toBe('')
  const { socket, connected } = follow()
  await connected
  expect(socket.io.engine.transport.name).toBe('websocket')
})

test('a screen that stops reading is cut, and the others go on', async () => {
  const { port } = new URL(city.origin)
  const stuck = connectTcp(Number(port), '127.0.0.1')
  await new Promise((resolve) => stuck.once('connect', () => resolve(null)))
  stuck.write(
    `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: ${operator}\r\nConnection: Upgrade\r\n` +
      'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  )
  await new Promise((resolve) => stuck.once('data', resolve))
  const known = new Set(city.app.io.sockets.sockets.keys())
  // "40": join the namespace, as a masked client frame with a zero mask.
  stuck.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x34, 0x30]))
  const screen = await eventually('its screen', () =>
    [...city.app.io.sockets.sockets.values()].find(({ id }) => !known.has(id)),
  )
  const reasons: string[] = []
  screen.on('disconnect', (reason) => reasons.push(reason))
  stuck.pause()
  const before = city.app.io.engine.clientsCount
  const { events, connected } = follow()
  await connected
  const bulk = 'x'.repeat(50_000)
  // More than the kernel's buffers and our limit together can hold.
  for (let i = 0; i < 400; i += 20)
    await Promise.all(Array.from({ length: 20 }, (_, nr) => append(`${i + nr} ${bulk}`)))
  await eventually(
    'the stuck screen to be gone',
    () => (city.app.io.engine.clientsCount <= before ? true : undefined),
    20_000,
  )
  await eventually('all events on the other', () => (events.length >= 400 ? true : undefined), 20_000)
  // By what it left unread, not by its silence: the time-out of pings ends it too, 20 s later.
  expect(reasons).toEqual(['forced close'])
  stuck.destroy()
})
