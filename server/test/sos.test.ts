import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Alert, SosReceipt } from '@patrol/contract'
import { makeOfficer, makePrecinct, makeUnit, newUuidV7 } from '@patrol/db/factories'
import { startTestCity, type TestCity } from './build-app.ts'

let city: TestCity
beforeAll(async () => {
  city = await startTestCity()
})
afterAll(() => city.stop())

async function patrol() {
  const place = await makePrecinct(city.db)
  const officer = await makeOfficer(city.db, place)
  const { unit } = await makeUnit(city.db, place, [officer.id])
  const sergeant = await makeOfficer(city.db, place, { roles: ['duty-officer'] })
  return {
    place,
    officer,
    unit,
    sergeant,
    cookie: (await city.logIn(officer.id)).cookie,
    desk: (await city.logIn(sergeant.id)).cookie,
  }
}

const call = (over: object = {}) => {
  const now = new Date().toISOString()
  const position = { lon: 120.21, lat: 23.01, accuracyMeters: 9, fixedAt: now }
  return { id: newUuidV7(), calledAt: now, position, ...over }
}

function ask(cookie: string, method: 'GET' | 'POST', url: string, payload?: object) {
  const headers = { cookie, 'x-requested-with': 'patrol' }
  return city.app.inject({ method, url: `/api/v1${url}`, headers, ...(payload && { payload }) })
}

async function alertsOf(precinctId: number) {
  const { rows } = await city.db.execute<
    Pick<Alert, 'id' | 'kind' | 'priority' | 'count' | 'subject' | 'state'> & Record<string, unknown>
  >(sql`
    select id, kind, priority, count, subject, state from alert where precinct_id = ${precinctId}`)
  return rows
}

test('a call raises one urgent alert with its place, however often it is sent', async () => {
  const { place, unit, cookie } = await patrol()
  const sos = call()
  const answers = await Promise.all([1, 2, 3].map(() => ask(cookie, 'POST', '/sos', sos)))
  for (const answer of [...answers, await ask(cookie, 'POST', '/sos', sos)]) {
    expect(answer.json()).toMatchObject({ id: sos.id, stored: true, acknowledgedBy: null, closed: false })
  }
  expect(await alertsOf(place.precinctId)).toMatchObject([
    {
      kind: 'sos',
      priority: 1,
      count: 1,
      state: 'unack',
      subject: { callSign: unit.callSign, lon: 120.21, lat: 23.01 },
    },
  ])
  expect((await ask(cookie, 'POST', '/sos', call({ position: null }))).statusCode).toBe(200)
  expect(await alertsOf(place.precinctId)).toMatchObject([{ count: 2 }])
})

test('the caller learns who has heard it; nobody else does', async () => {
  const { place, cookie, desk, sergeant } = await patrol()
  const stranger = await patrol()
  const sos = call()
  await ask(cookie, 'POST', '/sos', sos)
  const [alert] = await alertsOf(place.precinctId)
  expect((await ask(desk, 'POST', `/alerts/${alert?.id}/acknowledge`)).statusCode).toBe(200)
  const heard = (await ask(cookie, 'GET', `/sos/${sos.id}`)).json<SosReceipt>()
  expect(heard).toMatchObject({ acknowledgedBy: sergeant.name })
  expect(heard.acknowledgedAt).not.toBeNull()
  expect((await ask(stranger.cookie, 'GET', `/sos/${sos.id}`)).statusCode).toBe(404)
  expect((await ask(stranger.cookie, 'POST', '/sos', sos)).statusCode).toBe(404)
  expect((await ask('', 'POST', '/sos', call())).statusCode).toBe(401)
})

test('a shared handheld sends it late in another log-in, and it is still the caller’s', async () => {
  const { place, officer, unit } = await patrol()
  const next = await patrol()
  const answer = await ask(next.cookie, 'POST', '/sos', call({ officerId: officer.id }))
  expect(answer.statusCode).toBe(200)
  expect(await alertsOf(place.precinctId)).toMatchObject([{ subject: { callSign: unit.callSign } }])
  expect(await alertsOf(next.place.precinctId)).toEqual([])
  const nobody = await ask(next.cookie, 'POST', '/sos', call({ officerId: 2_000_000_000 }))
  expect(nobody.statusCode).toBe(404)
})
