import { sql } from 'drizzle-orm'
import type { FeatureCollection } from 'geojson'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PlaybackScene, PlaybackSpan, PlaybackTicks, UnitGaps, UnitTrack } from '@patrol/contract'
import { inTransaction } from '@patrol/db'
import { makeOfficer, makePoint, makePrecinct, makeUnit, makeWindowRule } from '@patrol/db/factories'
import { raiseAlerts } from '../src/alert/raise-alert.ts'
import { taipeiDay } from '../src/playback/read-scene.ts'
import { materialiseWindows } from '../src/window/materialise-windows.ts'
import { sweepWindows } from '../src/window/sweep-windows.ts'
import { eventually, startTestCity, type TestCity } from './build-app.ts'

let city: TestCity
let world: Awaited<ReturnType<typeof furnish>>

const now = Date.now()
const ago = (seconds: number) => new Date(now - seconds * 1_000)

beforeAll(async () => {
  city = await startTestCity()
  world = await furnish()
})
afterAll(() => city.stop())

/** Half an hour in which a unit drove, stopped sending for five minutes, and an alert came and was acknowledged. */
async function furnish() {
  const { db } = city
  const place = await makePrecinct(db)
  const other = await makePrecinct(db)
  const officer = await makeOfficer(db, place)
  const { unit } = await makeUnit(db, place, [officer.id])
  const { point } = await makePoint(db, place)
  await makeWindowRule(db, point.id, { startMinute: 0, durationMinutes: 1_440 })
  await materialiseWindows(db)
  const beforeSweep = new Date(Date.now() - 1)
  await sweepWindows(db)
  await db.execute(sql`select ensure_breadcrumb_partition(${ago(1_800).toISOString().slice(0, 10)}::date)`)
  await db.execute(sql`select ensure_breadcrumb_partition(${ago(0).toISOString().slice(0, 10)}::date)`)
  // Every 5 s for half an hour, but for minutes 10 to 15.
  await db.execute(sql`
    insert into breadcrumb (officer_id, recorded_at, unit_id, received_at, lon, lat)
    select ${officer.id}, ${ago(1_800).toISOString()}::timestamptz + s * interval '1 second', ${unit.id}, now(),
      120.2 + s * 0.00001, 23 from generate_series(0, 1795, 5) s where s < 600 or s >= 900`)
  const cause = {
    kind: 'impossible-travel',
    dedupKey: 'playback',
    priority: 2 as const,
    precinctId: place.precinctId,
    stationId: place.stationId,
    subject: { callSign: unit.callSign, lon: 120.25, lat: 23.1 },
  }
  await inTransaction(db, (tx) => raiseAlerts(tx, ago(1_200), [cause]))
  await eventually('the events to be numbered', async () => {
    const { rows } = await db.execute(sql`select 1 from outbox`)
    return rows.length === 0 ? true : undefined
  })
  const duty = await makeOfficer(db, place, { roles: ['duty-officer'], organisationId: place.precinctId })
  const stranger = await makeOfficer(db, other, { roles: ['duty-officer'], organisationId: other.precinctId })
  return {
    unit,
    point,
    beforeSweep,
    duty,
    cookie: (await city.logIn(duty.id)).cookie,
    foreignCookie: (await city.logIn(stranger.id)).cookie,
    fieldCookie: (await city.logIn(officer.id)).cookie,
  }
}

async function ask<T>(path: string, cookie = world.cookie): Promise<T> {
  const response = await city.app.inject({ url: `/api/v1/playback/${path}`, headers: { cookie } })
  expect(response.statusCode, response.body).toBe(200)
  return response.json<T>()
}
const sceneAt = (at: Date, cookie?: string) => ask<PlaybackScene>(`scene?at=${at.toISOString()}`, cookie)

test('a scene shows the window as screens knew it then', async () => {
  const before = await sceneAt(world.beforeSweep)
  expect(before.points.map(({ id, window }) => ({ id, window }))).toEqual([
    { id: world.point.id, window: null },
  ])
  expect(before.precincts[0]?.tally).toMatchObject({ pending: 1, open: 0 })
  const after = await sceneAt(new Date())
  expect(after.points[0]?.window).toMatchObject({ state: 'open' })
  expect(after.precincts[0]?.tally).toMatchObject({ pending: 0, open: 1 })
})

test('a unit stands where it was, and nowhere while nobody knew', async () => {
  const moving = await sceneAt(ago(1_800 - 303))
  expect(moving.units[0]?.position).toMatchObject({
    unitId: world.unit.id,
    recordedAt: ago(1_500).toISOString(),
  })
  const silent = await sceneAt(ago(1_800 - 890))
  expect(silent.units[0]?.position?.recordedAt).toBe(ago(1_800 - 595).toISOString())
  const before = await sceneAt(ago(1_900))
  expect(before.units[0]).toMatchObject({ id: world.unit.id, position: null })
})

test('an alert is there from the instant it was raised', async () => {
  expect((await sceneAt(ago(1_201))).alerts).toEqual([])
  expect((await sceneAt(ago(1_199))).alerts).toMatchObject([{ kind: 'impossible-travel', state: 'unack' }])
})

