import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ReasonCode } from '@patrol/contract'
import { inTransaction } from '@patrol/db'
import {
  makeDepartment,
  makeOfficer,
  makePoint,
  makePrecinct,
  makeUnit,
  makeWindowRule,
  newUuidV7,
} from '@patrol/db/factories'
import { raiseCheckInAlerts } from '../src/alert/raise-check-in-alerts.ts'
import { longestRun } from '../src/alert/rules/route-at-risk.ts'
import { runRules } from '../src/alert/run-rules.ts'
import { cellAt, reportIncident } from '../src/incident/report-incident.ts'
import { samplePresence } from '../src/report/sample-presence.ts'
import { startTestCity, type TestCity } from './build-app.ts'

let city: TestCity
beforeAll(async () => {
  city = await startTestCity()
})
afterAll(() => city.stop())

const now = new Date()
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000)

/** What the rules hold of this precinct; `gone` is what has been shown and returns soon, the rest never was. */
async function causesOf(precinctId: number, at = now) {
  await runRules(city.db, { now: at })
  const { rows } = await city.db.execute<{ kind: string; gone: boolean }>(sql`
    select kind, cause_gone_at is not null as gone from alert
    where precinct_id = ${precinctId} and closed_at is null order by kind`)
  return rows.map(({ kind, gone }) => (gone ? `${kind} gone` : kind))
}

/** A precinct 0.02° wide around a unit that was last heard of so long ago, there or elsewhere. */
async function furnish(position: [number, number], { silent = 0, at = position } = {}) {
  const place = await makePrecinct(city.db, { position })
  await city.db.execute(
    sql`update organisation set area = st_multi(st_buffer(position, 0.02)) where id = ${place.precinctId}`,
  )
  const officer = await makeOfficer(city.db, place)
  const { unit, shift } = await makeUnit(city.db, place, [officer.id])
  await moveUnit(unit.id, place, at, silent)
  return { ...place, officer, unit, shift }
}

async function moveUnit(
  unitId: number,
  { precinctId, stationId }: { precinctId: number; stationId: number },
  [lon, lat]: [number, number],
  silent: number,
) {
  await city.db.execute(sql`
    insert into unit_position (unit_id, precinct_id, station_id, lon, lat, recorded_at)
    values (${unitId}, ${precinctId}, ${stationId}, ${lon}, ${lat}, ${ago(silent).toISOString()})
    on conflict (unit_id) do update set lon = excluded.lon, lat = excluded.lat, recorded_at = excluded.recorded_at`)
}

test('all is well: no rule finds anything', async () => {
  const { precinctId } = await furnish([120.1, 23])
  expect(await causesOf(precinctId)).toEqual([])
})

test('a unit without a position, and one outside its precinct, are found and let go again', async () => {
  const { unit, ...place } = await furnish([120.2, 23], { silent: 40 })
  expect(await causesOf(place.precinctId)).toEqual(['gps-off'])
  await moveUnit(unit.id, place, [120.25, 23], 0)
  expect(await causesOf(place.precinctId)).toEqual(['off-area'])
  await city.db.execute(sql`
    insert into assignment (id, title, position, unit_id, precinct_id, station_id, ordered_by, created_at, ordered_at, changed_at)
    values (gen_random_uuid(), 'x', st_setsrid(st_makepoint(120.25, 23), 4326), ${unit.id}, ${place.precinctId},
      ${place.stationId}, 1, now(), now(), now())`)
  expect(await causesOf(place.precinctId)).toEqual([])
})

test('an urgent call beside a silent unit is urgent at once; one that has answered since is no cause', async () => {
  const { unit, ...place } = await furnish([120.3, 23], { silent: 10 })
  await inTransaction(city.db, (tx) =>
    reportIncident(
      tx,
      {
        source: '110',
        externalId: `call-${place.precinctId}`,
        category: '打架',
        priority: 1,
        occurredAt: ago(2).toISOString(),
        lon: 120.3005,
        lat: 23,
      },
      now,
    ),
  )
  expect(await causesOf(place.precinctId)).toEqual(['urgent-call-silent-unit'])
  const { rows } = await city.db.execute(sql`
    select state, priority from alert where precinct_id = ${place.precinctId} and closed_at is null`)
  expect(rows).toEqual([{ state: 'unack', priority: 1 }])
  await moveUnit(unit.id, place, [120.3, 23], 0)
  expect(await causesOf(place.precinctId)).toEqual(['urgent-call-silent-unit gone'])
})

