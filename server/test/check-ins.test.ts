import { describe, expect, test } from 'vitest'
import { sql } from 'drizzle-orm'
import type { Frame } from '@patrol/contract'
import {
  makeDepartment,
  makeOfficer,
  makePoint,
  makePrecinct,
  makeWindowRule,
  newUuidV7,
} from '@patrol/db/factories'
import { materialiseWindows } from '../src/window/materialise-windows.ts'
import { sweepWindows } from '../src/window/sweep-windows.ts'
import { eventually } from './build-app.ts'
import { useCheckIns } from './check-in-world.ts'

const world = useCheckIns()
const { beat, scan, post, postOne } = world

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
    const events = await world.city.db.execute(sql`
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
    const kept = await world.city.db.execute(
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
    const kept = await world.city.db.execute(
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
    const text = await world.city.app.inject({
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
    const forged = await world.city.app.inject({
      method: 'POST',
      url: '/api/v1/check-ins',
      headers: { cookie },
      payload: await scan(code),
    })
    expect(forged.json()).toMatchObject({ code: 'ORIGIN_WRONG' })
  })
})

describe('from the tap to the screen', () => {
  test('a check-in fulfils its open window; precinct and city screens see both events in one gapless sequence', async () => {
    const { cookie, code, place, point } = await beat()
    const now = new Date(Date.now() + 8 * 3_600_000)
    await makeWindowRule(world.city.db, point.id, { startMinute: 0, durationMinutes: 1_440 })
    await materialiseWindows(world.city.db)
    await sweepWindows(world.city.db)
    const window = await world.city.db.execute(sql`
      select id, state from patrol_window where patrol_point_id = ${point.id}
        and service_on = ${now.toISOString().slice(0, 10)}`)
    expect(window.rows).toMatchObject([{ state: 'open' }])

    const department = await makeDepartment(world.city.db)
    const operator = await makeOfficer(
      world.city.db,
      { precinctId: null, stationId: null },
      { roles: ['operator'], organisationId: department.id },
    )
    const sergeant = await makeOfficer(world.city.db, place, {
      roles: ['duty-officer'],
      organisationId: place.precinctId,
    })
    const stranger = await makePrecinct(world.city.db)
    const other = await makeOfficer(world.city.db, stranger, {
      roles: ['duty-officer'],
      organisationId: stranger.precinctId,
    })
    const screens = await Promise.all(
      [operator, sergeant, other].map(async (officer) => {
        const { cookie: screenCookie } = await world.city.logIn(officer.id)
        const frames: Frame[] = []
        const socket = world.city.openScreen(screenCookie)
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
  const points = await Promise.all(Array.from({ length: 10 }, () => makePoint(world.city.db, place)))
  const checkIns = await Promise.all(points.map(({ tag }) => scan(world.city.codeOf(tag))))
  await post(cookie, { checkIns })
  const seen: string[] = []
  for (let before = ''; ;) {
    const page = await world.city.app.inject({
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
