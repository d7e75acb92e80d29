import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TrackerPairing } from '@patrol/contract'
import { makeDepartment, makeOfficer, makePrecinct, makeUnit } from '@patrol/db/factories'
import { startTestCity, type TestCity } from './build-app.ts'

let city: TestCity
let administrator: string
beforeAll(async () => {
  city = await startTestCity({ trustProxy: '127.0.0.1' })
  const department = await makeDepartment(city.db)
  const nowhere = { precinctId: null, stationId: null }
  const boss = await makeOfficer(city.db, nowhere, {
    roles: ['administrator'],
    organisationId: department.id,
  })
  administrator = (await city.logIn(boss.id)).cookie
})
afterAll(() => city.stop())

/** An officer on duty with a paired tracker; or off duty; or with a tracker of this public id. */
async function withTracker({ onDuty = true, publicId }: { onDuty?: boolean; publicId?: string } = {}) {
  const place = await makePrecinct(city.db)
  const officer = await makeOfficer(city.db, place)
  const unit = onDuty ? (await makeUnit(city.db, place, [officer.id])).unit : null
  const response = await enrol(administrator, {
    officerId: officer.id,
    label: '車機',
    ...(publicId && { publicId }),
  })
  expect(response.statusCode, response.body).toBe(200)
  const { id, pairingId, url, qrSvg } = response.json<TrackerPairing>()
  return { place, officer, unit, deviceId: id, pairingId: pairingId ?? '', url, qrSvg }
}

const asUser = (cookie: string) => ({ cookie, 'x-requested-with': 'patrol' })

function enrol(cookie: string, payload: object) {
  return city.app.inject({
    method: 'POST',
    url: '/api/v1/devices/trackers',
    headers: asUser(cookie),
    payload,
  })
}

function revoke(cookie: string, id: string) {
  return city.app.inject({ method: 'DELETE', url: `/api/v1/devices/trackers/${id}`, headers: asUser(cookie) })
}

interface Message {
  method?: 'GET' | 'POST'
  body?: unknown
  headers?: Record<string, string>
  /** Behind the proxy; each test has its own, so that failures of one do not count in another. */
  from?: string
}

