import { sql } from 'drizzle-orm'
import { latLngToCell } from 'h3-js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { HotspotDosage, HotspotForecast, HotspotMap, HotspotMapInput } from '@patrol/contract'
import { inTransaction } from '@patrol/db'
import { makeDepartment, makeOfficer, makePoint, makePrecinct, makeUnit } from '@patrol/db/factories'
import { computeHotspotForecast } from '../src/hotspot/compute-forecast.ts'
import { computeHotspotMap } from '../src/hotspot/compute-map.ts'
import { countAllCells, countTouchedCells } from '../src/hotspot/count-cells.ts'
import { measureVisits } from '../src/hotspot/measure-visits.ts'
import { readHotspotScores } from '../src/hotspot/read-scores.ts'
import { refreshStudyArea } from '../src/hotspot/study-area.ts'
import { reportIncident } from '../src/incident/report-incident.ts'
import { createRandom } from '../src/route/random.ts'
import { startTestCity, type TestCity } from './build-app.ts'

/** Two precincts side by side, ten kilometres apart, with incidents of the last year. */
let city: TestCity
let north: Awaited<ReturnType<typeof furnish>>
let south: Awaited<ReturnType<typeof furnish>>
let chief: string
const now = new Date()
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000)
const dayOf = (at: Date) => new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 10)
const year: HotspotMapInput = {
  source: '110',
  categories: ['竊盜'],
  from: dayOf(daysAgo(364)),
  to: dayOf(now),
  resolution: 9,
  hours: null,
  permutations: 0,
}
const quiet = { seed: 1, now, report: () => undefined }

let number = 0
async function report(lon: number, lat: number, occurredAt: Date, category = '竊盜') {
  return inTransaction(city.db, (tx) =>
    reportIncident(
      tx,
      { source: '110', externalId: `t${++number}`, category, occurredAt: occurredAt.toISOString(), lon, lat },
      now,
    ),
  )
}

async function furnish(position: [number, number]) {
  const place = await makePrecinct(city.db, { position })
  await city.db.execute(
    sql`update organisation set area = st_multi(st_buffer(position, 0.03)) where id = ${place.precinctId}`,
  )
  const officer = await makeOfficer(city.db, place, {
    roles: ['duty-officer'],
    organisationId: place.precinctId,
  })
  const watcher = await makeOfficer(city.db, place, { roles: ['supervisor'] })
  return {
    ...place,
    position,
    officer,
    cell: latLngToCell(position[1], position[0], 9),
    cookie: (await city.logIn(officer.id)).cookie,
    stationCookie: (await city.logIn(watcher.id)).cookie,
  }
}

beforeAll(async () => {
  city = await startTestCity()
  north = await furnish([120.2, 23.1])
  south = await furnish([120.2, 23])
  const department = await makeDepartment(city.db)
  const officer = await makeOfficer(
    city.db,
    { precinctId: null, stationId: null },
    { roles: ['administrator'], organisationId: department.id },
  )
  chief = (await city.logIn(officer.id)).cookie
  // In each a hot corner with a case every sixth day at two in the afternoon, a pair, and single cases far from it.
  for (const { position } of [north, south]) {
    const [lon, lat] = position
    for (let day = 1; day < 360; day += 6) {
      const at = daysAgo(day)
      at.setUTCHours(6, 0, 0, 0)
      await report(lon, lat, at)
    }
    await report(lon + 0.02, lat + 0.01, daysAgo(20))
    await report(lon + 0.02, lat + 0.01, daysAgo(40))
    await report(lon - 0.02, lat - 0.01, daysAgo(30))
  }
  // One village round the northern corner; in the south none is imported.
  await city.db.execute(sql`
    insert into area (code, kind, district_code, name, name_en, shape)
    select a.code, a.kind, 'd1', a.name, 'East District', st_multi(st_buffer(position, 0.01))
    from organisation, (values ('v1', 'village', '甲里'), ('d1', 'district', '東區')) as a(code, kind, name)
    where id = ${north.precinctId}`)
  await refreshStudyArea(city.db)
  await countTouchedCells(city.db)
})
afterAll(() => city.stop())

const ask = (cookie: string, method: 'GET' | 'POST', url: string, payload?: object) =>
  city.app.inject({
    method,
    url,
    headers: { cookie, 'x-requested-with': 'patrol' },
    ...(payload === undefined ? {} : { payload }),
  })

const counts = async () => {
  const { rows } = await city.db.execute(sql`
    select source, category, cell::text, hours from incident_cell order by source, category, cell`)
  return rows
}

