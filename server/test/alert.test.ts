import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Alert } from '@patrol/contract'
import { inTransaction } from '@patrol/db'
import { makeOfficer, makePrecinct } from '@patrol/db/factories'
import { actOnAlert } from '../src/alert/act-on-alert.ts'
import { raiseAlerts } from '../src/alert/raise-alert.ts'
import { raiseMissedAlerts } from '../src/alert/raise-missed-alerts.ts'
import { eventually, startTestCity, type TestCity } from './build-app.ts'

let city: TestCity
beforeAll(async () => {
  city = await startTestCity()
})
afterAll(() => city.stop())

const raise = (precinctId: number, dedupKey: string, count = 1) =>
  inTransaction(city.db, (tx) =>
    raiseAlerts(tx, new Date(), [
      { kind: 'forged-tag', dedupKey, priority: 2, precinctId, stationId: null, subject: {}, count },
    ]),
  )

async function eventsOf(precinctId: number) {
  await eventually('an empty outbox', async () =>
    (await city.db.execute(sql`select 1 from outbox`)).rows.length === 0 ? true : undefined,
  )
  const { rows } = await city.db.execute<{ type: string; data: Alert }>(sql`
    select type, data from event where precinct_id = ${precinctId} order by pos`)
  return rows
}

test('more of the same raises the count of one row, and keeps who acknowledged it', async () => {
  const place = await makePrecinct(city.db)
  const officer = await makeOfficer(city.db, place)
  await raise(place.precinctId, 'same')
  await raise(place.precinctId, 'same', 2)
  const [row] = (
    await city.db.execute<{ id: number; count: number }>(
      sql`select id, count from alert where dedup_key = 'same'`,
    )
  ).rows
  expect(row?.count).toBe(3)
  const scope = { city: false, precinctIds: [place.precinctId], stationIds: [] }
  const given = {
    alertId: row?.id ?? 0,
    officerId: officer.id,
    scope,
    now: new Date(),
    act: 'acknowledge',
  } as const
  const first = await inTransaction(city.db, (tx) => actOnAlert(tx, given))
  expect(first).toMatchObject({ state: 'ack', acknowledgedBy: officer.name })
  const other = await makeOfficer(city.db, place)
  const again = await inTransaction(city.db, (tx) => actOnAlert(tx, { ...given, officerId: other.id }))
  expect(again?.acknowledgedBy).toBe(officer.name)
  await raise(place.precinctId, 'same')
  const events = await eventsOf(place.precinctId)
  expect(events.map((event) => event.type)).toEqual([
    'alert:raised',
    'alert:changed', // one more
    'alert:changed', // acknowledged; the second time changes nothing
    'alert:changed', // one more
  ])
  expect(events.at(-1)?.data).toMatchObject({ count: 4, state: 'ack', acknowledgedBy: officer.name })
})

test('one missed point is no alert; ten of a precinct are one row, however many more follow', async () => {
  const place = await makePrecinct(city.db)
  const miss = async (count: number) => {
    await city.db.execute(sql`
      with point as (
        insert into patrol_point (code, name, category, position, precinct_id, station_id, h3_r8, h3_r9, h3_r10)
        select gen_random_uuid()::text, 'x', 'x', st_setsrid(st_makepoint(120, 23), 4326), ${place.precinctId}, ${place.stationId}, 0, 0, 0
        from generate_series(1, ${count}::int) returning id
      ), rule as (
        insert into window_rule (patrol_point_id, start_minute, duration_minutes, valid_from)
        select id, 0, 60, '2020-01-01' from point returning id, patrol_point_id
      )
      insert into patrol_window (rule_id, patrol_point_id, precinct_id, station_id, service_on, starts_at, ends_at, grace_ends_at, required_count, state)
      select id, patrol_point_id, ${place.precinctId}, ${place.stationId}, (now() at time zone 'Asia/Taipei')::date,
        now() - interval '2 hours', now() - interval '1 hour', now() - interval '1 minute', 1, 'missed' from rule`)
    const missed = Array.from({ length: count }, () => ({ precinctId: place.precinctId }))
    await inTransaction(city.db, (tx) => raiseMissedAlerts(tx, new Date(), missed))
  }
  await miss(1)
  expect(await eventsOf(place.precinctId)).toEqual([])
  await miss(9)
  await miss(200)
  const events = await eventsOf(place.precinctId)
  expect(events.map((event) => [event.type, event.data.count])).toEqual([
    ['alert:raised', 10],
    ['alert:changed', 210],
  ])
})
