import { connect as connectTcp } from 'node:net'
import { sql } from 'drizzle-orm'
import WebSocket from 'ws'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { CheckInAnswers } from '@patrol/contract'
import {
  makeDepartment,
  makeOfficer,
  makePoint,
  makePrecinct,
  makeUnit,
  newUuidV7,
} from '@patrol/db/factories'
import { buildApp } from '../src/app.ts'
import { cutSilent } from '../src/routes/telemetry.ts'
import { eventually, startTestCity, type TestCity } from './build-app.ts'

let city: TestCity
beforeAll(async () => {
  city = await startTestCity()
})
afterAll(() => city.stop())

/** An officer on duty before a point, with a session. */
async function beat() {
  const place = await makePrecinct(city.db)
  const officer = await makeOfficer(city.db, place)
  await makeUnit(city.db, place, [officer.id])
  const { tag } = await makePoint(city.db, place)
  const { cookie } = await city.logIn(officer.id)
  return { officer, cookie, code: city.codeOf(tag) }
}

const now = () => new Date().toISOString()
const fix = (over: object = {}) => ({ lon: 120.2, lat: 23, accuracyMeters: 8, fixedAt: now(), ...over })
const scan = (code: string, over: object = {}) => ({
  id: newUuidV7(),
  act: 'check-in',
  role: 'patrol',
  proof: { kind: 'qr', code },
  checkedInAt: now(),
  clock: { deviceAt: now(), monotonicMs: 1, beacon: null },
  position: fix(),
  ...over,
})

const post = (cookie: string, url: string, payload: string | object) =>
  city.app.inject({
    method: 'POST',
    url,
    headers: { cookie, 'x-requested-with': 'patrol', 'content-type': 'application/json' },
    payload,
  })

test.each<[string, object]>([
  ['NUL in a note', { workNote: { kind: 'other', text: 'a\0b' } }],
  ['half an emoji in a note', { workNote: { kind: 'other', text: 'a\ud83d' } }],
  ['NUL in a code', { proof: { kind: 'qr', code: 'a\0' } }],
  ['an accuracy smaller than any real', { position: fix({ accuracyMeters: 1e-60 }) }],
])('a check-in with %s is kept, and so is the one beside it', async (_, over) => {
  const { cookie, code } = await beat()
  const response = await post(cookie, '/api/v1/check-ins', { checkIns: [scan(code, over), scan(code)] })
  expect(response.json()).toMatchObject({ results: [{ stored: true }, { stored: true }] })
})

test.each<[string, object]>([
  ['of the year 0', { checkedInAt: '0000-01-01T00:00:00Z' }],
  ['of the year 10000', { checkedInAt: '9999-12-31T23:59:59-14:00' }],
  ['in a leap second', { checkedInAt: '2026-06-30T23:59:60Z' }],
  ['of an officer beyond all numbers', { officerId: 1e15 }],
  ['without a known act, and an emoji cut at the limit', { act: 'x', workNote: `a${'😀'.repeat(15_000)}` }],
])('a check-in %s is set apart, and the one beside it is kept', async (_, over) => {
  const { cookie, code, officer } = await beat()
  const bad = scan(code, over)
  const response = await post(cookie, '/api/v1/check-ins', { checkIns: [bad, scan(code)] })
  expect(response.json<CheckInAnswers>().results).toMatchObject([
    { id: bad.id, quarantined: true },
    { stored: true },
  ])
  const kept = await city.db.execute(sql`select raw from quarantine where officer_id = ${officer.id}`)
  expect(kept.rows).toEqual([{ raw: expect.stringContaining(bad.id) }])
})

test('a check-in nested too deeply is set apart, and the one beside it is kept', async () => {
  const { cookie, code } = await beat()
  const clock = { deviceAt: now(), monotonicMs: 1, beacon: null, more: 'DEEP' }
  const payload = JSON.stringify({ checkIns: [scan(code, { clock }), scan(code)] })
  const deep = payload.replace('"DEEP"', '['.repeat(100_000) + ']'.repeat(100_000))
  const response = await post(cookie, '/api/v1/check-ins', deep)
  expect(response.json()).toMatchObject({ results: [{ quarantined: true }, { stored: true }] })
})

test.each(['{"checkIns": [', '', '{"__proto__": {"id": "x"}}'])(
  'a body that cannot be read is refused and set apart: %s',
  async (body) => {
    const { cookie, officer } = await beat()
    const response = await post(cookie, '/api/v1/check-ins', body)
    expect(response.statusCode).toBe(400)
    expect(response.json()).toMatchObject({ code: 'INVALID_INPUT', field: 'body' })
    const kept = await city.db.execute(
      sql`select field, raw from quarantine where officer_id = ${officer.id}`,
    )
    expect(kept.rows).toEqual([{ field: 'body', raw: body }])
  },
)

test('numbers beyond a real cost neither the breadcrumb nor those of other phones', async () => {
  const phones = await Promise.all(Array.from({ length: 6 }, beat))
  const odd = { accuracyMeters: 1e300, speedMps: 1e-60, headingDegrees: 1e-300 }
  const answers = await Promise.all(
    phones.map(({ cookie }, i) =>
      post(cookie, '/api/v1/breadcrumbs', {
        breadcrumbs: [{ lon: 120.2, lat: 23, recordedAt: now(), ...(i === 3 ? odd : {}) }],
      }),
    ),
  )
  expect(answers.map((answer) => answer.json())).toEqual(
    phones.map(() => expect.objectContaining({ stored: 1 })),
  )
})