test('counting what was touched gives what counting everything gives, whatever happened to the incidents', async () => {
  const random = createRandom(7)
  for (let at = 0; at < 30; at++)
    await report(120.2 + random.real() / 50, 23 + random.real() / 50, daysAgo(at), '測試')
  await countTouchedCells(city.db)
  await city.db.execute(sql`delete from incident where category = '測試' and id % 3 = 0`)
  await city.db.execute(sql`
    update incident set occurred_at = occurred_at - interval '40 days', category = '測試二' where category = '測試' and id % 3 = 1`)
  await city.db.execute(sql`update incident set status = 'closed' where category = '測試'`)
  await countTouchedCells(city.db)
  const touched = await counts()
  await countAllCells(city.db)
  expect(touched).toEqual(await counts())
  expect(touched.length).toBeGreaterThan(10)
  expect(await countTouchedCells(city.db)).toEqual({ cells: 0, full: false })
})

test('a map finds the hot corners among all cells, and on the same data it is the same map', async () => {
  const { mapId } = await computeHotspotMap(city.db, year, quiet)
  expect(await computeHotspotMap(city.db, year, quiet)).toEqual({ mapId })
  const map = (await ask(chief, 'GET', `/api/v1/hotspot-maps/${mapId}`)).json<HotspotMap>()
  expect(map.studyCells).toBeGreaterThan(300)
  expect(map.cases).toBe(126)
  const hot = map.cells.filter(({ significant }) => significant === 1).map(({ cell }) => cell)
  expect(hot).toContain(north.cell)
  expect(hot).toContain(south.cell)
  const corner = map.cells.find(({ cell }) => cell === north.cell)
  expect(corner?.count).toBe(60)
  expect(corner?.village).toEqual({ name: '甲里', nameEn: null })
  expect(map.cells.find(({ cell }) => cell === south.cell)?.village).toBeNull()
  // Two in the afternoon is its hour, on each of the seven days.
  const week = corner?.week ?? ''
  expect(week).toHaveLength(168)
  expect(
    [0, 1, 2, 3, 4, 5, 6].every(
      (day) => parseInt(week[day * 24 + 14] ?? '0', 36) > parseInt(week[day * 24 + 3] ?? '0', 36),
    ),
  ).toBe(true)
})

test('fewer than three cases are nowhere shown: not as a cell, not as a count, not in a file', async () => {
  const { mapId } = await computeHotspotMap(city.db, year, quiet)
  for (const url of [`/api/v1/hotspot-maps/${mapId}`, `/api/v1/hotspot-maps/${mapId}/geojson`]) {
    const text = (await ask(chief, 'GET', url)).body
    for (const { position } of [north, south]) {
      expect(text).not.toContain(latLngToCell(position[1] + 0.01, position[0] + 0.02, 9))
      expect(text).not.toContain(latLngToCell(position[1] - 0.01, position[0] - 0.02, 9))
    }
    expect(text).not.toMatch(/"count":[12][,}]/)
  }
  const map = (await ask(chief, 'GET', `/api/v1/hotspot-maps/${mapId}`)).json<HotspotMap>()
  expect(map.hiddenCases).toBe(6)
  const pair = latLngToCell(23.11, 120.22, 9)
  const scores = await readHotspotScores(city.db, { cells: [pair], source: '110', hourOfWeek: null, now })
  expect(scores.get(pair)).toMatchObject({ cases: null, hotHours: [] })
})

test('the heat under a live map is the newest map of all categories: own cells only, none of fewer than three', async () => {
  await computeHotspotMap(city.db, { ...year, categories: [] }, quiet)
  const text = (await ask(chief, 'GET', '/api/v1/heat')).body
  expect(text).toContain(south.cell)
  expect(text).not.toMatch(/"count":[12][,}]/)
  const own = (await ask(north.stationCookie, 'GET', '/api/v1/heat')).body
  expect(own).toContain(north.cell)
  expect(own).not.toContain(south.cell)
})

test('a precinct and its stations see their own cells only, and order visits only there', async () => {
  const { mapId } = await computeHotspotMap(city.db, year, quiet)
  for (const cookie of [north.cookie, north.stationCookie]) {
    for (const url of [`/api/v1/hotspot-maps/${mapId}`, `/api/v1/hotspot-maps/${mapId}/geojson`]) {
      const text = (await ask(cookie, 'GET', url)).body
      expect(text).toContain(north.cell)
      expect(text).not.toContain(south.cell)
    }
  }
  const asked = (await ask(chief, 'GET', `/api/v1/hotspot-maps/${mapId}?precincts=${south.precinctId}`)).body
  expect(asked).not.toContain(north.cell)
  const order = { cell: south.cell, source: '110', startsOn: dayOf(now), endsOn: dayOf(now) }
  expect((await ask(north.cookie, 'POST', '/api/v1/hotspot-dosages', order)).statusCode).toBe(404)
  const made = (await ask(south.cookie, 'POST', '/api/v1/hotspot-dosages', order)).json<HotspotDosage>()
  const list = (await ask(north.cookie, 'GET', '/api/v1/hotspot-dosages')).body
  expect(list).not.toContain(south.cell)
  expect((await ask(north.cookie, 'POST', `/api/v1/hotspot-dosages/${made.id}/end`)).statusCode).toBe(404)
  expect((await ask(south.cookie, 'POST', `/api/v1/hotspot-dosages/${made.id}/end`)).statusCode).toBe(204)
  expect((await ask(south.cookie, 'POST', `/api/v1/hotspot-dosages/${made.id}/end`)).statusCode).toBe(404)
})

