import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Me, NamedWallScene, WallPairing } from '@patrol/contract'
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

test('a scene sent to a display of one’s own precinct stands until it is taken back; nobody else sends there', async () => {
  const here = await makePrecinct(city.db)
  const nobody = { precinctId: null, stationId: null }
  const operatorOf = async (organisationId: number) => {
    const made = await makeOfficer(city.db, nobody, { roles: ['operator'], organisationId })
    return (await city.logIn(made.id)).cookie
  }
  const cookie = await operatorOf(here.precinctId)
  const stranger = await operatorOf((await makePrecinct(city.db)).precinctId)
  const pairing = (await post('/api/v1/wall-displays', {})).json<WallPairing>()
  await post('/api/v1/wall-displays/approval', { code: pairing.code, name: '勤指牆' }, { cookie })
  const claimed = await post('/api/v1/wall-displays/claim', {
    displayId: pairing.displayId,
    claim: pairing.claim,
  })
  const display = cookieOf(claimed)
  const read = async () =>
    (await city.app.inject({ url: '/api/v1/wall-view', headers: { cookie: display } })).json<{
      view: object
    }>().view
  expect(await read()).toBeNull()

  const order = {
    displayIds: [pairing.displayId],
    scene: { kind: 'place', lon: 120.2, lat: 23, zoom: 15 },
    minutes: 10,
  }
  expect((await post('/api/v1/wall-views', order, { cookie: stranger })).statusCode).toBe(404)
  expect((await post('/api/v1/wall-views', order, { cookie: display })).statusCode).toBe(403)
  expect((await post('/api/v1/wall-views', { ...order, minutes: 500 }, { cookie })).json()).toMatchObject({
    code: 'INVALID_INPUT',
  })
  expect((await post('/api/v1/wall-views', order, { cookie })).statusCode).toBe(204)
  expect(
    (await post('/api/v1/wall-views', { ...order, scene: { kind: 'view', view: 'city' } }, { cookie }))
      .statusCode,
  ).toBe(204)
  expect(await read()).toMatchObject({ scene: { kind: 'view', view: 'city' } })
  const list = async (who: string) =>
    (await city.app.inject({ url: '/api/v1/wall-views', headers: { cookie: who } })).json<{
      displays: object[]
    }>().displays
  expect(await list(cookie)).toMatchObject([{ name: '勤指牆', view: { scene: { kind: 'view' } } }])
  expect(await list(stranger)).toEqual([])
  // Told to the precinct's screens, and to no other's.
  const events = await city.db.execute(sql`
    select precinct_id from (select type, precinct_id, data from event union all select type, precinct_id, data from outbox) e
    where type = 'wall:changed' and (data->>'displayId')::int = ${pairing.displayId}`)
  expect(events.rows).toEqual([{ precinct_id: here.precinctId }, { precinct_id: here.precinctId }])

  const end = `/api/v1/wall-displays/${pairing.displayId}/view/end`
  expect((await post(end, {}, { cookie: stranger })).statusCode).toBe(404)
  expect((await post(end, {}, { cookie })).statusCode).toBe(204)
  expect(await read()).toBeNull()
  await post('/api/v1/wall-views', order, { cookie })
  await city.db.execute(
    sql`update wall_view set until = clock_timestamp() - interval '1 second' where ended_at is null`,
  )
  expect(await read()).toBeNull()
})

test('a scene under a name belongs to the precinct of who saved it: only its own people and walls have it', async () => {
  const nobody = { precinctId: null, stationId: null }
  const operatorOf = async (organisationId: number) => {
    const made = await makeOfficer(city.db, nobody, { roles: ['operator'], organisationId })
    return (await city.logIn(made.id)).cookie
  }
  const { precinctId } = await makePrecinct(city.db)
  const cookie = await operatorOf(precinctId)
  const stranger = await operatorOf((await makePrecinct(city.db)).precinctId)
  const chief = await operatorOf((await makeDepartment(city.db)).id)
  const url = '/api/v1/wall-scenes'
  const namesOf = async (who: string) =>
    (await city.app.inject({ url, headers: { cookie: who } }))
      .json<{ scenes: NamedWallScene[] }>()
      .scenes.map(({ name }) => name)
  const place = { kind: 'place', lon: 120.2, lat: 23, zoom: 15, layers: ['base', 'units'] }
  const saved = (await post(url, { name: '夜市', scene: place }, { cookie })).json<NamedWallScene>()
  expect(saved).toMatchObject({ name: '夜市', scene: place })
  // Again under the same name: the same one, with what it shows now.
  const again = await post(url, { name: ' 夜市 ', scene: { kind: 'view', view: 'city' } }, { cookie })
  expect(again.json()).toMatchObject({ id: saved.id, scene: { kind: 'view', view: 'city' } })
  for (const name of ['', '  ', '東區,西區'])
    expect((await post(url, { name, scene: place }, { cookie })).statusCode).toBe(400)
  const beyond = { name: '別人的', scene: place, organisationId: precinctId }
  expect((await post(url, beyond, { cookie: stranger })).statusCode).toBe(403)
  await post(url, { name: '跨年', scene: place }, { cookie: chief })
  expect(await namesOf(cookie)).toEqual(['夜市'])
  expect(await namesOf(stranger)).toEqual([])
  expect(await namesOf(chief)).toEqual(expect.arrayContaining(['跨年', '夜市']))
  const remove = (who: string) =>
    city.app.inject({
      method: 'DELETE',
      url: `${url}/${saved.id}`,
      headers: { cookie: who, 'x-requested-with': 'patrol' },
    })
  expect((await remove(stranger)).statusCode).toBe(404)
  expect((await remove(cookie)).statusCode).toBe(204)
  expect((await remove(cookie)).statusCode).toBe(404)
  const { rows } = await city.db.execute(sql`
    select action, precinct_id from audit where subject = ${`wall-scene:${saved.id}`} order by id`)
  expect(rows).toEqual(
    ['saved', 'saved', 'removed'].map((did) => ({ action: `wall-scene:${did}`, precinct_id: precinctId })),
  )
})

test('a place keeps a bounded number of scenes, and of each only its own fields', async () => {
  const { precinctId } = await makePrecinct(city.db)
  const made = await makeOfficer(
    city.db,
    { precinctId: null, stationId: null },
    { roles: ['operator'], organisationId: precinctId },
  )
  const { cookie } = await city.logIn(made.id)
  const scene = { kind: 'view', view: 'city' }
  const save = (name: string, more = {}) =>
    post('/api/v1/wall-scenes', { name, scene: { ...scene, ...more } }, { cookie })
  expect((await save('first', { junk: 'x'.repeat(1_000) })).json()).toMatchObject({ name: 'first' })
  const { rows } = await city.db.execute(
    sql`select scene from wall_scene where organisation_id = ${precinctId}`,
  )
  expect(rows).toEqual([{ scene }])
  expect((await save('large', { junk: 'x'.repeat(5_000) })).statusCode).toBe(413)

  await city.db.execute(sql`
    insert into wall_scene (name, organisation_id, scene, saved_by, saved_at)
    select 'scene ' || n, ${precinctId}, ${JSON.stringify(scene)}::jsonb, ${made.id}, now() from generate_series(2, 100) n`)
  const refused = await save('one too many')
  expect([refused.statusCode, refused.json()]).toMatchObject([400, { code: 'INVALID_INPUT', field: 'name' }])
  expect((await save('first')).statusCode).toBe(200)
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
