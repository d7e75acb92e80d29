import { randomUUID } from 'node:crypto'
import { WindowChange } from '@patrol/contract'
import {
  connect,
  inTransaction,
  patrolPoint,
  patrolWindow,
  windowRule,
  type Db,
  type OpenTx,
} from '@patrol/db'
import { makeOfficer, makePoint, makePrecinct, makeWindowRule } from '@patrol/db/factories'
import { asc, eq } from 'drizzle-orm'
import fc from 'fast-check'
import { pino } from 'pino'
import { Compile } from 'typebox/compile'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { decideWindow, excuseWindow } from '../src/window/excuse-window.ts'
import { materialiseWindows } from '../src/window/materialise-windows.ts'
import { startSweeper } from '../src/window/run-sweeper.ts'
import { settleWindows } from '../src/window/settle-windows.ts'
import { sweepWindows, type MissedWindow } from '../src/window/sweep-windows.ts'
import { addWindows } from './bulk-windows.ts'
import { freshDatabase, type FreshDatabase } from './fresh-database.ts'
import { windowCase } from './window-cases.ts'
import { replayWindow } from './window-oracle.ts'

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

const at = (time: string) => new Date(`2026-11-${time}Z`)
const after = (base: Date, minutes: number) => new Date(base.getTime() + minutes * 60_000)
const isWindowChange = Compile(WindowChange)

/** Ten past two in the afternoon of a Monday in Taipei. */
const monday = at('23T06:10:00')

interface TestCheckIn {
  pointId: number
  checkedInAt: Date
  receivedAt: Date
  id?: string
  fulfils?: string
  verdict?: string
  act?: string
  role?: string
}

/** What recordCheckIns does with the windows: stores, then settles, in one transaction. */
async function checkIn(...items: TestCheckIn[]) {
  return inTransaction(db, async (tx) => {
    await storeCheckIns(tx, items)
    return settleWindows(tx, items, items[0]?.receivedAt ?? monday)
  })
}

async function storeCheckIns(tx: OpenTx, items: TestCheckIn[]) {
  for (const { id = randomUUID(), pointId, checkedInAt, receivedAt, ...rest } of items) {
    const { fulfils = 'yes', verdict = 'accepted', act = 'check-in', role = 'patrol' } = rest
    await tx.$client.query(
      `insert into check_in (id, officer_id, precinct_id, patrol_point_id, proof_kind, act, role, claimed_at, received_at,
         checked_in_at, verdict, fulfils, reasons, raw, content_hash)
       values ($1, 1, 1, $2, 'qr', $3, $4, $5, $6, $5, $7, $8, '[]', '{}', '')`,
      [id, pointId, act, role, checkedInAt, receivedAt, verdict, fulfils],
    )
  }
}

async function readWindows(precinctId: number) {
  return db
    .select()
    .from(patrolWindow)
    .where(eq(patrolWindow.precinctId, precinctId))
    .orderBy(asc(patrolWindow.startsAt), asc(patrolWindow.id))
}

async function readWindow(id: number) {
  const [row] = await db.select().from(patrolWindow).where(eq(patrolWindow.id, id))
  if (row === undefined) throw new Error(`There is no window ${id}.`)
  return row
}

async function readEvents(precinctId: number) {
  const { rows } = await db.$client.query<{ type: string; at: Date; data: WindowChange }>(
    `select type, at, data from outbox where precinct_id = $1 and type like 'window:%' order by id`,
    [precinctId],
  )
  return rows
}

/** One point with one window of two hours and ten minutes of grace, open since `monday`. */
async function makeOpenWindow(requiredCount = 1) {
  const facts = {
    startsAt: monday,
    endsAt: after(monday, 120),
    graceEndsAt: after(monday, 130),
    requiredCount,
  }
  const { windows, precinctId, stationId } = await addWindows(db, [facts])
  const [window] = windows
  if (window === undefined) throw new Error('No window was made.')
  const officer = await makeOfficer(db, { precinctId, stationId })
  const types = async () => (await readEvents(precinctId)).map((event) => event.type)
  return { ...window, precinctId, officerId: officer.id, types }
}

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
  const windows = await readWindows(place.precinctId)
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
  expect((await readWindows(place.precinctId)).map((window) => window.startsAt)).toEqual([at('23T04:00:00')])
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
  expect((await readWindows(place.precinctId)).map((window) => window.startsAt)).toEqual([
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
  expect((await readWindows(place.precinctId)).map((window) => window.state)).toEqual(['open'])
})