test('scores say where and when: the hot corner at its hour above itself at night, and above a street nearby', async () => {
  const street = latLngToCell(23.085, 120.2, 9)
  const at = async (hourOfWeek: number) =>
    readHotspotScores(city.db, { cells: [north.cell, street], source: '110', hourOfWeek, now })
  const [afternoon, night] = [await at(14), await at(3)]
  const hot = afternoon.get(north.cell)?.expected ?? 0
  expect(hot).toBeGreaterThan(2 * (night.get(north.cell)?.expected ?? 0))
  expect(hot).toBeGreaterThan(10 * (afternoon.get(street)?.expected ?? 1))
  expect(afternoon.get(north.cell)?.relative).toBeGreaterThan(20)
  expect(afternoon.get(north.cell)?.hotHours.every((hour) => hour % 24 === 14)).toBe(true)
  // A finer cell is asked by its parent; nothing is known of a source without incidents.
  const fine = latLngToCell(north.position[1], north.position[0], 11)
  const none = await readHotspotScores(city.db, { cells: [fine], source: 'crime', hourOfWeek: 14, now })
  expect(none.get(fine)).toMatchObject({ expected: 0, relative: 0 })
})

test('a forecast brings its track record against plain counting', async () => {
  const input = { source: '110' as const, categories: [], horizonDays: 14, folds: 3 }
  await computeHotspotForecast(city.db, input, quiet)
  const url = '/api/v1/hotspot-forecasts?source=110'
  const { forecast } = (await ask(chief, 'GET', url)).json<{ forecast: HotspotForecast }>()
  expect(forecast.trackRecord.hitRates.map(({ share }) => share)).toEqual([0.01, 0.05, 0.1])
  expect(forecast.trackRecord.pai).toHaveProperty('countAll')
  expect(forecast.trackRecord.events).toBeGreaterThan(0)
  expect(forecast.cells[0]?.rank).toBe(1)
  const own = (await ask(north.cookie, 'GET', url)).json<{ forecast: HotspotForecast }>()
  expect(own.forecast.cells.length).toBeLessThan(forecast.cells.length)
  const other = (await ask(chief, 'GET', `${url}&category=x`)).json<{ forecast: null }>()
  expect(other.forecast).toBeNull()
})

test('a visit ordered is measured from tracks and check-ins, and its outcome is told against the precinct', async () => {
  const { unit } = await makeUnit(city.db, north, [north.officer.id], { startsAt: daysAgo(1) })
  await makePoint(city.db, north, { position: north.position })
  const order = { cell: north.cell, source: '110', startsOn: dayOf(daysAgo(20)), endsOn: dayOf(daysAgo(-20)) }
  const made = (await ask(north.cookie, 'POST', '/api/v1/hotspot-dosages', order)).json<HotspotDosage>()
  expect(made).toMatchObject({ doses: 0, wantsVisit: true, lastVisitAt: null })
  const crumb = async (minutesAgo: number, [lon, lat]: readonly [number, number]) => {
    const at = new Date(now.getTime() - minutesAgo * 60_000)
    await city.db.execute(
      sql`select ensure_breadcrumb_partition((${at.toISOString()}::timestamptz at time zone 'UTC')::date)`,
    )
    await city.db.execute(sql`
      insert into breadcrumb (officer_id, recorded_at, unit_id, received_at, lon, lat)
      values (${north.officer.id}, ${at.toISOString()}, ${unit.id}, ${at.toISOString()}, ${lon}, ${lat})`)
  }
  for (let minute = 30; minute >= 18; minute--) await crumb(minute, north.position)
  await crumb(17, [north.position[0] + 0.009, north.position[1]])
  await measureVisits(city.db)
  await measureVisits(city.db)
  const { dosages } = (await ask(north.cookie, 'GET', '/api/v1/hotspot-dosages')).json<{
    dosages: HotspotDosage[]
  }>()
  const [dosage] = dosages
  expect(dosage).toMatchObject({ doses: 1, shortVisits: 0, minutes: 12, wantsVisit: false })
  expect(dosage?.outcome?.days).toBe(20)
  const [low = 0, high = 0] = dosage?.outcome?.interval95 ?? []
  expect(low).toBeLessThan(dosage?.outcome?.ratio ?? 0)
  expect(high).toBeGreaterThan(dosage?.outcome?.ratio ?? 0)
})
