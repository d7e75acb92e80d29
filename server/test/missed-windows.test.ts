import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { MissedWindowPage, WallSnapshot } from '@patrol/contract'
import { makeOfficer, makePoint, makePrecinct, makeUnit, makeWindowRule } from '@patrol/db/factories'
import { materialiseWindows } from '../src/window/materialise-windows.ts'
import { sweepWindows } from '../src/window/sweep-windows.ts'
import { startTestCity, type TestCity } from './build-app.ts'

let city: TestCity
beforeAll(async () => {
  city = await startTestCity()
})
afterAll(() => city.stop())

/** A point whose window of today is declared missed, the officer who was on duty there, one who was not, and two supervisors. */
async function missedPoint() {
  const place = await makePrecinct(city.db)
  const officer = await makeOfficer(city.db, place, { roles: ['officer', 'supervisor'] })
  const stranger = await makeOfficer(city.db, place)
  const at = { organisationId: place.precinctId }
  const sergeant = await makeOfficer(city.db, place, { ...at, roles: ['supervisor'] })
  const captain = await makeOfficer(city.db, place, { ...at, roles: ['duty-officer'] })
  const { point } = await makePoint(city.db, place)
  await makeWindowRule(city.db, point.id, { startMinute: 0, durationMinutes: 1_440, graceSeconds: 0 })
  await materialiseWindows(city.db)
  const { unit } = await makeUnit(city.db, place, [officer.id])
  await sweepWindows(city.db, { now: new Date(Date.now() + 86_400_000) })
  const { rows } = await city.db.execute<{ id: string }>(
    sql`select id from patrol_window where patrol_point_id = ${point.id} and state = 'missed' order by starts_at limit 1`,
  )
  const cookieOf = async ({ id }: { id: number }) => (await city.logIn(id)).cookie
  return {
    place,
    unit,
    sergeantName: sergeant.name,
    windowId: Number(rows[0]?.id),
    officer: await cookieOf(officer),
    stranger: await cookieOf(stranger),
    sergeant: await cookieOf(sergeant),
    captain: await cookieOf(captain),
  }
}

function ask(cookie: string, method: 'GET' | 'POST', path: string, payload?: object) {
  return city.app.inject({
    method,
    url: `/api/v1${path}`,
    headers: { cookie, 'x-requested-with': 'patrol' },
    ...(payload === undefined ? {} : { payload }),
  })
}

const list = async (cookie: string, query = '') =>
  (await ask(cookie, 'GET', `/missed-windows${query}`)).json<MissedWindowPage>()
const propose = (cookie: string, id: number, reason = '標籤損壞，已拍照') =>
  ask(cookie, 'POST', `/patrol-windows/${id}/make-up`, { reason })
const decide = (cookie: string, id: number, decision: object) =>
  ask(cookie, 'POST', `/patrol-windows/${id}/decide`, decision)

test('a make-up is asked for by who was there and approved by another; totals and audit follow', async () => {
  const { place, unit, windowId, officer, stranger, sergeant } = await missedPoint()
  expect((await decide(sergeant, windowId, { to: 'made-up' })).json()).toMatchObject({
    code: 'MAKE_UP_MISSING',
  })
  expect((await propose(stranger, windowId)).statusCode).toBe(404)
  expect((await propose(officer, windowId)).statusCode).toBe(204)
  expect((await propose(officer, windowId, '又一次')).statusCode).toBe(204)
  expect(await list(sergeant)).toMatchObject({
    undecided: 1,
    windows: [
      {
        id: windowId,
        callSigns: [unit.callSign],
        own: false,
        proposal: { reason: '標籤損壞，已拍照', own: false },
        decided: null,
      },
    ],
  })
  expect((await list(officer)).windows).toMatchObject([{ own: true }])
  expect((await decide(officer, windowId, { to: 'made-up' })).json()).toMatchObject({ code: 'OWN_CHECK_IN' })

  expect((await decide(sergeant, windowId, { to: 'made-up' })).statusCode).toBe(204)
  expect((await decide(sergeant, windowId, { to: 'made-up' })).json()).toMatchObject({
    code: 'PATROL_WINDOW_SETTLED',
  })
  expect(await list(sergeant)).toEqual({ undecided: 0, windows: [] })
  expect((await list(sergeant, '?decided=true')).windows).toMatchObject([
    { id: windowId, state: 'made-up', decided: { reason: '標籤損壞，已拍照' } },
  ])
  const wall = (await ask(sergeant, 'GET', '/wall')).json<WallSnapshot>()
  expect(wall.precincts.find(({ id }) => id === place.precinctId)?.tally).toMatchObject({
    'made-up': 1,
    missed: 0,
  })
  const { rows } = await city.db.execute(sql`
    select action from audit where subject = ${`patrol-window:${windowId}`} order by id`)
  expect(rows).toEqual([{ action: 'window:make-up-proposed' }, { action: 'window:made-up' }])
})

test('who asks for it does not approve it', async () => {
  const { windowId, sergeant, captain } = await missedPoint()
  expect((await propose(sergeant, windowId)).statusCode).toBe(204)
  expect((await list(sergeant)).windows).toMatchObject([{ own: false, proposal: { own: true } }])
  expect((await decide(sergeant, windowId, { to: 'made-up' })).json()).toMatchObject({ code: 'OWN_CHECK_IN' })
  expect((await list(captain)).windows).toMatchObject([{ proposal: { own: false } }])
  expect((await decide(captain, windowId, { to: 'made-up' })).statusCode).toBe(204)
})

test('a proposal is turned down, and the window then called unexcused', async () => {
  const { windowId, officer, sergeant, captain, sergeantName } = await missedPoint()
  await propose(officer, windowId)
  expect((await decide(sergeant, windowId, { to: 'refused' })).statusCode).toBe(204)
  expect((await list(captain)).windows).toMatchObject([{ state: 'missed', proposal: null }])
  expect((await decide(sergeant, windowId, { to: 'unexcused', reason: ' ' })).statusCode).toBe(400)
  expect((await decide(sergeant, windowId, { to: 'unexcused', reason: '未到場' })).statusCode).toBe(204)
  expect((await list(captain, '?decided=true')).windows).toMatchObject([
    { state: 'unexcused', decided: { reason: '未到場', by: sergeantName } },
  ])
})

test('what another precinct missed is no business of one’s own', async () => {
  const north = await missedPoint()
  const south = await missedPoint()
  expect((await list(south.captain)).windows.map(({ id }) => id)).toEqual([south.windowId])
  expect((await propose(south.captain, north.windowId)).statusCode).toBe(404)
  const excuse = { to: 'excused', reason: '支援110' }
  expect((await decide(south.captain, north.windowId, excuse)).statusCode).toBe(404)
  expect((await decide(north.captain, north.windowId, excuse)).statusCode).toBe(204)
})