test('high-risk points overdue: each a notice, three in a row a route at risk', async () => {
  const place = await furnish([120.4, 23])
  for (let i = 0; i < 3; i++) {
    const { point } = await makePoint(city.db, place, { position: [120.4, 23], priority: 1 })
    const rule = await makeWindowRule(city.db, point.id)
    await city.db.execute(sql`
      insert into patrol_window (rule_id, patrol_point_id, precinct_id, station_id, service_on, starts_at, ends_at,
        grace_ends_at, required_count, state)
      values (${rule.id}, ${point.id}, ${place.precinctId}, ${place.stationId},
        (${ago(30).toISOString()}::timestamptz at time zone 'Asia/Taipei')::date, ${ago(30).toISOString()},
        ${ago(5).toISOString()}, ${ago(-10).toISOString()}, 1, 'grace')`)
  }
  expect(await causesOf(place.precinctId)).toEqual([
    'high-risk-overdue',
    'high-risk-overdue',
    'high-risk-overdue',
    'route-at-risk',
  ])
  await city.db.execute(
    sql`update patrol_window set state = 'fulfilled' where precinct_id = ${place.precinctId}`,
  )
  expect((await causesOf(place.precinctId)).every((one) => one.endsWith('gone'))).toBe(true)
})

test('in the last quarter of a shift too little done is a route at risk, too', async () => {
  const place = await furnish([120.5, 23])
  await city.db
    .execute(sql`update shift set starts_at = ${ago(420).toISOString()}, ends_at = ${ago(-60).toISOString()}
    where id = ${place.shift.id}`)
  const { point } = await makePoint(city.db, place, { position: [120.5, 23] })
  const rule = await makeWindowRule(city.db, point.id)
  const window = (minutes: number, state: string) =>
    city.db.execute(sql`
    insert into patrol_window (rule_id, patrol_point_id, precinct_id, station_id, service_on, starts_at, ends_at,
      grace_ends_at, required_count, state)
    values (${rule.id}, ${point.id}, ${place.precinctId}, ${place.stationId},
      (${ago(minutes).toISOString()}::timestamptz at time zone 'Asia/Taipei')::date, ${ago(minutes).toISOString()},
      ${ago(minutes - 10).toISOString()}, ${ago(minutes - 20).toISOString()}, 1, ${state})`)
  await window(100, 'fulfilled')
  await window(80, 'fulfilled')
  await window(60, 'unexcused')
  expect(await causesOf(place.precinctId)).toEqual([])
  await window(40, 'unexcused')
  expect(await causesOf(place.precinctId)).toEqual(['route-at-risk'])
})

test('the longest row counts high-risk points only, and ends with one that is not overdue', () => {
  const stop = (isHighRisk: boolean, isOverdue: boolean) => ({ isHighRisk, isOverdue })
  const late = stop(true, true)
  expect(longestRun([late, stop(false, false), late, stop(true, false), late])).toBe(2)
})

test('late uploads of a unit, and a label that several officers had to type, are found', async () => {
  const place = await furnish([120.6, 23])
  const { point } = await makePoint(city.db, place, { position: [120.6, 23] })
  await city.db.execute(
    sql`update tag set issued_at = ${ago(10_000).toISOString()} where patrol_point_id = ${point.id}`,
  )
  const scan = (officerId: number, late: number) =>
    city.db.execute(sql`
    insert into check_in (id, officer_id, unit_id, patrol_point_id, precinct_id, station_id, proof_kind, act, role,
      claimed_at, received_at, checked_in_at, verdict, fulfils, reasons, raw, content_hash)
    values (${newUuidV7()}, ${officerId}, ${place.unit.id}, ${point.id}, ${place.precinctId}, ${place.stationId}, 'typed',
      'check-in', 'patrol', ${ago(late).toISOString()}, ${ago(1).toISOString()}, ${ago(late).toISOString()},
      'needs-review', 'yes', '[]', '{}', '\\x00')`)
  await scan(place.officer.id, 2)
  await scan(place.officer.id, 2)
  expect(await causesOf(place.precinctId)).toEqual([])
  await scan((await makeOfficer(city.db, place)).id, 20)
  expect(await causesOf(place.precinctId)).toEqual(['failing-label', 'upload-backlog'])
})

