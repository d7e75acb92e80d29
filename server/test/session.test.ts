import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Me, WallPairing } from '@patrol/contract'
import { makeDepartment, makeOfficer, makePrecinct } from '@patrol/db/factories'
import { hashPassword } from '../src/organisation/password.ts'
import { startTestCity, type TestCity } from './build-app.ts'

let city: TestCity
beforeAll(async () => {
  city = await startTestCity()
})
afterAll(() => city.stop())

async function account(password = 'correct horse') {
  const place = await makePrecinct(city.db)
  const officer = await makeOfficer(city.db, place, {
    roles: ['duty-officer'],
    organisationId: place.precinctId,
  })
  await city.db.execute(
    sql`update officer set password_hash = ${await hashPassword(password)} where id = ${officer.id}`,
  )
  return { place, officer, password }
}

const post = (url: string, payload: object, headers: Record<string, string> = {}) =>
  city.app.inject({ method: 'POST', url, payload, headers: { 'x-requested-with': 'patrol', ...headers } })

function cookieOf(response: { headers: Record<string, unknown> }): string {
  return String(response.headers['set-cookie']).split(';')[0] ?? ''
}

test('log in, who am I, log out; the cookie is of no use afterwards', async () => {
  const { officer, password, place } = await account()
  const response = await post('/api/v1/session', { login: officer.login.toUpperCase(), password })
  expect(response.statusCode, response.body).toBe(200)
  expect(response.headers['set-cookie']).toMatch(/HttpOnly; SameSite=Lax/)
  const cookie = cookieOf(response)
  const me = await city.app.inject({ url: '/api/v1/session', headers: { cookie } })
  expect(me.json<Me>()).toMatchObject({
    officer: { id: officer.id },
    roles: ['duty-officer'],
    scope: { city: false, precinctIds: [place.precinctId] },
    home: '/console',
  })
  const headers = { cookie, 'x-requested-with': 'patrol' }
  expect((await city.app.inject({ method: 'DELETE', url: '/api/v1/session', headers })).statusCode).toBe(204)
  expect((await city.app.inject({ url: '/api/v1/session', headers: { cookie } })).statusCode).toBe(401)
})

test('a wrong password and an unknown login get the same answer, and both must wait after five', async () => {
  const { officer } = await account()
  for (const login of [officer.login, 'nobody-at-all']) {
    for (let i = 0; i < 5; i++) {
      const wrong = await post('/api/v1/session', { login, password: 'wrong' })
      expect(wrong.json()).toEqual({ code: 'LOGIN_WRONG', message: 'Login or password is wrong.' })
    }
    const sixth = await post('/api/v1/session', { login, password: 'correct horse' })
    expect(sixth.json()).toMatchObject({ code: 'TOO_MANY_TRIES' })
  }
})

test('a disabled account cannot log in, and its open session ends', async () => {
  const { officer, password } = await account()
  const { cookie } = await city.logIn(officer.id)
  await city.db.execute(sql`update officer set disabled_at = now() where id = ${officer.id}`)
  expect((await post('/api/v1/session', { login: officer.login, password })).json()).toMatchObject({
    code: 'LOGIN_WRONG',
  })
  expect((await city.app.inject({ url: '/api/v1/session', headers: { cookie } })).statusCode).toBe(401)
})

test('logging out cuts the screen’s socket', async () => {
  const { officer, password } = await account()
  const cookie = cookieOf(await post('/api/v1/session', { login: officer.login, password }))
  const socket = city.openScreen(cookie)
  await new Promise((resolve) => socket.once('connect', () => resolve(null)))
  const told = new Promise((resolve) => socket.once('logout', resolve))
  await city.app.inject({
    method: 'DELETE',
    url: '/api/v1/session',
    headers: { cookie, 'x-requested-with': 'patrol' },
  })
  expect(await told).toEqual({ code: 'NOT_LOGGED_IN' })
})

test('a page of another site can neither log in, nor act with the cookie, nor open a socket', async () => {
  const { officer, password } = await account()
  const evil = { origin: 'https://evil.example' }
  const login = await post('/api/v1/session', { login: officer.login, password }, evil)
  expect(login.json()).toMatchObject({ code: 'ORIGIN_WRONG' })
  const { cookie } = await city.logIn(officer.id)
  const act = await city.app.inject({
    method: 'DELETE',
    url: '/api/v1/session',
    headers: { cookie, 'x-requested-with': 'patrol', ...evil },
  })
  expect(act.json()).toMatchObject({ code: 'ORIGIN_WRONG' })
})

test('a wall display pairs by a code that a console approves, once, and sees what it was given', async () => {
  const department = await makeDepartment(city.db)
  const operator = await makeOfficer(
    city.db,
    { precinctId: null, stationId: null },
    { roles: ['operator'], organisationId: department.id },
  )
  const { cookie } = await city.logIn(operator.id)
  const { precinctId } = await makePrecinct(city.db)
  const pairing = (await post('/api/v1/wall-displays', {})).json<WallPairing>()
  const claim = { displayId: pairing.displayId, claim: pairing.claim }
  expect((await post('/api/v1/wall-displays/claim', claim)).json()).toMatchObject({ code: 'PAIRING_PENDING' })
  const wrong = await post('/api/v1/wall-displays/approval', { code: 'ZZZZZZ', name: 'x' }, { cookie })
  expect(wrong.json()).toMatchObject({ code: 'PAIRING_CODE_WRONG' })
  const approval = { code: pairing.code.toLowerCase(), name: '大廳', organisationId: precinctId }
  expect((await post('/api/v1/wall-displays/approval', approval, { cookie })).statusCode).toBe(204)
  const opened = await post('/api/v1/wall-displays/claim', claim)
  expect(opened.json<Me>()).toMatchObject({
    officer: null,
    roles: ['wall-display'],
    scope: { city: false, precinctIds: [precinctId] },
    home: '/wall',
  })
  expect((await post('/api/v1/wall-displays/claim', claim)).json()).toMatchObject({
    code: 'PAIRING_CODE_WRONG',
  })
})

test('nobody approves a display for more than they see themselves', async () => {
  const { officer } = await account()
  const { cookie } = await city.logIn(officer.id)
  const other = await makePrecinct(city.db)
  const pairing = (await post('/api/v1/wall-displays', {})).json<WallPairing>()
  const beyond = { code: pairing.code, name: 'x', organisationId: other.precinctId }
  expect((await post('/api/v1/wall-displays/approval', beyond, { cookie })).json()).toMatchObject({
    code: 'NOT_ALLOWED',
  })
})

test('/c/<code> is the same page for every code, stores nothing and tells nothing', async () => {
  const before = await city.db.execute(sql`select count(*) from check_in`)
  const pages = await Promise.all(
    ['0123', 'A'.repeat(27)].map((code) => city.app.inject({ url: `/c/${code}` })),
  )
  expect(new Set(pages.map((page) => page.body)).size).toBe(1)
  expect(pages[0]?.headers).toMatchObject({
    'x-robots-tag': 'noindex, nofollow',
    'cache-control': 'no-store',
  })
  expect((await city.db.execute(sql`select count(*) from check_in`)).rows).toEqual(before.rows)
  const { officer } = await account()
  const { cookie } = await city.logIn(officer.id)
  const known = await city.app.inject({ url: '/c/0123', headers: { cookie } })
  expect(known.headers.location).toBe('/field/c/0123')
})