function send(url: string, { method, body, headers = {}, from = '10.0.0.1' }: Message = {}) {
  return city.app.inject({
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    url,
    headers: { 'x-forwarded-for': from, ...headers },
    ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
}

const json = { 'content-type': 'application/json' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }
/** Whole seconds ago, as seconds since 1970. */
const stamp = (secondsAgo: number) => Math.floor(Date.now() / 1_000) - secondsAgo

async function stored(officerId: number) {
  const { rows } = await city.db.execute(sql`
    select lon, lat, speed_mps, heading_degrees, accuracy_meters, battery_percent, is_evidence, tracker_details,
      extract(epoch from recorded_at)::int as at
    from breadcrumb where officer_id = ${officerId} order by recorded_at`)
  return rows
}

async function sosAlerts(precinctId: number) {
  const { rows } = await city.db.execute(sql`
    select priority, state, subject, count from alert where kind = 'sos' and precinct_id = ${precinctId}`)
  return rows
}

test('a paired tracker posts in each format at its address, in our units', async () => {
  const { pairingId, officer, url, qrSvg } = await withTracker()
  expect(url).toBe(`http://127.0.0.1/trackers/${pairingId}`)
  expect(Buffer.from(pairingId, 'base64url').length).toBe(24)
  expect(qrSvg).toContain('<svg')
  const at = Array.from({ length: 5 }, (_, i) => stamp(50 - i))
  const door = `/trackers/${pairingId}`
  const query = await send(
    `${door}?id=x&lat=22.99&lon=120.2&timestamp=${at[0]}&speed=10&bearing=90&batt=61.4`,
  )
  expect([query.statusCode, query.body]).toEqual([200, ''])
  const posted = await send(door, {
    body: `id=x&lat=22.99&lon=120.2&timestamp=${at[1]}&accuracy=6.5`,
    headers: form,
  })
  expect(posted.statusCode).toBe(200)
  const location = {
    timestamp: new Date((at[2] ?? 0) * 1_000).toISOString(),
    coords: { latitude: 22.99, longitude: 120.2, speed: 3, heading: -1 },
    battery: { level: 0.29 },
    mock: true,
  }
  expect((await send(door, { body: { location, device_id: 'x' }, headers: json })).statusCode).toBe(200)
  const own = await send(`/pub/${pairingId}`, {
    body: { _type: 'location', lat: 22.99, lon: 120.2, tst: at[3], vel: 36, cog: 0 },
    headers: json,
  })
  expect([own.statusCode, own.body, own.headers['content-type']]).toEqual([
    200,
    '[]',
    'application/json; charset=utf-8',
  ])
  // OwnTracks as text at the common address, known by its password.
  const basic = await send('/trackers', {
    body: { _type: 'location', lat: 22.99, lon: 120.2, tst: at[4] },
    headers: { authorization: `Basic ${Buffer.from(`anyone:${pairingId}`).toString('base64')}` },
  })
  expect([basic.statusCode, basic.body]).toEqual([200, '[]'])
  expect(await stored(officer.id)).toMatchObject([
    {
      at: at[0],
      speed_mps: expect.closeTo(5.1444, 3),
      heading_degrees: 90,
      accuracy_meters: null,
      battery_percent: 61,
    },
    { at: at[1], speed_mps: null, accuracy_meters: 6.5, is_evidence: true },
    {
      at: at[2],
      speed_mps: 3,
      heading_degrees: null,
      battery_percent: 29,
      is_evidence: false,
      tracker_details: { mock: true },
    },
    { at: at[3], speed_mps: 10, heading_degrees: 0, is_evidence: true },
    { at: at[4], speed_mps: null },
  ])
})

test('a pairing id also works as the id that the device sends, and a repeat is stored once', async () => {
  const { pairingId, officer } = await withTracker()
  const url = `/trackers?id=${pairingId}&lat=22.99&lon=120.2&timestamp=${stamp(20)}`
  for (const method of ['GET', 'POST'] as const) expect((await send(url, { method })).statusCode).toBe(200)
  expect(await stored(officer.id)).toMatchObject([{ lon: 120.2, lat: 22.99, is_evidence: true }])
})

test('only a hash of the pairing id is kept', async () => {
  const { deviceId, pairingId } = await withTracker()
  const { rows } = await city.db.execute<{ row: string }>(sql`
    select d::text || coalesce((select string_agg(a::text, '') from audit a), '') as row from device d where id = ${deviceId}`)
  expect(rows[0]?.row).toContain(deviceId)
  expect(rows[0]?.row).not.toContain(pairingId)
})

test('an unknown device gets 401 and nothing is stored; after some tries its address has to wait, known devices not', async () => {
  const { pairingId, officer } = await withTracker()
  const from = '10.0.0.2'
  const good = (secondsAgo: number) =>
    `/trackers/${pairingId}?lat=22.99&lon=120.2&timestamp=${stamp(secondsAgo)}`
  expect((await send(good(60), { from })).statusCode).toBe(200)
  const before = await city.db.execute(sql`select count(*)::int as n from breadcrumb`)
  const wrong = (i: number) => [
    `/trackers/${'A'.repeat(31)}${i % 10}?id=x&lat=22.99&lon=120.2`,
    `/trackers?id=${officer.login}&lat=22.99&lon=120.2&alarm=sos`,
    `/trackers?id=%00&lat=22.99&lon=120.2`,
  ]
  const answers = []
  for (let i = 0; i < 8; i++) for (const url of wrong(i)) answers.push((await send(url, { from })).json())
  expect(answers.slice(0, 20)).toEqual(
    answers.slice(0, 20).map(() => ({ code: 'DEVICE_UNKNOWN', message: expect.any(String) })),
  )
  expect(answers.slice(20).map((answer) => answer.code)).toEqual(Array(4).fill('TOO_MANY_TRIES'))
  expect(await city.db.execute(sql`select count(*)::int as n from breadcrumb`)).toMatchObject({
    rows: before.rows,
  })
  expect((await send(good(59), { from })).statusCode).toBe(200)
  expect((await send(wrong(0)[0] ?? '', { from: '10.0.0.3' })).statusCode).toBe(401)
})

test('a public id counts only where an administrator enrolled it: no SOS, no evidence', async () => {
  const publicId = `owntracks/p${Date.now()}/m`
  const { officer, place, unit } = await withTracker({ publicId })
  const tst = stamp(30)
  const [, user, device] = publicId.split('/')
  const response = await send(`/pub?u=${user}&d=${device}`, {
    body: { _type: 'location', lat: 22.99, lon: 120.2, tst },
    headers: json,
  })
  expect(response.statusCode).toBe(200)
  const sos = await send(
    `/trackers?id=${encodeURIComponent(publicId)}&lat=22.98&lon=120.2&timestamp=${tst + 1}&alarm=sos`,
  )
  expect(sos.statusCode).toBe(200)
  expect(await stored(officer.id)).toMatchObject([
    { at: tst, is_evidence: false },
    { at: tst + 1, is_evidence: false, tracker_details: { alarm: 'sos' } },
  ])
  expect(await sosAlerts(place.precinctId)).toEqual([])
  const moved = await city.db.execute(sql`select lat from unit_position where unit_id = ${unit?.id}`)
  expect(moved.rows).toEqual([{ lat: 22.98 }])
  // A public id in the address is no pairing id.
  expect((await send(`/trackers/${user}?lat=22.99&lon=120.2`, { from: '10.0.0.4' })).statusCode).toBe(401)
})

test('a fix that its device calls invalid or simulated is kept, and the wall does not follow it', async () => {
  const { pairingId, officer, unit } = await withTracker()
  const door = `/trackers/${pairingId}?lon=120.2&timestamp=${stamp(30)}`
  expect((await send(`${door}&lat=22.9`)).statusCode).toBe(200)
  expect(
    (await send(`/trackers/${pairingId}?lon=120.2&lat=10&valid=0&timestamp=${stamp(20)}`)).statusCode,
  ).toBe(200)
  expect(await stored(officer.id)).toMatchObject([{ is_evidence: true }, { is_evidence: false }])
  const moved = await city.db.execute(sql`select lat from unit_position where unit_id = ${unit?.id}`)
  expect(moved.rows).toEqual([{ lat: 22.9 }])
})

test('SOS of a paired tracker is an alert of its unit, with place; repeats count once, a second call asks again', async () => {
  const { pairingId, place, unit } = await withTracker()
  const call = (at: number) =>
    send(`/trackers/${pairingId}`, {
      body: `id=x&lat=23.0001&lon=120.2101&timestamp=${at}&alarm=sos`,
      headers: form,
    })
  const at = stamp(10)
  for (let i = 0; i < 2; i++) expect((await call(at)).statusCode).toBe(200)
  const raised = {
    priority: 1,
    state: 'unack',
    subject: { callSign: unit?.callSign, lon: 120.2101, lat: 23.0001 },
  }
  expect(await sosAlerts(place.precinctId)).toEqual([{ ...raised, count: 1 }])
  const event = await city.db.execute(sql`
    select 1 from (select type, precinct_id from outbox union all select type, precinct_id from event) e
    where type = 'alert:raised' and precinct_id = ${place.precinctId}`)
  expect(event.rows).toHaveLength(1)
  await city.db.execute(
    sql`update alert set state = 'ack' where kind = 'sos' and precinct_id = ${place.precinctId}`,
  )
  await call(at + 5)
  expect(await sosAlerts(place.precinctId)).toEqual([{ ...raised, count: 2 }])
})

test('SOS without a place shows the unit’s last one', async () => {
  const { pairingId, place } = await withTracker()
  await send(`/trackers/${pairingId}?lat=22.97&lon=120.19&timestamp=${stamp(30)}`)
  expect((await send(`/trackers/${pairingId}?alarm=SOS&timestamp=${stamp(5)}`)).statusCode).toBe(200)
  expect(await sosAlerts(place.precinctId)).toMatchObject([{ subject: { lon: 120.19, lat: 22.97 } }])
})

test('off duty positions and keep-alives are answered 200 and dropped; a call for help is heard', async () => {
  const { pairingId, officer, place, deviceId } = await withTracker({ onDuty: false })
  const door = `/trackers/${pairingId}`
  expect((await send(`${door}?lat=22.99&lon=120.2&timestamp=${stamp(30)}`)).statusCode).toBe(200)
  expect((await send(`${door}?batt=40`)).statusCode).toBe(200)
  expect((await send(`${door}?lat=22.99&lon=120.2&timestamp=${stamp(20)}&alarm=sos`)).statusCode).toBe(200)
  expect(await stored(officer.id)).toEqual([])
  const { rows } = await city.db.execute(sql`select keep_alive from device where id = ${deviceId}`)
  expect(rows).toEqual([{ keep_alive: null }])
  expect(await sosAlerts(place.precinctId)).toEqual([
    { priority: 1, state: 'unack', count: 1, subject: { lon: 120.2, lat: 22.99 } },
  ])
})

test('keep-alives make no point, and other OwnTracks messages are acknowledged', async () => {
  const { pairingId, officer, deviceId } = await withTracker()
  expect((await send(`/trackers/${pairingId}?batt=42&charge=true&timestamp=${stamp(9)}`)).statusCode).toBe(
    200,
  )
  const { rows } = await city.db.execute(sql`select keep_alive from device where id = ${deviceId}`)
  expect(rows).toMatchObject([{ keep_alive: { batteryPercent: 42, charging: true } }])
  for (const body of ['', '[]', { _type: 'lwt', tst: 1 }, { _type: 'waypoint', lat: 1, lon: 1, tst: 1 }]) {
    const response = await send(`/pub/${pairingId}`, { body, headers: json })
    expect([response.statusCode, response.body]).toEqual([200, '[]'])
  }
  expect(await stored(officer.id)).toEqual([])
})

test('what no repeat can mend is a 400 with its reason', async () => {
  const { pairingId, officer } = await withTracker()
  const messages: [string, Message][] = [
    ['/trackers?lat=22.99&lon=120.2', {}],
    [`/trackers/${pairingId}?lat=91&lon=120.2`, {}],
    [`/trackers/${pairingId}?lat=23&lon=120.2&timestamp=soon`, {}],
    [`/pub/${pairingId}`, { body: '{"_type":', headers: json }],
    [`/pub/${pairingId}`, { body: { _type: 'location', lat: 23, lon: 120 }, headers: json }],
  ]
  for (const [url, message] of messages) {
    const response = await send(url, message)
    expect(response.statusCode, url).toBe(400)
    expect(response.json()).toEqual({ code: 'INVALID_INPUT', message: expect.any(String) })
  }
  expect(await stored(officer.id)).toEqual([])
})

test('strange numbers, texts and times cost neither the message nor the batch of others', async () => {
  const { pairingId, officer } = await withTracker()
  const door = `/trackers/${pairingId}?lat=22.99&lon=120.2`
  const strange = [
    `${door}&timestamp=${stamp(40)}&speed=1e300&accuracy=1e-60&a%00b=%00c&d=%ED%A0%80`,
    `${door}&timestamp=${stamp(39)}&note=${'x'.repeat(6_000)}&altitude=7`,
    `${door}&timestamp=8.64e15&alarm=sos`,
    `${door}&timestamp=-8.6e12&alarm=sos`,
    `/trackers/${pairingId}?timestamp=-8.6e12&batt=5`,
  ]
  for (const url of strange) expect((await send(url)).statusCode, url).toBe(200)
  expect(await stored(officer.id)).toMatchObject([
    { speed_mps: null, accuracy_meters: 0 },
    { tracker_details: { altitudeMeters: 7, valid: true } },
  ])
})

test('a server that is not ready answers 5xx, never 4xx, and the repeat is stored', async () => {
  const { pairingId, officer } = await withTracker()
  const url = `/trackers/${pairingId}?lat=22.99&lon=120.2&timestamp=${stamp(15)}`
  await city.db.execute(sql`alter table breadcrumb rename to breadcrumb_away`)
  const during = await send(url).finally(() =>
    city.db.execute(sql`alter table breadcrumb_away rename to breadcrumb`),
  )
  expect(during.statusCode).toBeGreaterThanOrEqual(500)
  expect((await send(url)).statusCode).toBe(200)
  expect(await stored(officer.id)).toHaveLength(1)
})

test('a revoked tracker, and one of a disabled officer, are unknown', async () => {
  const one = await withTracker()
  expect((await revoke(administrator, one.deviceId)).statusCode).toBe(204)
  const other = await withTracker()
  await city.db.execute(sql`update officer set disabled_at = now() where id = ${other.officer.id}`)
  for (const { pairingId } of [one, other]) {
    const response = await send(`/trackers/${pairingId}?lat=22.99&lon=120.2`, { from: '10.0.0.5' })
    expect(response.json()).toMatchObject({ code: 'DEVICE_UNKNOWN' })
  }
  expect((await revoke(administrator, one.deviceId)).statusCode).toBe(404)
})

test('pairing is for duty officers and administrators, within their scope, and is audited', async () => {
  const here = await withTracker()
  const there = await withTracker()
  const at = { organisationId: here.place.precinctId }
  const leader = await makeOfficer(city.db, here.place, { roles: ['duty-officer'], ...at })
  const operator = await makeOfficer(city.db, here.place, { roles: ['operator'], ...at })
  const { cookie } = await city.logIn(leader.id)
  const tracker = { officerId: here.officer.id, label: '機車' }

  expect((await enrol('', tracker)).statusCode).toBe(401)
  expect((await enrol((await city.logIn(operator.id)).cookie, tracker)).statusCode).toBe(403)
  expect((await enrol((await city.logIn(here.officer.id)).cookie, tracker)).statusCode).toBe(403)
  expect((await enrol(cookie, { ...tracker, officerId: there.officer.id })).statusCode).toBe(404)
  expect((await enrol(cookie, { ...tracker, publicId: 'm-1' })).statusCode).toBe(403)
  expect((await revoke(cookie, there.deviceId)).statusCode).toBe(404)
  // Administrator there and duty officer here enrols public ids there only.
  await city.db.execute(sql`insert into role_grant (officer_id, role, organisation_id)
    select officer_id, 'administrator', ${there.place.precinctId} from role_grant
    where role = 'duty-officer' and organisation_id = ${here.place.precinctId}`)
  const both = (await city.logIn(leader.id)).cookie
  const elsewhere = { officerId: there.officer.id, label: 'x', publicId: `m-${there.deviceId}` }
  expect((await enrol(both, { ...elsewhere, officerId: here.officer.id })).statusCode).toBe(404)
  expect((await enrol(both, elsewhere)).statusCode).toBe(200)

  const made = await enrol(cookie, tracker)
  expect(made.headers['cache-control']).toBe('no-store')
  const { id } = made.json<TrackerPairing>()
  const list = await city.app.inject({ url: '/api/v1/devices/trackers', headers: asUser(cookie) })
  const ids = list.json<{ trackers: { id: string }[] }>().trackers.map((each) => each.id)
  expect(ids).toEqual([id, here.deviceId])
  expect((await revoke(cookie, id)).statusCode).toBe(204)
  const audit = await city.db.execute(sql`
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
  expect((await enrol(administrator, again)).json()).toMatchObject({
    code: 'INVALID_INPUT',
    field: 'body/publicId',
  })
  await revoke(administrator, deviceId)
  expect((await enrol(administrator, again)).json()).toMatchObject({
    pairingId: null,
    url: 'http://127.0.0.1/trackers',
  })
})