test('a changed rule changes the windows that have not begun', async () => {
  const place = await makePrecinct(db)
  const { point } = await makePoint(db, place)
  const rule = await makeWindowRule(db, point.id, { startMinute: 15 * 60, durationMinutes: 60 })
  await materialiseWindows(db, { now: monday, daysAhead: 0 })
  await db.update(windowRule).set({ durationMinutes: 90 }).where(eq(windowRule.id, rule.id))
  await materialiseWindows(db, { now: monday, daysAhead: 0 })
  expect((await readWindows(place.precinctId)).map((window) => window.endsAt)).toEqual([at('23T08:30:00')])
})

test('a window made after it began counts the check-ins that were there before it', async () => {
  const place = await makePrecinct(db)
  const { point } = await makePoint(db, place)
  await checkIn({ pointId: point.id, checkedInAt: monday, receivedAt: monday })
  await makeWindowRule(db, point.id, { startMinute: 14 * 60, durationMinutes: 60 })
  await materialiseWindows(db, { now: after(monday, 5), daysAhead: 0 })
  expect((await readWindows(place.precinctId)).map((window) => window.state)).toEqual(['fulfilled'])
  await db.update(windowRule).set({ active: false }).where(eq(windowRule.patrolPointId, point.id))
})

test('a late sweep tells only where the window has come to, and a second one nothing', async () => {
  const window = await makeOpenWindow()
  await sweepWindows(db, { now: monday })
  const missed: MissedWindow[] = []
  const onMissed = async (_tx: OpenTx, _now: Date, found: MissedWindow[]) => void missed.push(...found)
  await sweepWindows(db, { now: after(monday, 600), onMissed })
  await sweepWindows(db, { now: after(monday, 600), onMissed })

  const events = await readEvents(window.precinctId)
  expect(events.map(({ type, data }) => [type, data.from, data.to])).toEqual([
    ['window:opened', 'pending', 'open'],
    ['window:missed', 'open', 'missed'],
  ])
  expect(events[1]?.data).toEqual({
    windowId: window.id,
    pointId: window.pointId,
    serviceOn: '2026-11-23',
    startsAt: monday.toISOString(),
    endsAt: after(monday, 120).toISOString(),
    graceEndsAt: after(monday, 130).toISOString(),
    from: 'open',
    to: 'missed',
    doneCount: 0,
    requiredCount: 1,
    checkInId: null,
  })
  expect(missed.filter((each) => each.precinctId === window.precinctId)).toHaveLength(1)
})

test('what onMissed throws takes the declaration back', async () => {
  const window = await makeOpenWindow()
  const now = after(monday, 600)
  const onMissed = () => Promise.reject(new Error('no alert, no declaration'))
  await expect(sweepWindows(db, { now, onMissed })).rejects.toThrow('no alert')
  expect((await readWindow(window.id)).state).toBe('pending')
  await sweepWindows(db, { now })
  expect(await window.types()).toEqual(['window:missed'])
})

test('a check-in fulfils, a repeated one adds nothing', async () => {
  const window = await makeOpenWindow()
  const when = after(monday, 10)
  const id = randomUUID()
  const settled = await checkIn({ id, pointId: window.pointId, checkedInAt: when, receivedAt: when })
  expect(settled).toMatchObject([
    { windowId: window.id, from: 'pending', to: 'fulfilled', doneCount: 1, checkInId: id },
  ])
  await checkIn({ pointId: window.pointId, checkedInAt: after(when, 15), receivedAt: after(when, 15) })
  expect(await readWindow(window.id)).toMatchObject({ state: 'fulfilled', checkInId: id, nextChangeAt: null })
  expect(await window.types()).toEqual(['window:fulfilled'])
})

test('a check-in in the grace of one window is also in time for the next', async () => {
  const place = await makePrecinct(db)
  const { point } = await makePoint(db, place)
  for (const hour of [15, 16])
    await makeWindowRule(db, point.id, { startMinute: hour * 60, durationMinutes: 60 })
  await materialiseWindows(db, { now: monday, daysAhead: 0 })
  const when = at('23T08:05:00')
  await checkIn({ pointId: point.id, checkedInAt: when, receivedAt: when })
  expect((await readWindows(place.precinctId)).map((window) => window.state)).toEqual([
    'fulfilled',
    'fulfilled',
  ])
})

