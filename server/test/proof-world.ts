import { sql } from 'drizzle-orm'
import { afterAll, beforeAll } from 'vitest'
import type { CheckIn, CheckInAnswers, CheckInReceipt } from '@patrol/contract'
import {
  makeDevice,
  makeOfficer,
  makePoint,
  makePrecinct,
  makeSecureTag,
  makeUnit,
  newUuidV7,
} from '@patrol/db/factories'
import { signBeacon } from '../src/check-in/beacon.ts'
import { startTestCity, type TestCity } from './build-app.ts'
import { makeDeviceKey, programChip } from './secure-tag.ts'

/** For a file of tests: a city, officers on duty before secure tags, their devices, scans and tracks. */
export function useProofs() {
  let city: TestCity
  beforeAll(async () => {
    city = await startTestCity()
  })
  afterAll(() => city.stop())

  /** A point with a label and a secure tag, and an officer on duty there. */
  async function beat() {
    const place = await makePrecinct(city.db)
    const { point, tag: label } = await makePoint(city.db, place)
    const tag = await makeSecureTag(city.db, point.id)
    const { nfcMasterKey } = city.env
    if (nfcMasterKey === null) throw new Error('The test city has a master key.')
    const chip = programChip(nfcMasterKey, tag.uid ?? '', city.codeOf(tag))
    return { place, point, label, tag, chip, code: city.codeOf(label), ...(await colleague(place)) }
  }

  /** Another officer on duty in a unit of their own. */
  async function colleague(place: { precinctId: number; stationId: number }) {
    const officer = await makeOfficer(city.db, place)
    const shift = { startsAt: new Date(Date.now() - 20 * 3_600_000) }
    const { unit } = await makeUnit(city.db, place, [officer.id], shift)
    const { cookie } = await city.logIn(officer.id)
    return { officer, unit, cookie }
  }

  async function enrol(officerId: number, options: Parameters<typeof makeDevice>[3] = {}) {
    const key = makeDeviceKey()
    const approvedAt = new Date(Date.now() - 20 * 3_600_000)
    const device = await makeDevice(city.db, officerId, key.publicKey, { approvedAt, ...options })
    return { device, sign: (checkIn: CheckIn) => key.signAs(device.id, checkIn) }
  }

  /** A scan so many minutes ago, its time measured by an unbroken clock since a beacon. */
  function scan(proof: CheckIn['proof'], over: Partial<CheckIn> & { minutesAgo?: number } = {}): CheckIn {
    const { minutesAgo = 0, ...rest } = over
    const at = new Date(Date.now() - minutesAgo * 60_000)
    const token = signBeacon(new Date(at.getTime() - 1_000), city.env.serverKey)
    return {
      id: newUuidV7(),
      act: 'check-in',
      role: 'patrol',
      proof,
      checkedInAt: at.toISOString(),
      clock: { deviceAt: at.toISOString(), monotonicMs: 2_000, beacon: { token, monotonicMs: 1_000 } },
      position: { lon: 120.2, lat: 23, accuracyMeters: 8, fixedAt: at.toISOString() },
      ...rest,
    }
  }

  const noBeacon = (at: Date) => ({ deviceAt: at.toISOString(), monotonicMs: 1, beacon: null })

  async function post(cookie: string, checkIns: CheckIn[]): Promise<CheckInReceipt[]> {
    const response = await city.app.inject({
      method: 'POST',
      url: '/api/v1/check-ins',
      headers: { cookie, 'x-requested-with': 'patrol' },
      payload: { checkIns },
    })
    return response.json<CheckInAnswers>().results.map((result) => {
      if (!('stored' in result)) throw new Error(`Not stored: ${response.body}`)
      return result
    })
  }

  async function postOne(cookie: string, checkIn: CheckIn): Promise<CheckInReceipt> {
    const [receipt] = await post(cookie, [checkIn])
    if (receipt === undefined) throw new Error('No answer.')
    return receipt
  }

  const codes = (receipt: Pick<CheckInReceipt, 'reasons'>) => receipt.reasons.map((reason) => reason.code)

  async function onRecord(id: string) {
    const { rows } = await city.db.execute<Pick<CheckInReceipt, 'verdict' | 'fulfils' | 'reasons'>>(
      sql`select verdict, fulfils, reasons from check_in where id = ${id}`,
    )
    const row = rows[0]
    if (row === undefined) throw new Error('Not on record.')
    return row
  }

  async function track(officerId: number, unitId: number, points: [minutesAgo: number, lon: number][]) {
    for (const [minutesAgo, lon] of points) {
      const at = new Date(Date.now() - minutesAgo * 60_000).toISOString()
      await city.db.execute(sql`select ensure_breadcrumb_partition(${at.slice(0, 10)}::date)`)
      await city.db.execute(sql`
        insert into breadcrumb (officer_id, recorded_at, unit_id, received_at, lon, lat, accuracy_meters)
        values (${officerId}, ${at}, ${unitId}, clock_timestamp(), ${lon}, 23, 10)`)
    }
  }

  return {
    /** Known from the first test on. */
    get city() {
      return city
    },
    beat,
    colleague,
    enrol,
    scan,
    noBeacon,
    post,
    postOne,
    codes,
    onRecord,
    track,
  }
}
