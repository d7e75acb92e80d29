import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sql } from 'drizzle-orm'
import type { CheckIn, CheckInAnswers, CheckInReceipt, Frame } from '@patrol/contract'
import {
  makeDepartment,
  makeOfficer,
  makePoint,
  makePrecinct,
  makeUnit,
  makeWindowRule,
  newUuidV7,
} from '@patrol/db/factories'
import { signBeacon } from '../src/check-in/beacon.ts'
import { readableCode, signQr } from '../src/check-in/proof/signed-qr.ts'
import { materialiseWindows } from '../src/window/materialise-windows.ts'
import { sweepWindows } from '../src/window/sweep-windows.ts'
import { eventually, startTestCity, type TestCity } from './build-app.ts'

let city: TestCity
beforeAll(async () => {
  city = await startTestCity()
})
afterAll(() => city.stop())

/** An officer on duty in a precinct of its own, before a point, with a session. */
async function beat() {
  const place = await makePrecinct(city.db)
  const officer = await makeOfficer(city.db, place)
  const { unit } = await makeUnit(city.db, place, [officer.id])
  const { point, tag } = await makePoint(city.db, place)
  const { cookie } = await city.logIn(officer.id)
  return { place, officer, unit, point, tag, cookie, code: city.codeOf(tag) }
}

async function serverTime() {
  const response = await city.app.inject({ method: 'GET', url: '/api/v1/time' })
  return response.json<{ now: string; beacon: string }>()
}

/** An honest scan at [120.2, 23], now; `over` changes what the test is about. */
async function scan(code: string, over: Partial<CheckIn> = {}): Promise<CheckIn> {
  const { now, beacon } = await serverTime()
  return {
    id: newUuidV7(),
    act: 'check-in',
    role: 'patrol',
    proof: { kind: 'qr', code },
    checkedInAt: now,
    clock: { deviceAt: now, monotonicMs: 1_000, beacon: { token: beacon, monotonicMs: 1_000 } },
    position: { lon: 120.2, lat: 23, accuracyMeters: 8, fixedAt: now },
    ...over,
  }
}

async function post(cookie: string, body: unknown) {
  return city.app.inject({
    method: 'POST',
    url: '/api/v1/check-ins',
    headers: { cookie, 'x-requested-with': 'patrol' },
    payload: body as object,
  })
}

async function postOne(cookie: string, checkIn: CheckIn): Promise<CheckInReceipt> {
  const response = await post(cookie, checkIn)
  expect(response.statusCode, response.body).toBe(200)
  const [result] = response.json<CheckInAnswers>().results
  if (result === undefined || !('stored' in result)) throw new Error(`Not stored: ${response.body}`)
  return result
}

const codes = (receipt: CheckInReceipt) => receipt.reasons.map((reason) => reason.code)