test('a late upload corrects a missed window, as an event of its own', async () => {
  const window = await makeOpenWindow()
  await sweepWindows(db, { now: after(monday, 130) })
  await checkIn({ pointId: window.pointId, checkedInAt: after(monday, 30), receivedAt: after(monday, 300) })
  expect(await readWindow(window.id)).toMatchObject({ state: 'corrected', doneCount: 1 })
  expect(await window.types()).toEqual(['window:missed', 'window:corrected'])
})

test('a check-in in time that a sweep overtook still fulfils', async () => {
  const window = await makeOpenWindow()
  await sweepWindows(db, { now: after(monday, 130) })
  const received = new Date(after(monday, 130).getTime() - 50)
  await checkIn({ pointId: window.pointId, checkedInAt: received, receivedAt: received })
  expect((await readEvents(window.precinctId)).map(({ type, data }) => [type, data.from])).toEqual([
    ['window:missed', 'pending'],
    ['window:fulfilled', 'missed'],
  ])
})

test('a server whose clock is behind does not open a window again', async () => {
  const window = await makeOpenWindow(2)
  await sweepWindows(db, { now: after(monday, 120) })
  const behind = new Date(after(monday, 120).getTime() - 300)
  await checkIn({ pointId: window.pointId, checkedInAt: behind, receivedAt: behind })
  expect(await readWindow(window.id)).toMatchObject({
    state: 'grace',
    doneCount: 1,
    nextChangeAt: after(monday, 130),
  })
})

test('two check-ins at once both count', async () => {
  const window = await makeOpenWindow(2)
  const times = [after(monday, 10), after(monday, 40)]
  await Promise.all(
    times.map((when) =>
      checkIn({ pointId: window.pointId, checkedInAt: when, receivedAt: after(monday, 50) }),
    ),
  )
  expect(await readWindow(window.id)).toMatchObject({ state: 'fulfilled', doneCount: 2 })
  expect(await window.types()).toEqual(['window:fulfilled'])
})

test('rejected, unconfirmed, supervising and leaving reads do not fulfil', async () => {
  const window = await makeOpenWindow()
  const when = { pointId: window.pointId, checkedInAt: after(monday, 5), receivedAt: after(monday, 5) }
  await checkIn(
    { ...when, verdict: 'rejected' },
    { ...when, fulfils: 'when-confirmed' },
    { ...when, role: 'supervisor' },
    { ...when, act: 'check-out' },
  )
  expect(await readWindow(window.id)).toMatchObject({ state: 'pending', doneCount: 0 })
})

test('a review that rejects a check-in takes its window back', async () => {
  const window = await makeOpenWindow()
  const id = randomUUID()
  const visit = { pointId: window.pointId, checkedInAt: after(monday, 5) }
  await checkIn({ ...visit, id, receivedAt: after(monday, 5) })
  await inTransaction(db, async (tx) => {
    await tx.$client.query(`update check_in set verdict = 'rejected' where id = $1`, [id])
    await settleWindows(tx, [visit], after(monday, 60))
  })
  expect(await readWindow(window.id)).toMatchObject({ state: 'open', doneCount: 0, checkInId: null })
  await sweepWindows(db, { now: after(monday, 600) })
  expect(await window.types()).toEqual(['window:fulfilled', 'window:opened', 'window:missed'])
})

test('a check-in where no window was made changes nothing', async () => {
  const { point } = await makePoint(db, await makePrecinct(db))
  expect(await checkIn({ pointId: point.id, checkedInAt: monday, receivedAt: monday })).toEqual([])
})

test('a diversion excuses an open window, with reason, evidence and audit', async () => {
  const window = await makeOpenWindow()
  await sweepWindows(db, { now: monday })
  const decision = {
    windowId: window.id,
    officerId: window.officerId,
    reason: '支援 110 勤務',
    evidence: { assignmentId: 'a1' },
    now: after(monday, 20),
  }
  const first = await inTransaction(db, (tx) => excuseWindow(tx, decision))
  expect(first).toMatchObject({ outcome: 'ok', window: { from: 'open', to: 'excused' } })
  const second = await inTransaction(db, (tx) => excuseWindow(tx, decision))
  expect(second).toEqual({ outcome: 'settled', state: 'excused' })
  await sweepWindows(db, { now: after(monday, 600) })
  await checkIn({ pointId: window.pointId, checkedInAt: after(monday, 30), receivedAt: after(monday, 700) })

  expect(await readWindow(window.id)).toMatchObject({
    state: 'excused',
    decidedBy: window.officerId,
    decidedAt: decision.now,
    decisionReason: decision.reason,
    evidence: decision.evidence,
    nextChangeAt: null,
  })
  expect(await window.types()).toEqual(['window:opened', 'window:excused'])
  const audited = await db.$client.query('select officer_id, action, details from audit where subject = $1', [
    `patrol-window:${window.id}`,
  ])
  expect(audited.rows).toEqual([
    {
      officer_id: window.officerId,
      action: 'window:excused',
      details: { from: 'open', to: 'excused', reason: decision.reason, evidence: decision.evidence },
    },
  ])
})

