import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import WebSocket from 'ws'
import type { BreadcrumbReceipt, UnitsMoved } from '@patrol/contract'
import { makeOfficer, makePrecinct, makeUnit } from '@patrol/db/factories'
import { eventually, startTestCity, type TestCity } from './build-app.ts'

let city: TestCity
beforeAll(async () => {
  city = await startTestCity()
})
afterAll(() => city.stop())

async function onDuty() {
  const place = await makePrecinct(city.db)
  const officer = await makeOfficer(city.db, place)
  const { unit } = await makeUnit(city.db, place, [officer.id])
  const { cookie } = await city.logIn(officer.id)
  return { place, officer, unit, cookie }
}

const ago = (seconds: number) => new Date(Date.now() - seconds * 1_000).toISOString()
const crumb = (seconds: number, over: object = {}) => ({
  lon: 120.2,
  lat: 23,
  recordedAt: ago(seconds),
  ...over,
})

async function post(cookie: string, breadcrumbs: unknown[]) {
  const response = await city.app.inject({
    method: 'POST',
    url: '/api/v1/breadcrumbs',
    headers: { cookie, 'x-requested-with': 'patrol' },
    payload: { breadcrumbs },
  })
  expect(response.statusCode, response.body).toBe(200)
  return response.json<BreadcrumbReceipt>()
}

/** A phone's raw socket; `next` waits for the next message. */
async function openTelemetry(cookie: string) {
  const socket = new WebSocket(city.origin.replace('http', 'ws') + '/ws/telemetry', { headers: { cookie } })
  const messages: unknown[] = []
  socket.on('message', (data) => messages.push(JSON.parse(String(data))))
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return { socket, next: () => eventually('a message', () => messages.shift()) }
}

test('an officer with too much waiting is asked to wait, and leaves room for the others', async () => {
  const flooding = await onDuty()
  const other = await onDuty()
  const send = (cookie: string, breadcrumbs: unknown[]) =>
    city.app.inject({
      method: 'POST',
      url: '/api/v1/breadcrumbs',
      headers: { cookie, 'x-requested-with': 'patrol' },
      payload: { breadcrumbs },
    })
  const batch = Array.from({ length: 500 }, (_, i) => crumb(i))
  const flood = Array.from({ length: 30 }, () => send(flooding.cookie, batch))
  const answers = await Promise.all([send(other.cookie, [crumb(1)]), ...flood])
  expect(answers[0]?.statusCode).toBe(200)
  const refused = answers.filter(({ statusCode }) => statusCode === 429)
  expect(refused.length).toBeGreaterThan(0)
  expect(refused[0]?.headers['retry-after']).toBe('2')
})

test('stores what is on duty, drops what is not, counts repeats, names what is invalid', async () => {
  const { cookie, officer, unit } = await onDuty()
  const on = [crumb(10), crumb(5, { speedMps: 3, headingDegrees: 90, batteryPercent: 80 })]
  const receipt = await post(cookie, [...on, crumb(2 * 86_400), { lon: 1 }, crumb(-3_600)])
  expect(receipt).toMatchObject({
    stored: 2,
    offDuty: 1,
    repeated: 0,
    invalid: [{ index: 3 }, { index: 4, field: '/recordedAt', message: 'is in the future' }],
  })
  expect(await post(cookie, on)).toMatchObject({ stored: 0, repeated: 2 })
  const stored = await city.db.execute(sql`
    select unit_id, speed_mps, battery_percent from breadcrumb where officer_id = ${officer.id} order by recorded_at`)
  expect(stored.rows).toEqual([
    { unit_id: unit.id, speed_mps: null, battery_percent: null },
    { unit_id: unit.id, speed_mps: 3, battery_percent: 80 },
  ])
})

test('the last position of a unit does not go back when old points come late', async () => {
  const { cookie, unit } = await onDuty()
  await post(cookie, [crumb(5, { lon: 120.3 })])
  await post(cookie, [crumb(60, { lon: 120.1 })])
  const last = await city.db.execute(sql`select lon from unit_position where unit_id = ${unit.id}`)
  expect(last.rows).toEqual([{ lon: 120.3 }])
})

