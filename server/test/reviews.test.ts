import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type {
  CheckIn,
  CheckInAnswers,
  CheckInReceipt,
  Evidence,
  ReviewItem,
  ReviewPage,
} from '@patrol/contract'
import {
  makeOfficer,
  makePoint,
  makePrecinct,
  makeUnit,
  makeWindowRule,
  newUuidV7,
} from '@patrol/db/factories'
import { materialiseWindows } from '../src/window/materialise-windows.ts'
import { sweepWindows } from '../src/window/sweep-windows.ts'
import { startTestCity, type TestCity } from './build-app.ts'

let city: TestCity
beforeAll(async () => {
  city = await startTestCity()
})
afterAll(() => city.stop())

/** A pair on duty at a point that is due all day, and a supervisor of the precinct. */
async function patrol() {
  const place = await makePrecinct(city.db)
  const [officer, partner, supervisor] = [
    await makeOfficer(city.db, place),
    await makeOfficer(city.db, place, { roles: ['officer', 'supervisor'] }),
    await makeOfficer(city.db, place, { roles: ['supervisor'], organisationId: place.precinctId }),
  ]
  const { unit } = await makeUnit(city.db, place, [officer.id, partner.id])
  const { point, tag } = await makePoint(city.db, place)
  await makeWindowRule(city.db, point.id, { startMinute: 0, durationMinutes: 1_440 })
  await materialiseWindows(city.db)
  await sweepWindows(city.db)
  const cookieOf = async ({ id }: { id: number }) => (await city.logIn(id)).cookie
  return {
    place,
    officer,
    supervisor,
    unit,
    point,
    code: city.codeOf(tag),
    cookie: await cookieOf(officer),
    partner: await cookieOf(partner),
    reviewer: await cookieOf(supervisor),
  }
}

/** A scan now at [120.2, 23]; `over` changes what the test is about. */
function scan(code: string, over: Partial<CheckIn> = {}): CheckIn {
  const now = new Date().toISOString()
  return {
    id: newUuidV7(),
    act: 'check-in',
    role: 'patrol',
    proof: { kind: 'qr', code },
    checkedInAt: now,
    clock: { deviceAt: now, monotonicMs: 1_000, beacon: null },
    position: { lon: 120.2, lat: 23, accuracyMeters: 8, fixedAt: now },
    ...over,
  }
}

function ask(cookie: string, method: 'GET' | 'POST', path: string, payload?: object) {
  return city.app.inject({
    method,
    url: `/api/v1${path}`,
    headers: { cookie, 'x-requested-with': 'patrol' },
    ...(payload === undefined ? {} : { payload }),
  })
}

async function checkIn(cookie: string, item: CheckIn): Promise<CheckInReceipt> {
  const [result] = (await ask(cookie, 'POST', '/check-ins', item)).json<CheckInAnswers>().results
  if (result === undefined || !('stored' in result)) throw new Error('Not stored.')
  return result
}

const confirm = { decision: 'confirmed', reason: 'evidence-agrees' }
const decide = (cookie: string, id: string, review: object) =>
  ask(cookie, 'POST', `/check-ins/${id}/review`, review)
const queue = async (cookie: string, query = '') =>
  (await ask(cookie, 'GET', `/reviews${query}`)).json<ReviewPage>()

async function windowOf(pointId: number) {
  const { rows } = await city.db.execute<{ state: string; check_in_id: string | null }>(sql`
    select state, check_in_id from patrol_window where patrol_point_id = ${pointId}
      and starts_at <= city_now() and ends_at > city_now()`)
  return rows[0]
}

