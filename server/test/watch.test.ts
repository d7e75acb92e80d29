import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CheckIn, CheckInAnswers, CheckInReceipt } from '@patrol/contract'
import { makeOfficer, makePoint, makePrecinct, makeUnit, newUuidV7 } from '@patrol/db/factories'
import { signBeacon } from '../src/check-in/beacon.ts'
import { rejudgeWatches } from '../src/check-in/watch/rejudge-watches.ts'
import { startTestCity, type TestCity } from './build-app.ts'

let city: TestCity
beforeAll(async () => {
  city = await startTestCity()
})
afterAll(() => city.stop())

/** An officer at a bank that asks to stay six minutes. */
async function bank() {
  const place = await makePrecinct(city.db)
  const officer = await makeOfficer(city.db, place)
  await makeUnit(city.db, place, [officer.id])
  const { point, tag } = await makePoint(city.db, place)
  await city.db.execute(sql`update patrol_point set watch_minutes = 6 where id = ${point.id}`)
  const { cookie } = await city.logIn(officer.id)
  return { place, cookie, code: city.codeOf(tag) }
}

const started = Date.now()
const at = (minutesAgo: number) => new Date(started - minutesAgo * 60_000).toISOString()

/** The phone heard the server's time an hour ago, and its monotonic clock has run since. */
function tap(code: string, minutesAgo: number, over: Partial<CheckIn> = {}): CheckIn {
  const token = signBeacon(new Date(started - 3_600_000), city.env.serverKey)
  return {
    id: newUuidV7(),
    act: 'check-in',
    role: 'patrol',
    proof: { kind: 'qr', code },
    checkedInAt: at(minutesAgo),
    clock: {
      deviceAt: at(minutesAgo),
      monotonicMs: 3_600_000 - minutesAgo * 60_000,
      beacon: { token, monotonicMs: 0 },
    },
    position: { lon: 120.2, lat: 23, accuracyMeters: 8, fixedAt: at(minutesAgo) },
    ...over,
  }
}

/** In and out, `minutes` apart, the out just now. */
function taps(code: string, minutes: number) {
  const tapIn = tap(code, minutes)
  const watch = { checkInId: tapIn.id, minutes: 5 }
  return { tapIn, tapOut: tap(code, 0, { act: 'check-out', watch }) }
}

async function send(cookie: string, ...checkIns: CheckIn[]): Promise<CheckInReceipt[]> {
  const headers = { cookie, 'x-requested-with': 'patrol' }
  const response = await city.app.inject({
    method: 'POST',
    url: '/api/v1/check-ins',
    headers,
    payload: { checkIns },
  })
  return response
    .json<CheckInAnswers>()
    .results.map((one) => ('stored' in one ? one : expect.unreachable(JSON.stringify(one))))
}

async function leaveTrack(cookie: string, fromMinutesAgo: number) {
  const breadcrumbs = Array.from({ length: fromMinutesAgo * 4 }, (_, nr) => ({
    lon: 120.2001,
    lat: 23,
    recordedAt: new Date(started - nr * 15_000 - 1_000).toISOString(),
    accuracyMeters: 10,
  }))
  await city.app.inject({
    method: 'POST',
    url: '/api/v1/breadcrumbs',
    headers: { cookie, 'x-requested-with': 'patrol' },
    payload: { breadcrumbs },
  })
}

test('a watch whose track was there is completed in the answer, by the minutes that the point asks for', async () => {
  const { cookie, code } = await bank()
  const { tapIn, tapOut } = taps(code, 6.5)
  const [begun] = await send(cookie, tapIn)
  expect(begun?.point?.watchMinutes).toBe(6)
  await leaveTrack(cookie, 6)
  const [ended] = await send(cookie, tapOut)
  expect(ended?.watch).toMatchObject({
    checkInId: tapIn.id,
    outcome: 'completed',
    plannedMinutes: 6,
    seconds: 390,
  })
  const [again] = await send(cookie, tapOut)
  expect(again).toMatchObject({ repeated: true, watch: ended?.watch })
})

test('who leaves early was there too short', async () => {
  const { cookie, code } = await bank()
  const { tapIn, tapOut } = taps(code, 5.5)
  const [, ended] = await send(cookie, tapIn, tapOut)
  expect(ended?.watch?.outcome).toBe('too-short')
})

test('a watch without its track or its tap-in is decided when they come, and screens are told once', async () => {
  const { place, cookie, code } = await bank()
  const { tapIn, tapOut } = taps(code, 7)
  const [ended] = await send(cookie, tapOut)
  expect(ended?.watch).toMatchObject({ outcome: 'undecidable', seconds: 0 })
  await send(cookie, tapIn)
  expect(await rejudgeWatches(city.db)).toBe(0)
  await leaveTrack(cookie, 7)
  expect(await rejudgeWatches(city.db)).toBe(1)
  expect(await rejudgeWatches(city.db)).toBe(0)
  const { rows } = await city.db.execute<{ outcome: string }>(sql`
    select data->'watch'->>'outcome' as outcome
    from (select type, data, precinct_id from outbox union all select type, data, precinct_id from event) e
    where type = 'check-in:reviewed' and precinct_id = ${place.precinctId}`)
  expect(rows).toEqual([{ outcome: 'completed' }])
})

test('a check-out fulfils no window', async () => {
  const { cookie, code } = await bank()
  const { tapIn, tapOut } = taps(code, 6.5)
  const [begun, ended] = await send(cookie, tapIn, tapOut)
  expect([begun?.fulfils, ended?.fulfils]).toEqual(['yes', 'no'])
})

test('a time that nothing bounds completes no watch before somebody believes it', async () => {
  const { place, cookie, code } = await bank()
  const { tapIn, tapOut } = taps(code, 7)
  await leaveTrack(cookie, 7)
  const [, ended] = await send(cookie, { ...tapIn, clock: { ...tapIn.clock, beacon: null } }, tapOut)
  expect(ended?.watch).toMatchObject({ outcome: 'undecidable', seconds: 420 })
  const supervisor = await makeOfficer(city.db, place, { roles: ['supervisor'] })
  const { cookie: reviewer } = await city.logIn(supervisor.id)
  await city.app.inject({
    method: 'POST',
    url: `/api/v1/check-ins/${tapIn.id}/review`,
    headers: { cookie: reviewer, 'x-requested-with': 'patrol' },
    payload: { decision: 'confirmed', reason: 'evidence-agrees' },
  })
  const { rows } = await city.db.execute(
    sql`select watch->>'outcome' as outcome from check_in where id = ${tapOut.id}`,
  )
  expect(rows).toEqual([{ outcome: 'completed' }])
})
