import { randomUUID } from 'node:crypto'
import { WindowChange } from '@patrol/contract'
import { connect, inTransaction, type Db } from '@patrol/db'
import { makeOfficer } from '@patrol/db/factories'
import fc from 'fast-check'
import { Compile } from 'typebox/compile'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { decideWindow, excuseWindow } from '../src/window/excuse-window.ts'
import { sweepWindows } from '../src/window/sweep-windows.ts'
import { addWindows } from './bulk-windows.ts'
import { freshDatabase, type FreshDatabase } from './fresh-database.ts'
import { windowCase, type WindowCase } from './window-cases.ts'
import { replayWindow, type DecisionAttempt } from './window-oracle.ts'
import { at, checkIn, readEvents, readWindows } from './window-records.ts'

const isWindowChange = Compile(WindowChange)

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

const SEED = 20_261_123

type Plan = WindowCase & { id: number; pointId: number }
/** At one instant check-ins come first, then decisions, then we look. */
type Step = { at: Date; order: 1 | 2 | 3; run(): Promise<unknown> }

async function makePlans() {
  const cases = fc.sample(windowCase, { numRuns: 250, seed: SEED })
  const made = await addWindows(
    db,
    cases.map((each) => each.window),
  )
  const officer = await makeOfficer(db, made)
  const plans: Plan[] = made.windows.flatMap((window, index) => {
    const each = cases[index]
    if (each === undefined) return []
    return [{ ...each, ...window, visits: each.visits.map((visit) => ({ ...visit, id: randomUUID() })) }]
  })
  return { plans, precinctId: made.precinctId, officerId: officer.id }
}

async function decide(windowId: number, officerId: number, { decision, at: now }: DecisionAttempt) {
  // A person sees what the sweep has declared.
  await sweepWindows(db, { now, limit: 100 })
  const words = { windowId, officerId, reason: '測試', evidence: null, now }
  return inTransaction(db, async (tx) => {
    if (decision === 'excused') return excuseWindow(tx, words)
    if (decision === 'unexcused') return decideWindow(tx, { ...words, to: decision })
    return decideWindow(tx, { ...words, to: decision, requestedBy: 0 })
  })
}

async function expectAgreement(plans: readonly Plan[], precinctId: number, now: Date) {
  await sweepWindows(db, { now, limit: 100 })
  const rows = new Map((await readWindows(db, precinctId)).map((row) => [row.id, row]))
  const found = plans.map(({ id }) => {
    const { state, doneCount, nextChangeAt, checkInId } = rows.get(id) ?? {}
    return { id, state, doneCount, nextChangeAt, checkInId }
  })
  const expected = plans.map(({ id, window, visits, attempt }) => {
    const known = visits.filter((visit) => visit.receivedAt <= now)
    const { state, doneCount, nextChangeAt, checkInId } = replayWindow(window, known, attempt, now)
    return { id, state, doneCount, nextChangeAt, checkInId }
  })
  expect(found).toEqual(expected)
}

/** Each event goes on from where the one before it ended, from the beginning to what the row says. */
async function expectUnbrokenStories(precinctId: number) {
  const told = Map.groupBy(await readEvents(db, precinctId), (event) => event.data.windowId)
  for (const row of await readWindows(db, precinctId)) {
    const changes = (told.get(row.id) ?? []).map((event) => event.data)
    expect(changes.every((change) => isWindowChange.Check(change))).toBe(true)
    expect(changes.map(({ from }) => from)).toEqual(['pending', ...changes.slice(0, -1).map(({ to }) => to)])
    expect(changes.at(-1)?.to).toBe(row.state)
    expect(changes.filter(({ to }) => to === 'missed').length).toBeLessThanOrEqual(1)
  }
}

test('hundreds of random plans: the database agrees with the oracle at every look', async () => {
  const { plans, precinctId, officerId } = await makePlans()
  const looks = new Set([...plans.slice(0, 30).map(({ now }) => now.getTime()), at('24T06:00:00').getTime()])
  const steps: Step[] = [...looks].map((look) => ({
    at: new Date(look),
    order: 3,
    run: () => expectAgreement(plans, precinctId, new Date(look)),
  }))
  for (const { id, pointId, visits, attempt } of plans) {
    for (const visit of visits) {
      steps.push({ at: visit.receivedAt, order: 1, run: () => checkIn(db, { pointId, ...visit }) })
    }
    if (attempt) steps.push({ at: attempt.at, order: 2, run: () => decide(id, officerId, attempt) })
  }
  for (const step of steps.sort((a, b) => a.at.getTime() - b.at.getTime() || a.order - b.order)) {
    await step.run()
  }
  await expectUnbrokenStories(precinctId)
}, 300_000)