test('a district that no unit has been in for two hours is a void until one comes', async () => {
  const place = await furnish([120.75, 23.3])
  await city.db.execute(sql`
    insert into area (code, kind, district_code, name, shape)
    values ('D1', 'district', 'D1', '測試區', st_multi(st_buffer(st_setsrid(st_makepoint(120.75, 23.3), 4326), 0.01)))`)
  const voids = async (minutes: number) => {
    const at = ago(-minutes)
    await samplePresence(city.db, { now: at })
    return (await causesOf(place.precinctId, at)).filter((one) => one.startsWith('district-void'))
  }
  expect(await voids(0)).toEqual([])
  expect(await voids(119)).toEqual([])
  expect(await voids(121)).toEqual(['district-void'])
  await moveUnit(place.unit.id, place, [120.75, 23.3], -122)
  expect(await voids(122)).toEqual([])
})

test('a hotspot that no unit has been near for an hour is a void; maps that somebody asked for count for nothing', async () => {
  const place = await furnish([120.9, 23.1])
  const cell = cellAt(23.1, 120.9, 9)
  const makeMap = async (requestedBy: number | null, significant: number) => {
    const { rows } = await city.db.execute<{ id: number }>(sql`
      insert into hotspot_map (key, source, categories, period_from, period_to, resolution, cases, outside, cells, p_threshold,
        permutations, seed, computed_at)
      values (gen_random_uuid()::text, '110', '{}', '2026-01-01', '2026-11-01', 9, 9, 0, 9, 0.01, 0, 1, now())
      returning id`)
    await city.db.execute(sql`
      insert into hotspot (map_id, cell, precinct_id, count, z, p, significant)
      values (${rows[0]?.id ?? 0}, ${cell.toString()}::bigint, ${place.precinctId}, 9, 4, 0.001, ${significant})`)
    await city.db.execute(sql`
      insert into job (kind, key, input, seed, state, result, requested_by, requested_at, finished_at)
      values ('hotspots:map', gen_random_uuid()::text, '{}', 1, 'done', ${JSON.stringify({ mapId: rows[0]?.id })}::jsonb,
        ${requestedBy}, now(), now())`)
  }
  await makeMap(null, 1)
  await makeMap(place.officer.id, 0)
  const voids = async (minutes: number) => {
    const at = ago(-minutes)
    await samplePresence(city.db, { now: at })
    return (await causesOf(place.precinctId, at)).filter((one) => one.startsWith('hotspot-void'))
  }
  expect(await voids(0)).toEqual([])
  expect(await voids(59)).toEqual([])
  expect(await voids(61)).toEqual(['hotspot-void'])
  await moveUnit(place.unit.id, place, [120.9, 23.1], -62)
  expect((await voids(62)).filter((one) => !one.endsWith('gone'))).toEqual([])
})

test('what a check-in gives away is an alert of its gravity: a replayed tag, a journey too fast, a device in several hands', async () => {
  const place = await furnish([120.95, 23.1])
  const told = async (code: ReasonCode, unitId: number, deviceId: string | null = 'd') => {
    await inTransaction(city.db, (tx) =>
      raiseCheckInAlerts(tx, now, [
        {
          id: newUuidV7(),
          pointId: null,
          pointName: '測試點',
          unitId,
          callSign: `測${unitId}`,
          precinctId: place.precinctId,
          stationId: place.stationId,
          act: 'check-in',
          role: 'patrol',
          proofKind: 'qr',
          verdict: 'needs-review',
          fulfils: 'no',
          // A note beside it alarms nobody.
          reasons: [
            { code: 'late-upload', severity: 'note' },
            { code, severity: 'flag' },
          ],
          checkedInAt: now.toISOString(),
          receivedAt: now.toISOString(),
          deviceId,
        },
      ]),
    )
    const { rows } = await city.db.execute<{ kind: string; priority: number; state: string }>(sql`
      select kind, priority, state from alert
      where precinct_id = ${place.precinctId} and subject->>'callSign' = ${`測${unitId}`} order by id`)
    return rows.map(({ kind, priority, state }) => `${kind} P${priority} ${state}`)
  }
  expect(await told('counter-reused', 1)).toEqual(['replayed-tag P1 unack'])
  expect(await told('counter-time-order', 2)).toEqual(['harvested-tag P1 unack'])
  expect(await told('mac-mismatch', 3)).toEqual(['forged-tag P2 unack'])
  expect(await told('impossible-travel', 4)).toEqual(['impossible-travel P2 unack'])
  expect(await told('device-shared', 5)).toEqual(['device-shared P2 unack'])
  // Somebody else's upload that no device vouches for waits in the review queue.
  expect(await told('device-shared', 6, null)).toEqual([])
  expect(await told('off-place', 7)).toEqual([])
})