test('only a missed window can be made up or unexcused, and nobody approves his own request', async () => {
  const window = await makeOpenWindow()
  const base = {
    windowId: window.id,
    officerId: window.officerId,
    reason: '查證屬實',
    evidence: null,
    now: monday,
  }
  const decide = (decision: Parameters<typeof decideWindow>[1]) =>
    inTransaction(db, (tx) => decideWindow(tx, decision))
  expect(await decide({ ...base, to: 'unexcused' })).toEqual({ outcome: 'not-missed', state: 'pending' })
  expect(await decide({ ...base, to: 'unexcused', windowId: 0 })).toEqual({ outcome: 'unknown' })
  await sweepWindows(db, { now: after(monday, 600) })
  expect(await decide({ ...base, to: 'made-up', requestedBy: window.officerId })).toEqual({
    outcome: 'own-request',
  })
  expect(await decide({ ...base, to: 'made-up', requestedBy: window.officerId + 1 })).toMatchObject({
    outcome: 'ok',
  })
  expect(await decide({ ...base, to: 'unexcused' })).toEqual({ outcome: 'settled', state: 'made-up' })
  expect(await window.types()).toEqual(['window:missed', 'window:made-up'])
})

test('late proof overturns unexcused', async () => {
  const window = await makeOpenWindow()
  await sweepWindows(db, { now: after(monday, 600) })
  await inTransaction(db, (tx) =>
    decideWindow(tx, {
      windowId: window.id,
      officerId: window.officerId,
      to: 'unexcused',
      reason: '無故',
      evidence: null,
      now: after(monday, 700),
    }),
  )
  await checkIn({ pointId: window.pointId, checkedInAt: after(monday, 60), receivedAt: after(monday, 800) })
  expect(await window.types()).toEqual(['window:missed', 'window:unexcused', 'window:corrected'])
})

test('hundreds of random plans: the database agrees with the oracle at every look', async () => {
  const seed = 20_261_123
  const cases = fc
    .sample(windowCase, { numRuns: 300, seed })
    .map((each) => ({ ...each, visits: each.visits.map((visit) => ({ ...visit, id: randomUUID() })) }))
  const { windows, precinctId, stationId } = await addWindows(
    db,
    cases.map((each) => each.window),
  )
  const officer = await makeOfficer(db, { precinctId, stationId })
  const plans = cases.map((each, index) => ({ ...each, ...(windows[index] ?? { id: 0, pointId: 0 }) }))
  const looks = [...new Set(plans.slice(0, 40).map(({ now }) => now.getTime())), at('24T06:00:00').getTime()]

  type Step = { at: number; order: number; run: () => Promise<void> }
  const steps: Step[] = plans.flatMap(({ id, pointId, visits, attempt }) => [
    ...visits.map((visit) => ({
      at: visit.receivedAt.getTime(),
      order: 0,
      run: async () => void (await checkIn({ pointId, ...visit })),
    })),
    ...(attempt === null
      ? []
      : [
          {
            at: attempt.at.getTime(),
            order: 1,
            run: async () => {
              await sweepWindows(db, { now: attempt.at, limit: 100 })
              const decision = {
                windowId: id,
                officerId: officer.id,
                reason: '測試',
                evidence: null,
                now: attempt.at,
              }
              await inTransaction<unknown>(db, (tx) =>
                attempt.decision === 'excused'
                  ? excuseWindow(tx, decision)
                  : decideWindow(
                      tx,
                      attempt.decision === 'made-up'
                        ? { ...decision, to: 'made-up', requestedBy: 0 }
                        : { ...decision, to: 'unexcused' },
                    ),
              )
            },
          },
        ]),
  ])
  for (const look of looks) {
    steps.push({
      at: look,
      order: 2,
      run: async () => {
        const now = new Date(look)
        await sweepWindows(db, { now, limit: 100 })
        const rows = new Map((await readWindows(precinctId)).map((row) => [row.id, row]))
        for (const { id, window, visits, attempt } of plans) {
          const known = visits.filter((visit) => visit.receivedAt <= now)
          const { state, doneCount, nextChangeAt, checkInId } = replayWindow(window, known, attempt, now)
          expect(rows.get(id)).toMatchObject({ state, doneCount, nextChangeAt, checkInId })
        }
      },
    })
  }
  for (const step of steps.toSorted((a, b) => a.at - b.at || a.order - b.order)) await step.run()

  const told = Map.groupBy(await readEvents(precinctId), (event) => event.data.windowId)
  for (const row of await readWindows(precinctId)) {
    const events = told.get(row.id) ?? []
    expect(events.every(({ data }) => isWindowChange.Check(data))).toBe(true)
    // Each event goes on from where the one before it ended, from the beginning to what the row says.
    expect(events.map(({ data }) => data.from)).toEqual([
      'pending',
      ...events.slice(0, -1).map(({ data }) => data.to),
    ])
    expect(events.at(-1)?.data.to).toBe(row.state)
    expect(events.filter(({ type }) => type === 'window:missed').length).toBeLessThanOrEqual(1)
  }
})