describe('POST /api/v1/check-ins', () => {
  test('a week offline in batches goes through; thousands more are asked to wait, and others are not', async () => {
    const { cookie, code } = await beat()
    const one = await scan(code)
    const batch = { checkIns: Array.from({ length: 50 }, () => ({ ...one, id: newUuidV7() })) }
    for (let i = 0; i < 10; i++) expect((await post(cookie, batch)).statusCode).toBe(200)
    const answers = await Promise.all(Array.from({ length: 40 }, () => post(cookie, batch)))
    const refused = answers.filter(({ statusCode }) => statusCode === 429)
    expect(refused.length).toBeGreaterThanOrEqual(5)
    expect(refused[0]?.json()).toMatchObject({ code: 'TOO_MANY_REQUESTS' })
    expect(Number(refused[0]?.headers['retry-after'])).toBeGreaterThan(0)
    const other = await beat()
    expect((await post(other.cookie, await scan(other.code))).statusCode).toBe(200)
  })

  test('an honest scan is accepted, fulfils, and names the point', async () => {
    const { cookie, code, point } = await beat()
    const receipt = await postOne(cookie, await scan(code))
    expect(receipt).toMatchObject({
      stored: true,
      verdict: 'accepted',
      fulfils: 'yes',
      reasons: [],
      repeated: false,
    })
    expect(receipt.point).toEqual({ id: point.id, code: point.code, name: point.name })
  })

  test('a repeat gets the same verdict and is no second check-in', async () => {
    const { cookie, code } = await beat()
    const checkIn = await scan(code)
    const first = await postOne(cookie, checkIn)
    const again = await postOne(cookie, checkIn)
    expect(again).toEqual({ ...first, repeated: true })
    const events = await city.db.execute(sql`
      select 1 from event where data->>'id' = ${checkIn.id} union all select 1 from outbox where data->>'id' = ${checkIn.id}`)
    expect(events.rows).toHaveLength(1)
  })

  test('the same id with other content: the first stays, the other is kept beside it, once', async () => {
    const { cookie, code } = await beat()
    const checkIn = await scan(code)
    await postOne(cookie, checkIn)
    const other = { ...checkIn, position: null }
    expect(await postOne(cookie, other)).toMatchObject({ verdict: 'accepted', repeated: true })
    await postOne(cookie, other)
    const kept = await city.db.execute(
      sql`select raw from check_in_conflict where check_in_id = ${checkIn.id}`,
    )
    expect(kept.rows).toEqual([{ raw: other }])
  })

  test('the same id twice in one batch is one check-in', async () => {
    const { cookie, code } = await beat()
    const checkIn = await scan(code)
    const response = await post(cookie, { checkIns: [checkIn, checkIn] })
    expect(response.json().results).toMatchObject([{ repeated: false }, { repeated: true }])
  })

  test('a bad item in a batch is quarantined with its field and blocks nothing', async () => {
    const { cookie, code, officer } = await beat()
    const good = await scan(code)
    const bad = {
      ...(await scan(code)),
      position: { lon: 500, lat: 23, accuracyMeters: 1, fixedAt: good.checkedInAt },
    }
    const { id: _, ...nameless } = await scan(code)
    const response = await post(cookie, { checkIns: [bad, good, nameless, 'nonsense\u0000'] })
    expect(response.statusCode).toBe(200)
    expect(response.json().results).toMatchObject([
      { id: bad.id, quarantined: true, field: '/position/lon' },
      { id: good.id, stored: true },
      { id: null, quarantined: true, field: '/id' },
      { id: null, quarantined: true, field: '/' },
    ])
    const kept = await city.db.execute(
      sql`select field from quarantine where officer_id = ${officer.id} order by id`,
    )
    expect(kept.rows.map((row) => row['field'])).toEqual(['/position/lon', '/id', '/'])
  })

  test('a body that is neither a check-in nor a batch is a 400 that names the field', async () => {
    const { cookie } = await beat()
    expect((await post(cookie, { checkIns: [] })).json()).toMatchObject({
      code: 'INVALID_INPUT',
      field: 'body/checkIns',
    })
    const text = await city.app.inject({
      method: 'POST',
      url: '/api/v1/check-ins',
      headers: { cookie, 'x-requested-with': 'patrol', 'content-type': 'application/json' },
      payload: '{"checkIns": [',
    })
    expect(text.statusCode).toBe(400)
    expect(text.json()).toMatchObject({ code: 'INVALID_INPUT' })
  })

  test('without a session, or without the header that only our pages send, nothing is stored', async () => {
    const { cookie, code } = await beat()
    expect((await post('', await scan(code))).json()).toMatchObject({ code: 'NOT_LOGGED_IN' })
    const forged = await city.app.inject({
      method: 'POST',
      url: '/api/v1/check-ins',
      headers: { cookie },
      payload: await scan(code),
    })
    expect(forged.json()).toMatchObject({ code: 'ORIGIN_WRONG' })
  })
})