test('each precinct sets its own numbers, and switches off what it does not want', async () => {
  const place = await furnish([120.8, 23.5], { silent: 40 })
  const duty = await makeOfficer(city.db, place, {
    roles: ['duty-officer'],
    organisationId: place.precinctId,
  })
  const { cookie } = await city.logIn(duty.id)
  const put = (payload: object) =>
    city.app.inject({
      method: 'PUT',
      url: '/api/v1/alert-rules',
      headers: { cookie, 'x-requested-with': 'patrol' },
      payload,
    })
  const rule = { kind: 'gps-off', precinctId: place.precinctId, enabled: true, thresholds: { minutes: 60 } }
  expect((await put(rule)).statusCode).toBe(204)
  expect(await causesOf(place.precinctId)).toEqual([])
  expect((await put({ ...rule, thresholds: {} })).statusCode).toBe(204)
  expect(await causesOf(place.precinctId)).toEqual(['gps-off'])
  expect((await put({ ...rule, enabled: false })).statusCode).toBe(204)
  expect(await causesOf(place.precinctId)).toEqual([])

  expect((await put({ ...rule, precinctId: null })).json()).toMatchObject({ code: 'NOT_ALLOWED' })
  expect((await put({ ...rule, thresholds: { minutes: 100_000 } })).json()).toMatchObject({
    code: 'INVALID_INPUT',
    field: 'body/thresholds/minutes',
  })
  expect((await put({ ...rule, kind: 'sos', thresholds: {}, enabled: false })).statusCode).toBe(400)
  const { rows } = await city.db.execute(sql`
    select count(*)::int as n from audit where action = 'alert-rule:set' and precinct_id = ${place.precinctId}`)
  expect(rows).toEqual([{ n: 3 }])
})

test('a plan made on the console keeps quiet what stands, ends early, and is measured with the rest', async () => {
  const place = await furnish([120.85, 23.5], { silent: 40 })
  const department = await makeDepartment(city.db)
  const duty = await makeOfficer(city.db, place, { roles: ['duty-officer'], organisationId: department.id })
  const { cookie } = await city.logIn(duty.id)
  const ask = (method: 'GET' | 'POST', url: string, payload?: object) =>
    city.app.inject({
      method,
      url: `/api/v1${url}`,
      headers: { cookie, 'x-requested-with': 'patrol' },
      ...(payload ? { payload } : {}),
    })
  await causesOf(place.precinctId)
  const plan = {
    plan: 'typhoon',
    reason: '颱風停班',
    kinds: ['gps-off'],
    precinctId: place.precinctId,
    startsAt: ago(1).toISOString(),
    endsAt: ago(-60).toISOString(),
  }
  const made = await ask('POST', '/alert-suppressions', plan)
  expect(made.statusCode).toBe(200)
  const { id } = made.json<{ id: number }>()
  const list = (await ask('GET', '/alert-suppressions')).json<{ suppressions: object[] }>()
  expect(list.suppressions).toMatchObject([{ id, quiet: 1, createdBy: duty.name }])
  expect((await ask('POST', '/alert-suppressions', { ...plan, kinds: ['sos'] })).statusCode).toBe(400)
  expect((await ask('POST', `/alert-suppressions/${id}/end`)).statusCode).toBe(204)
  expect((await ask('POST', `/alert-suppressions/${id}/end`)).statusCode).toBe(404)

  const period = `from=${ago(60).toISOString()}&to=${ago(-60).toISOString()}`
  const measured = await ask('GET', `/alert-performance?${period}`)
  expect(measured.json(), measured.body).toMatchObject({ chattering: 0, standing: 0, operators: 1 })
  const file = await ask('GET', `/exports/alerts.csv?${period}`)
  expect(file.headers['content-type']).toContain('text/csv')
  expect(file.body.split('\r\n')[0]).toContain('"acknowledged_by"')
  expect((await city.app.inject({ url: '/metrics' })).body).toMatch(/patrol_alert_chattering 0/)
})