test('what the database refuses of one phone is not refused of the others in the same commit', async () => {
  const phones = await Promise.all(Array.from({ length: 6 }, beat))
  await city.db.execute(sql`alter table breadcrumb add constraint no_such_place check (lon <> 121)`)
  const answers = await Promise.all(
    phones.map(({ cookie }, i) =>
      post(cookie, '/api/v1/breadcrumbs', {
        breadcrumbs: [{ lon: i === 3 ? 121 : 120.2, lat: 23, recordedAt: now() }],
      }),
    ),
  )
  await city.db.execute(sql`alter table breadcrumb drop constraint no_such_place`)
  expect(answers.map((answer) => answer.statusCode === 200)).toEqual(phones.map((_, i) => i !== 3))
})

test('values that the database has no room for are the fault of who sends them', async () => {
  const department = await makeDepartment(city.db)
  const everything = await makeOfficer(
    city.db,
    { precinctId: null, stationId: null },
    { roles: ['operator', 'duty-officer', 'administrator'], organisationId: department.id },
  )
  const { cookie } = await city.logIn(everything.id)
  for (const url of [
    '/api/v1/patrol-points/99999999999',
    '/api/v1/tracks?since=0000-01-01T00:00:00Z',
    '/api/v1/check-ins?before=0000-01-01T00:00:00Z',
    '/api/v1/exports/check-ins.csv?on=0000-01-01',
    '/api/v1/patrol-windows?serviceOn=0000-01-01',
  ]) {
    const response = await city.app.inject({ url, headers: { cookie } })
    expect(response.json(), url).toMatchObject({ code: 'INVALID_INPUT' })
  }
  for (const [url, payload] of [
    ['/api/v1/session', { login: 'a\0', password: 'x' }],
    ['/api/v1/wall-displays/claim', { displayId: 1e12, claim: 'x' }],
    ['/api/v1/alerts/1000000000000/acknowledge', {}],
  ] as const) {
    expect((await post(cookie, url, payload)).json(), url).toMatchObject({ code: 'INVALID_INPUT' })
  }
  const tile = await city.app.inject({ url: '/api/v1/tiles/3/9/0.mvt', headers: { cookie } })
  expect(tile.json()).toMatchObject({ code: 'NOT_FOUND' })
})

test('nobody is on loopback by saying so, also within a trusted network', async () => {
  const app = await buildApp({ ...city.env, trustProxy: '10.0.0.0/8' })
  const ask = (url: string, headers: Record<string, string>, remoteAddress: string) =>
    app.inject({ url, headers, remoteAddress })
  for (const url of ['/metrics', '/docs/json']) {
    const spoofed = await ask(url, { 'x-forwarded-for': '127.0.0.1, 10.1.2.3' }, '10.0.0.5')
    expect(spoofed.statusCode).toBe(404)
    expect((await ask(url, {}, '127.0.0.1')).statusCode).toBe(200)
  }
  await app.close()
})

test('logging out clears a cookie that is bound to HTTPS', async () => {
  const app = await buildApp({ ...city.env, publicOrigin: 'https://patrol.example' })
  const { officer } = await beat()
  const { cookie } = await city.logIn(officer.id)
  const headers = { cookie: cookie.replace('patrol=', '__Host-patrol='), 'x-requested-with': 'patrol' }
  const response = await app.inject({ method: 'DELETE', url: '/api/v1/session', headers })
  expect(response.headers['set-cookie']).toMatch(/^__Host-patrol=;.*Path=\/;.*Secure/)
  await app.close()
})

test('a phone that answers no ping is cut, one that does is not', async () => {
  const { cookie } = await beat()
  const clients = city.app.websocketServer.clients
  const mute = connectTcp(Number(new URL(city.origin).port), '127.0.0.1')
  mute.write(
    `GET /ws/telemetry HTTP/1.1\r\nHost: x\r\nCookie: ${cookie}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  )
  const closed = new Promise((resolve) => mute.once('close', resolve))
  mute.resume()
  const phone = new WebSocket(city.origin.replace('http', 'ws') + '/ws/telemetry', { headers: { cookie } })
  await eventually('both', () => (clients.size === 2 ? true : undefined))
  const heard = new WeakSet(clients)
  for (const client of clients) client.on('pong', () => heard.add(client))
  const pinged = new Promise((resolve) => phone.once('ping', resolve))
  cutSilent(clients, heard)
  await pinged
  await eventually('a pong', () => ([...clients].some((client) => heard.has(client)) ? true : undefined))
  cutSilent(clients, heard)
  await closed
  expect(phone.readyState).toBe(WebSocket.OPEN)
  await eventually('the other to be left alone', () => (clients.size === 1 ? true : undefined))
  phone.close()
})

test('a phone that sends thousands of useless messages leaves a turn to everybody else after each', async () => {
  const { cookie } = await beat()
  const { clients } = city.app.websocketServer
  await eventually('no other phone', () => (clients.size === 0 ? true : undefined))
  const phone = new WebSocket(city.origin.replace('http', 'ws') + '/ws/telemetry', { headers: { cookie } })
  await new Promise((resolve) => phone.once('open', resolve))
  const here = await eventually('the server’s end', () => [...clients][0])
  const send = vi.spyOn(here, 'send')
  let most = 0
  let before = 0
  const count = () => {
    most = Math.max(most, send.mock.calls.length - before)
    before = send.mock.calls.length
    if (before < 2_000) setImmediate(count)
  }
  count()
  for (let i = 0; i < 2_000; i++) phone.send('x')
  await eventually('all answers', () => (before === 2_000 ? true : undefined))
  expect(most).toBeLessThanOrEqual(2)
  phone.close()
})
