import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect } from 'vitest'
import type { TrackerPairing } from '@patrol/contract'
import { makeDepartment, makeOfficer, makePrecinct, makeUnit } from '@patrol/db/factories'
import { startTestCity, type TestCity } from './build-app.ts'

export interface Message {
  method?: 'GET' | 'POST'
  body?: unknown
  headers?: Record<string, string>
  /** Behind the proxy; each test has its own, so that failures of one do not count in another. */
  from?: string
}

/** For a file of tests: a city behind a proxy, trackers of officers, what they send and what is stored of it. */
export function useTrackers() {
  let city: TestCity
  let administrator: string
  beforeAll(async () => {
    city = await startTestCity({ trustProxy: '127.0.0.1' })
    const department = await makeDepartment(city.db)
    const nowhere = { precinctId: null, stationId: null }
    const boss = await makeOfficer(city.db, nowhere, {
      roles: ['administrator'],
      organisationId: department.id,
    })
    administrator = (await city.logIn(boss.id)).cookie
  })
  afterAll(() => city.stop())

  /** An officer on duty with a paired tracker; or off duty; or with a tracker of this public id. */
  async function withTracker({ onDuty = true, publicId }: { onDuty?: boolean; publicId?: string } = {}) {
    const place = await makePrecinct(city.db)
    const officer = await makeOfficer(city.db, place)
    const unit = onDuty ? (await makeUnit(city.db, place, [officer.id])).unit : null
    const response = await enrol(administrator, {
      officerId: officer.id,
      label: '車機',
      ...(publicId && { publicId }),
    })
    expect(response.statusCode, response.body).toBe(200)
    const { id, pairingId, url, qrSvg } = response.json<TrackerPairing>()
    return { place, officer, unit, deviceId: id, pairingId: pairingId ?? '', url, qrSvg }
  }

  const asUser = (cookie: string) => ({ cookie, 'x-requested-with': 'patrol' })

  function enrol(cookie: string, payload: object) {
    return city.app.inject({
      method: 'POST',
      url: '/api/v1/devices/trackers',
      headers: asUser(cookie),
      payload,
    })
  }

  function revoke(cookie: string, id: string) {
    return city.app.inject({
      method: 'DELETE',
      url: `/api/v1/devices/trackers/${id}`,
      headers: asUser(cookie),
    })
  }

  function send(url: string, { method, body, headers = {}, from = '10.0.0.1' }: Message = {}) {
    return city.app.inject({
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      url,
      headers: { 'x-forwarded-for': from, ...headers },
      ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
  }

  /** Whole seconds ago, as seconds since 1970. */
  const stamp = (secondsAgo: number) => Math.floor(Date.now() / 1_000) - secondsAgo

  async function stored(officerId: number) {
    const { rows } = await city.db.execute(sql`
      select lon, lat, speed_mps, heading_degrees, accuracy_meters, battery_percent, is_evidence, tracker_details,
        extract(epoch from recorded_at)::int as at
      from breadcrumb where officer_id = ${officerId} order by recorded_at`)
    return rows
  }

  async function sosAlerts(precinctId: number) {
    const { rows } = await city.db.execute(sql`
      select priority, state, subject, count from alert where kind = 'sos' and precinct_id = ${precinctId}`)
    return rows
  }

  return {
    /** Known from the first test on, as is the administrator's cookie. */
    get city() {
      return city
    },
    get administrator() {
      return administrator
    },
    withTracker,
    asUser,
    enrol,
    revoke,
    send,
    stamp,
    stored,
    sosAlerts,
  }
}