describe('verdicts', () => {
  test('a code signed with another key is rejected and stored', async () => {
    const { cookie, tag } = await beat()
    const forged = signQr(tag.opaqueId, 1, Buffer.alloc(32, 7))
    const receipt = await postOne(cookie, await scan(forged))
    expect(receipt).toMatchObject({ stored: true, verdict: 'rejected', fulfils: 'no', point: null })
    expect(codes(receipt)).toEqual(['signature-wrong'])
  })

  test('a code that is none is rejected as malformed', async () => {
    const { cookie } = await beat()
    expect(codes(await postOne(cookie, await scan('hello')))).toEqual(['malformed-proof'])
  })

  test('a well-signed tag that no register knows is rejected', async () => {
    const { cookie } = await beat()
    const receipt = await postOne(cookie, await scan(city.codeOf({ opaqueId: 42n, keyVersion: 1 })))
    expect(codes(receipt)).toEqual(['tag-unknown'])
  })

  test('a revoked tag is rejected', async () => {
    const { cookie, code, tag } = await beat()
    await city.db.execute(sql`update tag set revoked_at = now() where id = ${tag.id}`)
    expect(codes(await postOne(cookie, await scan(code)))).toEqual(['tag-revoked'])
  })

  test('a typed code finds its point and waits for review', async () => {
    const { cookie, tag, point } = await beat()
    const typed = readableCode(tag.opaqueId).toLowerCase()
    const receipt = await postOne(cookie, await scan('', { proof: { kind: 'typed', code: typed } }))
    expect(receipt).toMatchObject({
      verdict: 'needs-review',
      fulfils: 'when-confirmed',
      point: { id: point.id },
    })
    expect(codes(receipt)).toEqual(['typed-code'])
  })

  test('a copied code from 3 km away is flagged and fulfils only when confirmed', async () => {
    const { cookie, code } = await beat()
    const { now } = await serverTime()
    const receipt = await postOne(
      cookie,
      await scan(code, { position: { lon: 120.23, lat: 23, accuracyMeters: 8, fixedAt: now } }),
    )
    expect(receipt).toMatchObject({ verdict: 'needs-review', fulfils: 'when-confirmed' })
    expect(codes(receipt)).toEqual(['far-from-place'])
  })

  test('a device clock turned back is seen by the monotonic clock, and the true time counts', async () => {
    const { cookie, code } = await beat()
    const turned = new Date(Date.now() - 3 * 3_600_000).toISOString()
    const receipt = await postOne(cookie, await scan(code, { checkedInAt: turned, position: null }))
    expect(codes(receipt)).toContain('clock-skew')
    expect(receipt.fulfils).toBe('when-confirmed')
    expect(Math.abs(Date.parse(receipt.checkedInAt) - Date.now())).toBeLessThan(60_000)
  })

  test('an hour offline with an unbroken clock keeps its claimed time, with a note', async () => {
    const { cookie, code } = await beat()
    const checkedInAt = new Date(Date.now() - 1_800_000).toISOString()
    // A beacon of half an hour ago, then the scan at once after it.
    const old = signBeacon(new Date(Date.now() - 1_801_000), city.env.serverKey)
    const receipt = await postOne(
      cookie,
      await scan(code, {
        checkedInAt,
        clock: { deviceAt: checkedInAt, monotonicMs: 2_000, beacon: { token: old, monotonicMs: 1_000 } },
        position: { lon: 120.2, lat: 23, accuracyMeters: 8, fixedAt: checkedInAt },
      }),
    )
    expect(receipt).toMatchObject({ verdict: 'accepted', fulfils: 'yes', checkedInAt })
    expect(codes(receipt)).toEqual(['late-upload'])
  })

  test('an old claim without any bound counts from its receipt, and only when confirmed', async () => {
    const { cookie, code } = await beat()
    const checkedInAt = new Date(Date.now() - 1_800_000).toISOString()
    const receipt = await postOne(
      cookie,
      await scan(code, {
        checkedInAt,
        clock: { deviceAt: checkedInAt, monotonicMs: 5, beacon: null },
        position: { lon: 120.2, lat: 23, accuracyMeters: 8, fixedAt: checkedInAt },
      }),
    )
    expect(codes(receipt)).toEqual(['clock-unbounded'])
    expect(receipt.fulfils).toBe('when-confirmed')
  })

  test('two points 30 km apart within a minute are impossible travel, also in one batch', async () => {
    const { cookie, code, place } = await beat()
    const far = await makePoint(city.db, place, { position: [120.5, 23] })
    const first = await scan(code)
    const second = await scan(city.codeOf(far.tag), {
      position: { lon: 120.5, lat: 23, accuracyMeters: 8, fixedAt: first.checkedInAt },
    })
    const response = await post(cookie, { checkIns: [first, second] })
    expect(response.json().results).toMatchObject([
      { verdict: 'accepted' },
      { verdict: 'needs-review', reasons: [{ code: 'impossible-travel' }] },
    ])
  })

  test('off the roster is flagged; another precinct is flagged; another station is noted', async () => {
    const here = await beat()
    const elsewhere = await beat()
    const idle = await makeOfficer(city.db, here.place)
    const { cookie } = await city.logIn(idle.id)
    expect(codes(await postOne(cookie, await scan(here.code)))).toEqual(['off-roster'])
    expect(codes(await postOne(here.cookie, await scan(elsewhere.code)))).toEqual(['other-precinct'])
  })

  test('a check-in brought by another log-in is the first officer’s, flagged until a device key vouches', async () => {
    const here = await beat()
    const courier = await beat()
    const receipt = await postOne(courier.cookie, await scan(here.code, { officerId: here.officer.id }))
    expect(codes(receipt)).toEqual(['device-shared'])
    const stored = await city.db.execute(sql`select officer_id from check_in where id = ${receipt.id}`)
    expect(stored.rows).toEqual([{ officer_id: here.officer.id }])
  })
})