/** 7,791 windows whose grace ends at `graceEndsAt`, as the last sweep left them. */
async function addCityInGrace(graceEndsAt: Date) {
  const facts = {
    startsAt: after(graceEndsAt, -70),
    endsAt: after(graceEndsAt, -10),
    graceEndsAt,
    requiredCount: 1,
  }
  return addWindows(db, Array(7_791).fill(facts), 'grace')
}

async function expectAllMissedOnce(precinctId: number) {
  const events = await readEvents(precinctId)
  expect(events.every(({ type }) => type === 'window:missed')).toBe(true)
  expect(events).toHaveLength(7_791)
  expect(new Set(events.map(({ data }) => data.windowId)).size).toBe(7_791)
}

test('7,791 windows closing together are declared once each by two sweeps, one of them killed', async () => {
  const { precinctId } = await addCityInGrace(monday)
  const doomed = connect(database.databaseUrl, { name: 'doomed sweep' })
  let chunks = 0
  let other: Promise<unknown> | undefined
  const dieInTheMiddle = async (tx: OpenTx) => {
    other ??= sweepWindows(db, { now: monday, limit: 250 })
    if (++chunks < 3) return
    // Its windows are declared but not committed.
    const { rows } = await tx.$client.query<{ pid: number }>('select pg_backend_pid() as pid')
    await db.$client.query('select pg_terminate_backend($1, 5000)', [rows[0]?.pid])
  }
  await expect(sweepWindows(doomed, { now: monday, limit: 250, onMissed: dieInTheMiddle })).rejects.toThrow()
  await other
  await doomed.$client.end()
  await sweepWindows(db, { now: monday })
  await expectAllMissedOnce(precinctId)
})

test('sweepers on the real clock go on after their connections were cut', async () => {
  // Nothing is left over that the real clock would find due.
  await db.update(patrolWindow).set({ nextChangeAt: null })
  await db.update(windowRule).set({ active: false })
  const { precinctId } = await addCityInGrace(new Date(Date.now() + 1_000))
  const log = pino({ level: 'silent' })
  const pools = ['sweeper one', 'sweeper two'].map((name) => connect(database.databaseUrl, { name }))
  const sweepers = pools.map((pool) => startSweeper({ db: pool, log, everyMs: 50 }))
  const count = async () => {
    const { rows } = await db.$client.query<{ open: number; cut: number }>(
      `select count(*)::int as open,
         (select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name like 'sweeper %')::int as cut
       from patrol_window where precinct_id = $1 and next_change_at is not null`,
      [precinctId],
    )
    return rows[0] ?? { open: -1, cut: 0 }
  }
  for (let cut = 0; cut < 20;) cut += (await count()).cut
  const open = 'select from patrol_window where precinct_id = $1 and next_change_at is not null limit 1'
  while ((await db.$client.query(open, [precinctId])).rowCount !== 0);
  await Promise.all(sweepers.map((sweeper) => sweeper.stop()))
  await Promise.all(pools.map((pool) => pool.$client.end()))
  await expectAllMissedOnce(precinctId)
})
