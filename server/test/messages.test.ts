import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Inbox, Message, MessageCount, MessageDetails, PhoneNews, RosterUnit } from '@patrol/contract'
import { patrolRoute, unit } from '@patrol/db'
import { makeOfficer, makePrecinct, makeUnit } from '@patrol/db/factories'
import { eq } from 'drizzle-orm'
import { eventually, startTestCity, type TestCity } from './build-app.ts'

let city: TestCity
beforeAll(async () => {
  city = await startTestCity()
})
afterAll(() => city.stop())

async function makeWorld() {
  const place = await makePrecinct(city.db)
  const duty = await makeOfficer(city.db, place, {
    roles: ['duty-officer'],
    organisationId: place.precinctId,
  })
  const officers = [await makeOfficer(city.db, place), await makeOfficer(city.db, place)] as const
  const one = await makeUnit(city.db, place, [officers[0].id])
  const two = await makeUnit(city.db, place, [officers[1].id])
  const cookieOf = async (id: number) => (await city.logIn(id)).cookie
  return {
    place,
    one: one.unit,
    two: two.unit,
    duty: await cookieOf(duty.id),
    first: await cookieOf(officers[0].id),
    second: await cookieOf(officers[1].id),
  }
}

async function ask<T>(cookie: string, method: 'GET' | 'POST', url: string, payload?: object) {
  const headers = { cookie, 'x-requested-with': 'patrol' }
  const response = await city.app.inject({
    method,
    url: `/api/v1${url}`,
    headers,
    ...(payload === undefined ? {} : { payload }),
  })
  return { status: response.statusCode, body: (response.body === '' ? null : response.json()) as T }
}

/** A phone on its live channel; `heard` are the affairs that it was told of. */
async function openPhone(cookie: string) {
  const heard: string[] = []
  const socket = io(`${city.origin}/phone`, {
    transports: ['websocket'],
    extraHeaders: { cookie },
    forceNew: true,
  })
  socket.on('news', ({ what }: PhoneNews) => heard.push(...what))
  await new Promise((resolve) => socket.once('connect', () => resolve(null)))
  return { heard, close: () => socket.disconnect() }
}

test('a message to a station reaches those on duty, is read once, and tells the console who has not', async () => {
  const world = await makeWorld()
  const phone = await openPhone(world.first)
  const command = {
    id: randomUUID(),
    to: { kind: 'station', id: world.place.stationId },
    text: '注意白色廂型車',
    urgent: true,
  }
  const { body: sent } = await ask<Message>(world.duty, 'POST', '/messages', command)
  expect(sent).toMatchObject({ recipients: 2, read: 0, text: '注意白色廂型車' })
  expect((await ask<Message>(world.duty, 'POST', '/messages', command)).body).toEqual(sent)
  await eventually('the phone to hear of it', () => (phone.heard.includes('messages') ? true : undefined))
  phone.close()
  const { body: inbox } = await ask<Inbox>(world.first, 'GET', '/inbox')
  expect(inbox.messages).toMatchObject([{ id: sent.id, urgent: true, readAt: null }])
  for (let times = 0; times < 2; times++) {
    expect((await ask(world.first, 'POST', '/inbox/read', { ids: [sent.id] })).status).toBe(204)
  }
  const { body: details } = await ask<MessageDetails>(world.duty, 'GET', `/messages/${sent.id}`)
  expect(details.read).toBe(1)
  expect(details.readers.map(({ callSign, readAt }) => [callSign, readAt !== null])).toEqual([
    [world.two.callSign, false],
    [world.one.callSign, true],
  ])
  const events = await eventually('both events', async () => {
    const { rows } = await city.db.execute<{ type: string; data: MessageCount }>(
      sql`select type, data from event where data->>'id' = ${sent.id} order by pos`,
    )
    return rows.length === 2 ? rows : undefined
  })
  expect(events.map(({ type, data }) => [type, data.read])).toEqual([
    ['message:sent', 0],
    ['message:read', 1],
  ])
  expect(JSON.stringify(events)).not.toContain('廂型車')
})

test('a route goes to another unit and back is what that one had; both phones are told, a repeat changes nothing', async () => {
  const world = await makeWorld()
  const routes = await city.db
    .insert(patrolRoute)
    .values(
      ['甲線', '乙線'].map((name) => ({
        code: randomUUID(),
        name,
        precinctId: world.place.precinctId,
        stationId: world.place.stationId,
      })),
    )
    .returning()
  for (const [i, { id }] of [world.one, world.two].entries())
    await city.db
      .update(unit)
      .set({ patrolRouteId: routes[i]?.id ?? null })
      .where(eq(unit.id, id))
  const phones = [await openPhone(world.first), await openPhone(world.second)]
  const body = { toUnitId: world.two.id, patrolRouteId: routes[0]?.id, plannedRouteId: null }
  const url = `/units/${world.one.id}/route`
  for (let times = 0; times < 2; times++) {
    const { body: after } = await ask<{ units: RosterUnit[] }>(world.duty, 'POST', url, body)
    const names = new Map(after.units.map(({ id, route }) => [id, route.patrolRouteName]))
    expect([names.get(world.one.id), names.get(world.two.id)]).toEqual(['乙線', '甲線'])
  }
  for (const phone of phones) {
    await eventually('the phone to hear of it', () => (phone.heard.includes('duty') ? true : undefined))
    phone.close()
  }
  await city.db.update(unit).set({ patrolRouteId: null }).where(eq(unit.id, world.two.id))
  expect((await ask(world.duty, 'POST', url, body)).body).toMatchObject({ code: 'ROUTE_MOVED_ON' })
})
