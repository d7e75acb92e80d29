import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Device } from '@patrol/contract'
import { makeOfficer, makePrecinct } from '@patrol/db/factories'
import { startTestCity, type TestCity } from './build-app.ts'
import { makeDeviceKey } from './secure-tag.ts'

let city: TestCity
let north: Awaited<ReturnType<typeof staff>>
let south: Awaited<ReturnType<typeof staff>>
beforeAll(async () => {
  city = await startTestCity()
  north = await staff()
  south = await staff()
})
afterAll(() => city.stop())

/** A precinct's officer and those who may approve there. */
async function staff() {
  const place = await makePrecinct(city.db)
  const at = { organisationId: place.precinctId }
  const cookieOf = async (roles: Parameters<typeof makeOfficer>[2]) =>
    (await city.logIn((await makeOfficer(city.db, place, roles)).id)).cookie
  return {
    officer: await cookieOf({}),
    sergeant: await cookieOf({ ...at, roles: ['supervisor'] }),
    operator: await cookieOf({ ...at, roles: ['operator'] }),
  }
}

function post(cookie: string, path: string, payload?: object) {
  return city.app.inject({
    method: 'POST',
    url: `/api/v1/devices${path}`,
    headers: { cookie, 'x-requested-with': 'patrol' },
    ...(payload === undefined ? {} : { payload }),
  })
}

const enrolment = (publicKey: object = makeDeviceKey().publicKey) => ({
  kind: 'phone',
  label: '手機',
  publicKey,
})

async function list(cookie: string): Promise<Device[]> {
  const response = await city.app.inject({ method: 'GET', url: '/api/v1/devices', headers: { cookie } })
  return response.json<{ devices: Device[] }>().devices
}

test('a device waits, is approved by a supervisor of the scope, and is revoked', async () => {
  const body = enrolment()
  const device = (await post(north.officer, '', body)).json<Device>()
  expect(device).toMatchObject({ state: 'pending', label: '手機' })
  expect((await post(south.sergeant, `/${device.id}/approve`)).statusCode).toBe(404)
  expect((await post(north.operator, `/${device.id}/approve`)).statusCode).toBe(403)
  expect((await post(north.officer, `/${device.id}/approve`)).statusCode).toBe(403)
  expect((await post(north.sergeant, `/${device.id}/approve`)).json()).toMatchObject({ state: 'approved' })
  // The phone asks again with the same key, and learns it.
  expect((await post(north.officer, '', body)).json()).toMatchObject({ id: device.id, state: 'approved' })
  expect((await post(south.sergeant, `/${device.id}/revoke`)).statusCode).toBe(404)
  expect((await post(north.sergeant, `/${device.id}/revoke`)).json()).toMatchObject({ state: 'revoked' })
  expect((await post(north.sergeant, `/${device.id}/approve`)).statusCode).toBe(404)
  const audit = await city.db.$client.query('select action from audit where subject = $1 order by id', [
    `device:${device.id}`,
  ])
  expect(audit.rows.map((row) => row.action)).toEqual([
    'device:enrolled',
    'device:approved',
    'device:revoked',
  ])
})

test('nobody approves a device of their own', async () => {
  const device = (await post(north.sergeant, '', enrolment())).json<Device>()
  expect((await post(north.sergeant, `/${device.id}/approve`)).statusCode).toBe(403)
})

test('each scope lists its own devices', async () => {
  const device = (await post(north.officer, '', enrolment())).json<Device>()
  expect((await list(north.sergeant)).map(({ id }) => id)).toContain(device.id)
  expect((await list(south.sergeant)).map(({ id }) => id)).not.toContain(device.id)
})

test('what is no P-256 key is refused, and so is the sixth that waits', async () => {
  const { publicKey } = makeDeviceKey()
  const off = { ...publicKey, y: publicKey.x }
  expect((await post(south.officer, '', enrolment(off))).json()).toMatchObject({ code: 'INVALID_INPUT' })
  for (let nr = 0; nr < 5; nr++) expect((await post(south.officer, '', enrolment())).statusCode).toBe(200)
  expect((await post(south.officer, '', enrolment())).json()).toMatchObject({ code: 'TOO_MANY_REQUESTS' })
})