test('a span tells events in order and a fix each ten seconds, with the gap left open', async () => {
  const span = await ask<PlaybackSpan>(`span?from=${ago(1_800).toISOString()}&to=${ago(0).toISOString()}`)
  expect(span.events.map(({ type }) => type)).toContain('alert:raised')
  expect(span.events.map(({ at }) => at)).toEqual(span.events.map(({ at }) => at).toSorted())
  const fixes = span.tracks[0]?.fixes ?? []
  expect(fixes.length).toBeGreaterThan(140)
  expect(fixes.length).toBeLessThan(160)
  const longest = Math.max(...fixes.slice(1).map(([, , ms], i) => ms - (fixes[i]?.[2] ?? 0)))
  expect(longest).toBeGreaterThanOrEqual(300_000)
})

test('the time line marks the minute of an alert', async () => {
  const on = taipeiDay(ago(1_200))
  const { ticks } = await ask<PlaybackTicks>(`ticks?on=${on}`)
  expect(ticks.filter(({ alerts }) => alerts[1] === 1)).toHaveLength(1)
})

test('the gaps of one unit are told for its shift: before its first fix, and the five minutes of silence', async () => {
  // The half hour may lie on both sides of midnight: then in two parts.
  const days = [...new Set([taipeiDay(ago(3_600)), taipeiDay(ago(0))])]
  const parts = await Promise.all(days.map((on) => ask<UnitGaps>(`units/${world.unit.id}/gaps?on=${on}`)))
  const gaps = parts.flatMap((part) => part.gaps)
  expect(gaps.find(({ to }) => to === ago(1_800).toISOString())).toBeDefined()
  expect(gaps).toContainEqual({ from: ago(1_800 - 595).toISOString(), to: ago(900).toISOString() })
})

test('other precincts see nothing of it, officers have no time machine, and looks are on record', async () => {
  const scene = await sceneAt(new Date(), world.foreignCookie)
  expect([scene.points, scene.units, scene.alerts, scene.feed]).toEqual([[], [], [], []])
  const track = `units/${world.unit.id}/track?from=${ago(1_800).toISOString()}&to=${ago(0).toISOString()}`
  const refused = (cookie: string) =>
    city.app
      .inject({ url: `/api/v1/playback/${track}`, headers: { cookie } })
      .then((answer) => answer.statusCode)
  expect(await refused(world.foreignCookie)).toBe(404)
  expect(await refused(world.fieldCookie)).toBe(403)
  expect((await ask<UnitTrack>(track)).fixes).toHaveLength(300)
  const gaps = `units/${world.unit.id}/gaps?on=${taipeiDay(ago(900))}`
  const { statusCode } = await city.app.inject({
    url: `/api/v1/playback/${gaps}`,
    headers: { cookie: world.foreignCookie },
  })
  expect(statusCode).toBe(404)
  // What was dropped is no gap.
  const dropped = await city.app.inject({
    url: `/api/v1/playback/units/${world.unit.id}/gaps?on=${taipeiDay(ago(40 * 86_400))}`,
    headers: { cookie: world.cookie },
  })
  expect(dropped.json()).toMatchObject({ code: 'INVALID_INPUT', field: 'on' })
  const { rows } = await city.db.execute(sql`
    select distinct action from audit where officer_id = ${world.duty.id} order by action`)
  expect(rows).toEqual([{ action: 'playback:viewed' }, { action: 'track:viewed' }])
})

test('a scene and a track can be taken away, with the gap as two segments, and that is on record', async () => {
  const download = async (path: string) => {
    const response = await city.app.inject({
      url: `/api/v1/playback/${path}`,
      headers: { cookie: world.cookie },
    })
    expect(response.statusCode, response.body).toBe(200)
    expect(response.headers['content-disposition']).toMatch(/^attachment; filename="[\w.-]+"$/)
    return response.body
  }
  const scene = JSON.parse(
    await download(`scene.geojson?at=${ago(1_500).toISOString()}`),
  ) as FeatureCollection
  expect(scene.features.map(({ properties }) => properties?.['kind'] as string).toSorted()).toEqual([
    'patrol-point',
    'unit',
  ])
  const later = JSON.parse(
    await download(`scene.geojson?at=${ago(1_100).toISOString()}`),
  ) as FeatureCollection
  expect(later.features.find(({ properties }) => properties?.['kind'] === 'alert')).toMatchObject({
    geometry: { type: 'Point', coordinates: [120.25, 23.1] },
    properties: { cause: 'impossible-travel', priority: 2, state: 'unack' },
  })
  const span = `from=${ago(1_800).toISOString()}&to=${ago(0).toISOString()}`
  const gpx = await download(`units/${world.unit.id}/track.gpx?${span}`)
  expect(gpx.match(/<trkseg>/g)).toHaveLength(2)
  expect(gpx.match(/<trkpt /g)).toHaveLength(300)
  const { rows } = await city.db.execute(sql`select 1 from audit where action = 'playback:exported'`)
  expect(rows).toHaveLength(2)
})

test.each([
  ['scene?at=2020-01-01T00:00:00Z', 'at'],
  [`scene?at=${new Date(now + 3_600_000).toISOString()}`, 'at'],
  [`span?from=${ago(7_200).toISOString()}&to=${ago(0).toISOString()}`, 'to'],
])('%s is refused, naming the field', async (path, field) => {
  const response = await city.app.inject({
    url: `/api/v1/playback/${path}`,
    headers: { cookie: world.cookie },
  })
  expect(response.statusCode).toBe(400)
  expect(response.json()).toMatchObject({ code: 'INVALID_INPUT', field })
})
