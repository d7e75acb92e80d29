import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inTransaction } from '@patrol/db'
import { makeDepartment, makeOfficer, makePoint, makePrecinct, makeUnit } from '@patrol/db/factories'
import { raiseAlerts } from '../src/alert/raise-alert.ts'
import { reportIncident } from '../src/incident/report-incident.ts'
import { samplePresence } from '../src/report/sample-presence.ts'
import { sampleFigures } from '../src/report/sample-figures.ts'
import { startTestCity, type TestCity } from './build-app.ts'

let city: TestCity
let administrator: string
beforeAll(async () => {
  city = await startTestCity()
  const department = await makeDepartment(city.db)
  const nowhere = { precinctId: null, stationId: null }
  const chief = await makeOfficer(city.db, nowhere, {
    roles: ['administrator'],
    organisationId: department.id,
  })
  administrator = (await city.logIn(chief.id)).cookie
})
afterAll(() => city.stop())

const paths = ['figures', 'coverage.geojson', 'incidents.geojson', 'hotspots.geojson']
const read = (path: string, key: string) =>
  city.app.inject({ url: `/api/v1/situation-room/${path}`, headers: { authorization: `Bearer ${key}` } })
const ask = (method: 'GET' | 'POST', url: string, payload?: object, cookie = administrator) =>
  city.app.inject({
    method,
    url,
    headers: { cookie, 'x-requested-with': 'patrol' },
    ...(payload ? { payload } : {}),
  })
const makeKey = async (requestsPerMinute = 60) =>
  (await ask('POST', '/api/v1/feed-keys', { name: '戰情中心', requestsPerMinute })).json<{
    id: number
    key: string
  }>()

/** The first events of a stream, as text, until `enough` of them. */
async function listen(key: string, enough: number): Promise<string> {
  const stopping = new AbortController()
  const response = await fetch(`${city.origin}/api/v1/situation-room/stream`, {
    headers: { authorization: `Bearer ${key}` },
    signal: stopping.signal,
  })
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  while (reader && text.split('event: ').length <= enough) text += (await reader.read()).value ?? ''
  stopping.abort()
  return text
}

test('what is planted in the city comes out as numbers of precincts and cells, and as nothing else', async () => {
  const { db } = city
  const position: [number, number] = [120.234567, 23.045678]
  const place = await makePrecinct(db, { position })
  await db.execute(
    sql`update organisation set area = st_multi(st_buffer(st_setsrid(st_makepoint(120.25, 23.05), 4326), 0.05)) where id = ${place.precinctId}`,
  )
  const { point } = await makePoint(db, place, { position })
  const officer = await makeOfficer(db, place)
  const { unit } = await makeUnit(db, place, [officer.id])
  await db.execute(
    sql`update officer set name = 'CANARY-officer', login = 'canary-login' where id = ${officer.id}`,
  )
  await db.execute(sql`update unit set call_sign = 'CANARY-unit' where id = ${unit.id}`)
  await db.execute(
    sql`update patrol_point set name = 'CANARY-point', address = 'CANARY-address', code = 'CANARY-code' where id = ${point.id}`,
  )
  await db.execute(sql`
    insert into unit_position (unit_id, precinct_id, station_id, lon, lat, recorded_at)
    values (${unit.id}, ${place.precinctId}, ${place.stationId}, ${position[0]}, ${position[1]}, now())`)
  await inTransaction(db, async (tx) => {
    await raiseAlerts(tx, new Date(), [
      {
        kind: 'sos',
        dedupKey: 'CANARY-alert',
        priority: 1,
        ...place,
        subject: { place: 'CANARY-place', callSign: 'CANARY-unit' },
      },
    ])
    // Three in one cell, and two alone in another.
    for (const [i, lon] of [120.234567, 120.234567, 120.234567, 120.334567, 120.334567].entries()) {
      await reportIncident(
        tx,
        {
          source: '110',
          externalId: `CANARY-${i}`,
          category: 'CANARY-category',
          subtype: 'CANARY-subtype',
          occurredAt: new Date(Date.now() - 60_000).toISOString(),
          lon,
          lat: 23.045678,
          address: 'CANARY-street',
        },
        new Date(),
      )
    }
  })
  await samplePresence(db)
  await sampleFigures(db)

  const { key } = await makeKey()
  const answers = await Promise.all(paths.map((path) => read(path, key)))
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200])
  const stream = await listen(key, 3)
  const sent = [...answers.map(({ body }) => body), stream].join('\n')
  expect(sent).not.toMatch(/canary/i)
  // Not the place of the unit, the point, the incidents.
  expect(sent).not.toMatch(/120\.2345|23\.0456|120\.3345/)
  for (const secret of [officer.id, unit.id].map(String))
    expect(sent).not.toMatch(new RegExp(`"(officer|unit)Id":${secret}`))

  const [figures, coverage, incidents] = answers.map((answer) => answer.json())
  expect(figures.precincts).toMatchObject([{ code: place.precinct.code, onlineUnits: 1, visibility: 100 }])
  expect(coverage.features[0]).toMatchObject({ geometry: { type: 'Polygon' } })
  expect(incidents.features).toMatchObject([{ properties: { count: 3 }, geometry: { type: 'Polygon' } }])
  expect(stream.match(/event: \w+/g)?.slice(0, 3)).toEqual([
    'event: figures',
    'event: incidents',
    'event: hotspots',
  ])
})

test('without a key, with a wrong or revoked one, or too often, nothing is told', async () => {
  for (const path of [...paths, 'stream']) {
    expect((await city.app.inject(`/api/v1/situation-room/${path}`)).statusCode, path).toBe(401)
    expect((await read(path, 'srf_wrong')).statusCode, path).toBe(401)
  }
  const { id, key } = await makeKey(2)
  const codes = []
  for (let i = 0; i < 3; i++) codes.push((await read('figures', key)).statusCode)
  expect(codes).toEqual([200, 200, 429])
  expect((await ask('POST', `/api/v1/feed-keys/${id}/revoke`)).statusCode).toBe(204)
  expect((await read('figures', key)).statusCode).toBe(401)
  const list = (await ask('GET', '/api/v1/feed-keys')).json<{ keys: { id: number }[] }>()
  expect(list.keys.find((one) => one.id === id)).toMatchObject({
    name: '戰情中心',
    lastUsedAt: expect.any(String),
  })
  expect(JSON.stringify(list)).not.toContain(key)
  const { rows } = await city.db.execute(sql`
    select action from audit where subject = ${`feed-key:${id}`} order by id`)
  expect(rows).toEqual([{ action: 'feed-key:created' }, { action: 'feed-key:revoked' }])
})

test('only an administrator of the whole city makes keys', async () => {
  const place = await makePrecinct(city.db)
  for (const role of ['administrator', 'duty-officer'] as const) {
    const officer = await makeOfficer(city.db, place, { roles: [role] })
    const { cookie } = await city.logIn(officer.id)
    for (const [method, url, payload] of [
      ['GET', '/api/v1/feed-keys', undefined],
      ['POST', '/api/v1/feed-keys', { name: 'x' }],
      ['POST', '/api/v1/feed-keys/1/revoke', undefined],
    ] as const) {
      expect((await ask(method, url, payload, cookie)).statusCode, `${role} ${url}`).toBe(403)
    }
  }
})