test('a doubtful check-in waits in the queue of its own precinct, found by its reason', async () => {
  const north = await patrol()
  const south = await patrol()
  const { id, verdict } = await checkIn(north.cookie, scan(north.code, { position: null }))
  expect(verdict).toBe('needs-review')
  await checkIn(north.cookie, scan(north.code))

  expect(await queue(north.reviewer)).toMatchObject({
    items: [{ id, own: false, reviewed: null }],
    undecided: 1,
  })
  expect((await queue(north.reviewer, '?reason=no-fix&verdict=needs-review')).items).toHaveLength(1)
  expect((await queue(north.reviewer, '?reason=typed-code')).items).toHaveLength(0)
  expect((await queue(north.reviewer, `?stationId=${south.place.stationId}`)).items).toHaveLength(0)
  expect(await queue(south.reviewer)).toEqual({ items: [], undecided: 0 })
  expect((await ask(south.reviewer, 'GET', `/check-ins/${id}/evidence`)).statusCode).toBe(404)
  expect((await decide(south.reviewer, id, confirm)).statusCode).toBe(404)
})

test('a confirmed check-in fulfils its window, is told to screens and stands in the audit', async () => {
  const { code, cookie, reviewer, supervisor, point, place } = await patrol()
  const { id, fulfils } = await checkIn(cookie, scan(code, { position: null }))
  expect(fulfils).toBe('when-confirmed')
  expect(await windowOf(point.id)).toMatchObject({ state: 'open' })

  const answer = await decide(reviewer, id, { ...confirm, remark: '  軌跡相符  ' })
  expect(answer.json<ReviewItem>()).toMatchObject({
    verdict: 'accepted',
    fulfils: 'yes',
    review: 'confirmed',
    reviewed: { decision: 'confirmed', by: supervisor.name, remark: '軌跡相符' },
  })
  expect(await windowOf(point.id)).toEqual({ state: 'fulfilled', check_in_id: id })
  expect((await queue(reviewer)).undecided).toBe(0)
  expect((await queue(reviewer, '?decided=true')).items).toMatchObject([{ id }])

  const { rows: events } = await city.db.execute<{ type: string }>(sql`
    select type from (select type, data, precinct_id from outbox union all select type, data, precinct_id from event) e
    where precinct_id = ${place.precinctId} and (data->>'id' = ${id} or data->>'checkInId' = ${id})`)
  expect(events.map(({ type }) => type).sort()).toEqual([
    'check-in:recorded',
    'check-in:reviewed',
    'window:fulfilled',
  ])
  const { rows: audits } = await city.db.execute(sql`
    select action, officer_id, details->'from'->>'verdict' as before from audit where subject = ${`check-in:${id}`}`)
  expect(audits).toEqual([
    { action: 'check-in:confirmed', officer_id: supervisor.id, before: 'needs-review' },
  ])
})

test('of two reviewers the second learns who decided, and nothing is decided twice', async () => {
  const { code, cookie, reviewer, place } = await patrol()
  const other = await makeOfficer(city.db, place, {
    roles: ['duty-officer'],
    organisationId: place.precinctId,
  })
  const otherCookie = (await city.logIn(other.id)).cookie
  const { id } = await checkIn(cookie, scan(code, { position: null }))
  const answers = await Promise.all([
    decide(reviewer, id, confirm),
    decide(otherCookie, id, { decision: 'rejected', reason: 'not-there' }),
  ])
  expect(answers.map((answer) => answer.statusCode).sort()).toEqual([200, 409])
  const won = answers.find((answer) => answer.statusCode === 200)?.json<ReviewItem>().reviewed
  const lost = answers.find((answer) => answer.statusCode === 409)?.json<{ code: string; message: string }>()
  expect(lost?.code).toBe('CHECK_IN_REVIEWED')
  expect(lost?.message).toContain(won?.by)
})

test('a rejected one takes back what it had fulfilled', async () => {
  const { code, cookie, reviewer, point } = await patrol()
  // 150 m off: flagged, but it counts until somebody says otherwise.
  const position = { lon: 120.2, lat: 23.00135, accuracyMeters: 8, fixedAt: new Date().toISOString() }
  const { id, verdict } = await checkIn(cookie, scan(code, { position }))
  expect(verdict).toBe('needs-review')
  expect(await windowOf(point.id)).toEqual({ state: 'fulfilled', check_in_id: id })
  expect((await decide(reviewer, id, { decision: 'rejected', reason: 'other' })).json()).toMatchObject({
    code: 'INVALID_INPUT',
    field: 'body/remark',
  })
  await decide(reviewer, id, { decision: 'rejected', reason: 'not-there' })
  expect(await windowOf(point.id)).toEqual({ state: 'open', check_in_id: null })
})

