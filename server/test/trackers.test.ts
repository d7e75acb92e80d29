import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { useTrackers, type Message } from './tracker-world.ts'

const world = useTrackers()
const { withTracker, send, stamp, stored, sosAlerts } = world
const json = { 'content-type': 'application/json' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }
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

test('an unknown device gets 401 and nothing is stored; after some tries its address has to wait, known devices not', async () => {
  const { pairingId, officer } = await withTracker()
  const from = '10.0.0.2'
  const good = (secondsAgo: number) =>
    `/trackers/${pairingId}?lat=22.99&lon=120.2&timestamp=${stamp(secondsAgo)}`
  expect((await send(good(60), { from })).statusCode).toBe(200)
  const before = await world.city.db.execute(sql`select count(*)::int as n from breadcrumb`)
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
  expect(await world.city.db.execute(sql`select count(*)::int as n from breadcrumb`)).toMatchObject({
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
  const moved = await world.city.db.execute(sql`select lat from unit_position where unit_id = ${unit?.id}`)
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
  const moved = await world.city.db.execute(sql`select lat from unit_position where unit_id = ${unit?.id}`)
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
  const event = await world.city.db.execute(sql`
    select 1 from (select type, precinct_id from outbox union all select type, precinct_id from event) e
    where type = 'alert:raised' and precinct_id = ${place.precinctId}`)
  expect(event.rows).toHaveLength(1)
  await world.city.db.execute(
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
  const { rows } = await world.city.db.execute(sql`select keep_alive from device where id = ${deviceId}`)
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
  const { rows } = await world.city.db.execute(sql`select keep_alive from device where id = ${deviceId}`)
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
  await world.city.db.execute(sql`alter table breadcrumb rename to breadcrumb_away`)
  const during = await send(url).finally(() =>
    world.city.db.execute(sql`alter table breadcrumb_away rename to breadcrumb`),
  )
  expect(during.statusCode).toBeGreaterThanOrEqual(500)
  expect((await send(url)).statusCode).toBe(200)
  expect(await stored(officer.id)).toHaveLength(1)
})