test('telemetry acknowledges the sequence number after it is stored, in order', async () => {
  const { cookie, officer } = await onDuty()
  const { socket, next } = await openTelemetry(cookie)
  for (let seq = 1; seq <= 5; seq++) socket.send(JSON.stringify({ seq, breadcrumbs: [crumb(100 - seq)] }))
  for (let seq = 1; seq <= 5; seq++) expect(await next()).toEqual({ ack: seq, stored: 1, offDuty: 0 })
  const stored = await city.db.execute<{ n: number }>(
    sql`select count(*)::int as n from breadcrumb where officer_id = ${officer.id}`,
  )
  expect(stored.rows[0]?.n).toBe(5)
  // After a reconnect the phone sends again what it has no acknowledgement for.
  socket.send(JSON.stringify({ seq: 5, breadcrumbs: [crumb(95)] }))
  expect(await next()).toMatchObject({ ack: 5 })
  socket.send('no JSON')
  expect(await next()).toMatchObject({ code: 'INVALID_INPUT' })
  socket.send(JSON.stringify({ seq: 6, breadcrumbs: [crumb(1)] }))
  expect(await next()).toMatchObject({ ack: 6, stored: 1 })
  socket.close()
})

test('telemetry refuses a stranger, and a page of another site', async () => {
  await expect(openTelemetry('')).rejects.toThrow('401')
  const { cookie } = await onDuty()
  const evil = new WebSocket(city.origin.replace('http', 'ws') + '/ws/telemetry', {
    headers: { cookie, origin: 'https://evil.example' },
  })
  await expect(
    new Promise((resolve, reject) => evil.once('open', resolve).once('error', reject)),
  ).rejects.toThrow('403')
})

test('many phones at once: every point is stored once', async () => {
  const phones = await Promise.all(Array.from({ length: 20 }, onDuty))
  await Promise.all(
    phones.map(async ({ cookie }) => {
      const { socket, next } = await openTelemetry(cookie)
      for (let seq = 10; seq <= 200; seq += 10) {
        socket.send(
          JSON.stringify({ seq, breadcrumbs: Array.from({ length: 10 }, (_, i) => crumb(3_000 - seq - i)) }),
        )
      }
      for (let seq = 10; seq <= 200; seq += 10)
        expect(await next()).toEqual({ ack: seq, stored: 10, offDuty: 0 })
      socket.close()
    }),
  )
  const stored = await city.db.execute<{ n: number }>(sql`
    select count(*)::int as n from breadcrumb where officer_id = any(${sql.param(phones.map((phone) => phone.officer.id))}::int[])`)
  expect(stored.rows[0]?.n).toBe(20 * 200)
})

test('a screen of the precinct sees its units move, and no others', async () => {
  const here = await onDuty()
  const there = await onDuty()
  const sergeant = await makeOfficer(city.db, here.place, {
    roles: ['duty-officer'],
    organisationId: here.place.precinctId,
  })
  const moved: UnitsMoved['units'] = []
  const socket = city.openScreen((await city.logIn(sergeant.id)).cookie)
  socket.on('units', (message: UnitsMoved) => moved.push(...message.units))
  await new Promise((resolve) => socket.once('connect', () => resolve(null)))
  await post(there.cookie, [crumb(1)])
  await post(here.cookie, [crumb(1, { headingDegrees: 45 })])
  await eventually('the unit', () => (moved.length > 0 ? true : undefined))
  expect(moved).toEqual([
    {
      unitId: here.unit.id,
      lon: 120.2,
      lat: 23,
      headingDegrees: 45,
      speedMps: null,
      accuracyMeters: null,
      recordedAt: expect.any(String),
    },
  ])
})

test('a revoked session loses its socket at once', async () => {
  const { cookie } = await onDuty()
  const { socket, next } = await openTelemetry(cookie)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  await city.app.inject({
    method: 'DELETE',
    url: '/api/v1/session',
    headers: { cookie, 'x-requested-with': 'patrol' },
  })
  expect(await next()).toMatchObject({ code: 'NOT_LOGGED_IN' })
  expect(await closed).toBe(4401)
})