test('nobody decides on the own check-in, nor on one whose credit they share', async () => {
  const { code, cookie, partner } = await patrol()
  const { id } = await checkIn(cookie, scan(code, { position: null }))
  expect((await queue(partner)).items).toMatchObject([{ id, own: true }])
  expect((await decide(partner, id, confirm)).json()).toMatchObject({ code: 'OWN_CHECK_IN' })
  expect((await decide(cookie, id, confirm)).statusCode).toBe(403)
})

test('what cryptography refuses nobody confirms; it is seen and put aside', async () => {
  const { code, cookie, reviewer } = await patrol()
  const forged = `${code.slice(0, -1)}${code.endsWith('0') ? '1' : '0'}`
  const { id, verdict } = await checkIn(cookie, scan(forged))
  expect(verdict).toBe('rejected')
  expect((await decide(reviewer, id, confirm)).json()).toMatchObject({ code: 'CHECK_IN_REJECTED' })
  expect((await decide(reviewer, id, { decision: 'rejected', reason: 'copied-code' })).statusCode).toBe(200)
  expect((await queue(reviewer)).items).toEqual([])
})

test('a time that no clock bounded counts as claimed once somebody believes it', async () => {
  const { code, cookie, reviewer, point } = await patrol()
  const claimed = new Date(Date.now() - 40 * 60_000).toISOString()
  const { id, reasons, checkedInAt } = await checkIn(
    cookie,
    scan(code, {
      checkedInAt: claimed,
      position: { lon: 120.2, lat: 23, accuracyMeters: 8, fixedAt: claimed },
    }),
  )
  expect(reasons).toMatchObject([{ code: 'clock-unbounded' }])
  expect(checkedInAt).not.toBe(claimed)
  const evidence = (await ask(reviewer, 'GET', `/check-ins/${id}/evidence`)).json<Evidence>()
  expect(evidence.clock).toMatchObject({ claimedAt: claimed, confirmedAt: claimed, beaconAt: null })
  expect((await decide(reviewer, id, confirm)).json()).toMatchObject({ checkedInAt: claimed })
  expect(await windowOf(point.id)).toMatchObject({ state: 'fulfilled', check_in_id: id })
})

test('the evidence shows track, neighbours and clocks; who looked at the track is on record', async () => {
  const { code, cookie, partner, reviewer, officer, supervisor, unit, place } = await patrol()
  const elsewhere = await makePoint(city.db, place, { position: [120.21, 23] })
  const before = await checkIn(cookie, scan(city.codeOf(elsewhere.tag), { position: null }))
  const tap = await checkIn(partner, scan(code))
  const { id } = await checkIn(cookie, scan(code, { position: null, workNote: { kind: 'traffic' } }))
  const ago = (seconds: number) => new Date(Date.now() - seconds * 1_000).toISOString()
  await ask(cookie, 'POST', '/breadcrumbs', {
    breadcrumbs: [420, 410, 200, 190].map((seconds) => ({ lon: 120.2, lat: 23, recordedAt: ago(seconds) })),
  })

  const evidence = (await ask(reviewer, 'GET', `/check-ins/${id}/evidence`)).json<Evidence>()
  expect(evidence.item).toMatchObject({ id, officerName: officer.name, callSign: unit.callSign })
  expect(evidence.track.map(({ afterGap }) => afterGap)).toEqual([false, false, true, false])
  expect(evidence.taps.map((one) => one.id)).toEqual([tap.id])
  expect(evidence.visits).toMatchObject([{ id: before.id, distanceMeters: 1024 }])
  expect(evidence.windows).toMatchObject([{ state: 'fulfilled' }])
  expect(evidence.notes).toMatchObject([{ kind: 'traffic', text: null }])
  const { rows } = await city.db.execute(sql`
    select officer_id, details->>'checkInId' as check_in from audit
    where action = 'track:viewed' and subject = ${`officer:${officer.id}`}`)
  expect(rows).toEqual([{ officer_id: supervisor.id, check_in: id }])
})
