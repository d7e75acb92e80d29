import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import type { TrackerPairing } from '@patrol/contract'
import { makeOfficer } from '@patrol/db/factories'
import { useTrackers } from './tracker-world.ts'

const world = useTrackers()
const { withTracker, asUser, enrol, revoke, send } = world

test('only a hash of the pairing id is kept', async () => {
  const { deviceId, pairingId } = await withTracker()
  const { rows } = await world.city.db.execute<{ row: string }>(sql`
    select d::text || coalesce((select string_agg(a::text, '') from audit a), '') as row from device d where id = ${deviceId}`)
  expect(rows[0]?.row).toContain(deviceId)
  expect(rows[0]?.row).not.toContain(pairingId)
})

test('a revoked tracker, and one of a disabled officer, are unknown', async () => {
  const one = await withTracker()
  expect((await revoke(world.administrator, one.deviceId)).statusCode).toBe(204)
  const other = await withTracker()
  await world.city.db.execute(sql`update officer set disabled_at = now() where id = ${other.officer.id}`)
  for (const { pairingId } of [one, other]) {
    const response = await send(`/trackers/${pairingId}?lat=22.99&lon=120.2`, { from: '10.0.0.5' })
    expect(response.json()).toMatchObject({ code: 'DEVICE_UNKNOWN' })
  }
  expect((await revoke(world.administrator, one.deviceId)).statusCode).toBe(404)
})

test('pairing is for duty officers and administrators, within their scope, and is audited', async () => {
  const here = await withTracker()
  const there = await withTracker()
  const at = { organisationId: here.place.precinctId }
  const leader = await makeOfficer(world.city.db, here.place, { roles: ['duty-officer'], ...at })
  const operator = await makeOfficer(world.city.db, here.place, { roles: ['operator'], ...at })
  const { cookie } = await world.city.logIn(leader.id)
  const tracker = { officerId: here.officer.id, label: '機車' }

  expect((await enrol('', tracker)).statusCode).toBe(401)
  expect((await enrol((await world.city.logIn(operator.id)).cookie, tracker)).statusCode).toBe(403)
  expect((await enrol((await world.city.logIn(here.officer.id)).cookie, tracker)).statusCode).toBe(403)
  expect((await enrol(cookie, { ...tracker, officerId: there.officer.id })).statusCode).toBe(404)
  expect((await enrol(cookie, { ...tracker, publicId: 'm-1' })).statusCode).toBe(403)
  expect((await revoke(cookie, there.deviceId)).statusCode).toBe(404)
  // Administrator there and duty officer here enrols public ids there only.
  await world.city.db.execute(sql`insert into role_grant (officer_id, role, organisation_id)
    select officer_id, 'administrator', ${there.place.precinctId} from role_grant
    where role = 'duty-officer' and organisation_id = ${here.place.precinctId}`)
  const both = (await world.city.logIn(leader.id)).cookie
  const elsewhere = { officerId: there.officer.id, label: 'x', publicId: `m-${there.deviceId}` }
  expect((await enrol(both, { ...elsewhere, officerId: here.officer.id })).statusCode).toBe(404)
  expect((await enrol(both, elsewhere)).statusCode).toBe(200)

  const made = await enrol(cookie, tracker)
  expect(made.headers['cache-control']).toBe('no-store')
  const { id } = made.json<TrackerPairing>()
  const list = await world.city.app.inject({ url: '/api/v1/devices/trackers', headers: asUser(cookie) })
  const ids = list.json<{ trackers: { id: string }[] }>().trackers.map((each) => each.id)
  expect(ids).toEqual([id, here.deviceId])
  expect((await revoke(cookie, id)).statusCode).toBe(204)
  const audit = await world.city.db.execute(sql`
    select action, precinct_id, details from audit where subject = ${`device:${id}`} order by id`)
  expect(audit.rows).toEqual([
    {
      action: 'tracker:enrolled',
      precinct_id: here.place.precinctId,
      details: { officerId: here.officer.id, label: '機車' },
    },
    {
      action: 'tracker:revoked',
      precinct_id: here.place.precinctId,
      details: { officerId: here.officer.id },
    },
  ])
})

test('a public id belongs to one device, until that is revoked', async () => {
  const publicId = `m-${Date.now()}`
  const { officer, deviceId } = await withTracker({ publicId })
  const again = { officerId: officer.id, label: 'x', publicId }
  expect((await enrol(world.administrator, again)).json()).toMatchObject({
    code: 'INVALID_INPUT',
    field: 'body/publicId',
  })
  await revoke(world.administrator, deviceId)
  expect((await enrol(world.administrator, again)).json()).toMatchObject({
    pairingId: null,
    url: 'http://127.0.0.1/trackers',
  })
})
