import { connect, inTransaction, patrolPoint, windowRule, type Db } from '@patrol/db'
import { makePoint, makePrecinct, makeWindowRule } from '@patrol/db/factories'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { materialiseWindows } from '../src/window/materialise-windows.ts'
import { sweepWindows } from '../src/window/sweep-windows.ts'
import { eventually } from './build-app.ts'
import { freshDatabase, type FreshDatabase } from './fresh-database.ts'
import { after, at, checkIn, monday, readWindows, storeAndSettle } from './window-records.ts'

let database: FreshDatabase
let db: Db
beforeAll(async () => {
  database = await freshDatabase()
  db = connect(database.databaseUrl, { name: 'window test' })
})
afterAll(async () => {
  await db.$client.end()
  await database.drop()
})

test('rules become windows from today to two days ahead, once, over midnight too', async () => {
  const place = await makePrecinct(db)
  const { point } = await makePoint(db, place)
  await makeWindowRule(db, point.id, {
    startMinute: 22 * 60,
    durationMinutes: 240,
    graceSeconds: 900,
    requiredCount: 2,
  })

  await materialiseWindows(db, { now: monday })
  await materialiseWindows(db, { now: after(monday, 60) })
  const windows = await readWindows(db, place.precinctId)
  expect(windows.map((window) => window.serviceOn)).toEqual(['2026-11-23', '2026-11-24', '2026-11-25'])
  expect(windows[0]).toMatchObject({
    startsAt: at('23T14:00:00'),
    endsAt: at('23T18:00:00'),
    graceEndsAt: at('23T18:15:00'),
    requiredCount: 2,
    state: 'pending',
    nextChangeAt: at('23T14:00:00'),
    stationId: place.stationId,
  })
})

test('today is the day of Taipei, and a window that is over is not made', async () => {
  const place = await makePrecinct(db)
  const { point } = await makePoint(db, place)
  for (const hour of [0, 6, 12])
    await makeWindowRule(db, point.id, { startMinute: hour * 60, durationMinutes: 60 })
  // 23:59 of the 22nd by UTC is 07:59 of the 23rd in Taipei.
  await materialiseWindows(db, { now: at('22T23:59:00'), daysAhead: 0 })
  expect((await readWindows(db, place.precinctId)).map((window) => window.startsAt)).toEqual([
    at('23T04:00:00'),
  ])
})

test('weekdays, validity, retirement and an impossible length are obeyed', async () => {
  const place = await makePrecinct(db)
  const { point } = await makePoint(db, place)
  const { point: retired } = await makePoint(db, place)
  await db.update(patrolPoint).set({ retiredAt: monday }).where(eq(patrolPoint.id, retired.id))
  await makeWindowRule(db, retired.id, { startMinute: 1200 })
  await makeWindowRule(db, point.id, { startMinute: 1200, active: false })
  await makeWindowRule(db, point.id, { startMinute: 1200, validTo: '2026-11-22' })
  await makeWindowRule(db, point.id, { startMinute: 1200, validFrom: '2026-11-26' })
  const tooLong = await makeWindowRule(db, point.id, { startMinute: 1200, durationMinutes: 9 * 1440 })
  await makeWindowRule(db, point.id, { startMinute: 1200, weekdays: 0b0000010 })
  await makeWindowRule(db, point.id, { startMinute: 1260, weekdays: 0b1000001 })

  const result = await materialiseWindows(db, { now: monday })
  expect((await readWindows(db, place.precinctId)).map((window) => window.startsAt)).toEqual([
    at('23T13:00:00'),
    at('24T12:00:00'),
  ])
  expect(result.tooLong).toEqual([tooLong.id])
  await db.update(windowRule).set({ active: false }).where(eq(windowRule.id, tooLong.id))
})

test('a retired rule loses its pending windows and keeps those that have begun', async () => {
  const place = await makePrecinct(db)
  const { point } = await makePoint(db, place)
  const rule = await makeWindowRule(db, point.id, { startMinute: 14 * 60, durationMinutes: 60 })
  await materialiseWindows(db, { now: monday })
  await sweepWindows(db, { now: monday })
  await db.update(windowRule).set({ active: false }).where(eq(windowRule.id, rule.id))

  expect((await materialiseWindows(db, { now: after(monday, 1) })).removed).toBe(2)
  expect((await readWindows(db, place.precinctId)).map((window) => window.state)).toEqual(['open'])
})

test('a changed rule changes the windows that have not begun', async () => {
  const place = await makePrecinct(db)
  const { point } = await makePoint(db, place)
  const rule = await makeWindowRule(db, point.id, { startMinute: 15 * 60, durationMinutes: 60 })
  await materialiseWindows(db, { now: monday, daysAhead: 0 })
  await db.update(windowRule).set({ durationMinutes: 90 }).where(eq(windowRule.id, rule.id))
  await materialiseWindows(db, { now: monday, daysAhead: 0 })
  expect((await readWindows(db, place.precinctId)).map((window) => window.endsAt)).toEqual([
    at('23T08:30:00'),
  ])
})

test('a window made after it began counts the check-ins that were there before it', async () => {
  const place = await makePrecinct(db)
  const { point } = await makePoint(db, place)
  await checkIn(db, { pointId: point.id, checkedInAt: monday, receivedAt: monday })
  await makeWindowRule(db, point.id, { startMinute: 14 * 60, durationMinutes: 60 })
  await materialiseWindows(db, { now: after(monday, 5), daysAhead: 0 })
  expect((await readWindows(db, place.precinctId)).map((window) => window.state)).toEqual(['fulfilled'])
  await db.update(windowRule).set({ active: false }).where(eq(windowRule.patrolPointId, point.id))
})

test('a window made while a check-in of its time is on its way counts it, too', async () => {
  const place = await makePrecinct(db)
  const { point } = await makePoint(db, place)
  const commit = Promise.withResolvers<void>()
  const settled = Promise.withResolvers<void>()
  const underway = inTransaction(db, async (tx) => {
    await storeAndSettle(tx, [{ pointId: point.id, checkedInAt: monday, receivedAt: monday }])
    settled.resolve()
    await commit.promise
  })
  await settled.promise
  await makeWindowRule(db, point.id, { startMinute: 14 * 60, durationMinutes: 60 })
  const made = materialiseWindows(db, { now: after(monday, 5), daysAhead: 0 })
  await eventually('the one that waits for the other', async () => {
    const { rows } = await db.$client.query(
      `select from pg_locks where locktype = 'advisory' and not granted
         and database = (select oid from pg_database where datname = current_database())`,
    )
    return rows.length > 0 ? true : undefined
  })
  commit.resolve()
  await Promise.all([underway, made])
  expect((await readWindows(db, place.precinctId)).map((window) => window.state)).toEqual(['fulfilled'])
  await db.update(windowRule).set({ active: false }).where(eq(windowRule.patrolPointId, point.id))
})
