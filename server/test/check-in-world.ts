import { afterAll, beforeAll, expect } from 'vitest'
import type { CheckIn, CheckInAnswers, CheckInReceipt } from '@patrol/contract'
import { makeOfficer, makePoint, makePrecinct, makeUnit, newUuidV7 } from '@patrol/db/factories'
import { startTestCity, type TestCity } from './build-app.ts'

/** For a file of tests: a city, officers on duty before their points, and their scans. */
export function useCheckIns() {
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

  return {
    /** Known from the first test on. */
    get city() {
      return city
    },
    beat,
    serverTime,
    scan,
    post,
    postOne,
    codes,
  }
}