describe('from the tap to the screen', () => {
  test('a check-in fulfils its open window; precinct and city screens see both events in one gapless sequence', async () => {
    const { cookie, code, place, point } = await beat()
    const now = new Date(Date.now() + 8 * 3_600_000)
    await makeWindowRule(city.db, point.id, { startMinute: 0, durationMinutes: 1_440 })
    await materialiseWindows(city.db)
    await sweepWindows(city.db)
    const window = await city.db.execute(sql`
      select id, state from patrol_window where patrol_point_id = ${point.id}
        and service_on = ${now.toISOString().slice(0, 10)}`)
    expect(window.rows).toMatchObject([{ state: 'open' }])

    const department = await makeDepartment(city.db)
    const operator = await makeOfficer(
      city.db,
      { precinctId: null, stationId: null },
      { roles: ['operator'], organisationId: department.id },
    )
    const sergeant = await makeOfficer(city.db, place, {
      roles: ['duty-officer'],
      organisationId: place.precinctId,
    })
    const stranger = await makePrecinct(city.db)
    const other = await makeOfficer(city.db, stranger, {
      roles: ['duty-officer'],
      organisationId: stranger.precinctId,
    })
    const screens = await Promise.all(
      [operator, sergeant, other].map(async (officer) => {
        const { cookie: screenCookie } = await city.logIn(officer.id)
        const frames: Frame[] = []
        const socket = city.openScreen(screenCookie)
        socket.on('frame', (frame: Frame) => frames.push(frame))
        await new Promise((resolve) => socket.once('connect', () => resolve(null)))
        return frames
      }),
    )
    const receipt = await postOne(cookie, await scan(code))
    const [cityFrames = [], precinctFrames = [], otherFrames = []] = screens
    for (const frames of [cityFrames, precinctFrames]) {
      await eventually('both events', () => {
        const events = frames.flatMap((frame) => frame.events)
        const ofOurs = events.filter((event) => event.precinctId === place.precinctId)
        return ofOurs.some((event) => event.type === 'check-in:recorded' && event.data.id === receipt.id) &&
          ofOurs.some((event) => event.type === 'window:fulfilled' && event.data.checkInId === receipt.id)
          ? true
          : undefined
      })
    }
    expect(otherFrames).toEqual([])
    expect(
      precinctFrames.flatMap((frame) => frame.events).every((e) => e.precinctId === place.precinctId),
    ).toBe(true)
    const positions = cityFrames.flatMap((frame) => frame.events.map((event) => event.pos))
    expect(positions).toEqual(positions.map((_, i) => (positions[0] ?? 0) + i))
  })
})

test('paging through check-ins of one batch leaves none out', async () => {
  const { cookie, place } = await beat()
  const points = await Promise.all(Array.from({ length: 10 }, () => makePoint(city.db, place)))
  const checkIns = await Promise.all(points.map(({ tag }) => scan(city.codeOf(tag))))
  await post(cookie, { checkIns })
  const seen: string[] = []
  for (let before = ''; ;) {
    const page = await city.app.inject({
      url: `/api/v1/check-ins?limit=4${before && `&before=${before}`}`,
      headers: { cookie },
    })
    const ids = page.json<{ checkIns: { id: string }[] }>().checkIns.map((one) => one.id)
    seen.push(...ids)
    before = ids.at(-1) ?? ''
    if (ids.length < 4) break
  }
  expect(seen.sort()).toEqual(checkIns.map((one) => one.id).sort())
})
