import { randomUUID } from 'node:crypto'
import { connect, inTransaction, type Db, type OpenTx } from '@patrol/db'
import { makePoint, makePrecinct, makeWindowRule } from '@patrol/db/factories'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { decideWindow, excuseWindow } from '../src/window/excuse-window.ts'
import { materialiseWindows } from '../src/window/materialise-windows.ts'
import { settleWindows } from '../src/window/settle-windows.ts'
import { sweepWindows, type MissedWindow } from '../src/window/sweep-windows.ts'
import { freshDatabase, type FreshDatabase } from './fresh-database.ts'
import {
  after,
  at,
  checkIn,
  makeOpenWindow,
  monday,
  readEvents,
  readWindow,
  readWindows,
} from './window-records.ts'

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

test('a late sweep tells only where the window has come to, and a second one nothing', async () => {
  const window = await makeOpenWindow(db)
  await sweepWindows(db, { now: monday })
  const missed: MissedWindow[] = []
  const onMissed = async (_tx: OpenTx, _now: Date, found: MissedWindow[]) => void missed.push(...found)
  await sweepWindows(db, { now: after(monday, 600), onMissed })
  await sweepWindows(db, { now: after(monday, 600), onMissed })

  const events = await readEvents(db, window.precinctId)
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
  const window = await makeOpenWindow(db)
  const now = after(monday, 600)
  const onMissed = () => Promise.reject(new Error('no alert, no declaration'))
  await expect(sweepWindows(db, { now, onMissed })).rejects.toThrow('no alert')
  expect((await readWindow(db, window.id)).state).toBe('pending')
  await sweepWindows(db, { now })
  expect(await window.types()).toEqual(['window:missed'])
})

test('a check-in fulfils, a repeated one adds nothing', async () => {
  const window = await makeOpenWindow(db)
  const when = after(monday, 10)
  const id = randomUUID()
  const settled = await checkIn(db, { id, pointId: window.pointId, checkedInAt: when, receivedAt: when })
  expect(settled).toMatchObject([
    { windowId: window.id, from: 'pending', to: 'fulfilled', doneCount: 1, checkInId: id },
  ])
  await checkIn(db, { pointId: window.pointId, checkedInAt: after(when, 15), receivedAt: after(when, 15) })
  expect(await readWindow(db, window.id)).toMatchObject({
    state: 'fulfilled',
    checkInId: id,
    nextChangeAt: null,
  })
  expect(await window.types()).toEqual(['window:fulfilled'])
})

test('a check-in in the grace of one window is also in time for the next', async () => {
  const place = await makePrecinct(db)
  const { point } = await makePoint(db, place)
  for (const hour of [15, 16])
    await makeWindowRule(db, point.id, { startMinute: hour * 60, durationMinutes: 60 })
  await materialiseWindows(db, { now: monday, daysAhead: 0 })
  const when = at('23T08:05:00')
  await checkIn(db, { pointId: point.id, checkedInAt: when, receivedAt: when })
  expect((await readWindows(db, place.precinctId)).map((window) => window.state)).toEqual([
    'fulfilled',
    'fulfilled',
  ])
})

test('a late upload corrects a missed window, as an event of its own', async () => {
  const window = await makeOpenWindow(db)
  await sweepWindows(db, { now: after(monday, 130) })
  await checkIn(db, {
    pointId: window.pointId,
    checkedInAt: after(monday, 30),
    receivedAt: after(monday, 300),
  })
  expect(await readWindow(db, window.id)).toMatchObject({ state: 'corrected', doneCount: 1 })
  expect(await window.types()).toEqual(['window:missed', 'window:corrected'])
})

test('a check-in in time that a sweep overtook still fulfils', async () => {
  const window = await makeOpenWindow(db)
  await sweepWindows(db, { now: after(monday, 130) })
  const received = new Date(after(monday, 130).getTime() - 50)
  await checkIn(db, { pointId: window.pointId, checkedInAt: received, receivedAt: received })
  expect((await readEvents(db, window.precinctId)).map(({ type, data }) => [type, data.from])).toEqual([
    ['window:missed', 'pending'],
    ['window:fulfilled', 'missed'],
  ])
})

test('a server whose clock is behind does not open a window again', async () => {
  const window = await makeOpenWindow(db, 2)
  await sweepWindows(db, { now: after(monday, 120) })
  const behind = new Date(after(monday, 120).getTime() - 300)
  await checkIn(db, { pointId: window.pointId, checkedInAt: behind, receivedAt: behind })
  expect(await readWindow(db, window.id)).toMatchObject({
    state: 'grace',
    doneCount: 1,
    nextChangeAt: after(monday, 130),
  })
})

test('two check-ins at once both count', async () => {
  const window = await makeOpenWindow(db, 2)
  const times = [after(monday, 10), after(monday, 40)]
  await Promise.all(
    times.map((when) =>
      checkIn(db, { pointId: window.pointId, checkedInAt: when, receivedAt: after(monday, 50) }),
    ),
  )
  expect(await readWindow(db, window.id)).toMatchObject({ state: 'fulfilled', doneCount: 2 })
  expect(await window.types()).toEqual(['window:fulfilled'])
})

test('rejected, unconfirmed, supervising and leaving reads do not fulfil', async () => {
  const window = await makeOpenWindow(db)
  const when = { pointId: window.pointId, checkedInAt: after(monday, 5), receivedAt: after(monday, 5) }
  await checkIn(
    db,
    { ...when, verdict: 'rejected' },
    { ...when, fulfils: 'when-confirmed' },
    { ...when, role: 'supervisor' },
    { ...when, act: 'check-out' },
  )
  expect(await readWindow(db, window.id)).toMatchObject({ state: 'pending', doneCount: 0 })
})

test('a review that rejects a check-in takes its window back', async () => {
  const window = await makeOpenWindow(db)
  const id = randomUUID()
  const visit = { pointId: window.pointId, checkedInAt: after(monday, 5) }
  await checkIn(db, { ...visit, id, receivedAt: after(monday, 5) })
  await inTransaction(db, async (tx) => {
    await tx.$client.query(`update check_in set verdict = 'rejected' where id = $1`, [id])
    await settleWindows(tx, [visit], after(monday, 60))
  })
  expect(await readWindow(db, window.id)).toMatchObject({ state: 'open', doneCount: 0, checkInId: null })
  await sweepWindows(db, { now: after(monday, 600) })
  expect(await window.types()).toEqual(['window:fulfilled', 'window:opened', 'window:missed'])
})

test('a check-in where no window was made changes nothing', async () => {
  const { point } = await makePoint(db, await makePrecinct(db))
  expect(await checkIn(db, { pointId: point.id, checkedInAt: monday, receivedAt: monday })).toEqual([])
})

test('a diversion excuses an open window, with reason, evidence and audit', async () => {
  const window = await makeOpenWindow(db)
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
  await checkIn(db, {
    pointId: window.pointId,
    checkedInAt: after(monday, 30),
    receivedAt: after(monday, 700),
  })

  expect(await readWindow(db, window.id)).toMatchObject({
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
  const window = await makeOpenWindow(db)
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
  const window = await makeOpenWindow(db)
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
  await checkIn(db, {
    pointId: window.pointId,
    checkedInAt: after(monday, 60),
    receivedAt: after(monday, 800),
  })
  expect(await window.types()).toEqual(['window:missed', 'window:unexcused', 'window:corrected'])
})
