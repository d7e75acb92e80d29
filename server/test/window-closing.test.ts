import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type Db, type OpenTx } from '@patrol/db'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSweeper } from '../src/window/run-sweeper.ts'
import { sweepWindows } from '../src/window/sweep-windows.ts'
import { addWindows } from './bulk-windows.ts'
import { freshDatabase, type FreshDatabase } from './fresh-database.ts'
import { after, monday, readEvents } from './window-records.ts'

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
  const events = await readEvents(db, precinctId)
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
  const { precinctId } = await addCityInGrace(new Date(Date.now() + 1_000))
  const log = pino({ level: 'silent' })
  const pools = ['sweeper one', 'sweeper two'].map((name) => connect(database.databaseUrl, { name }))
  const sweepers = pools.map((pool) => startSweeper({ db: pool, log, everyMs: 50 }))
  const cutConnections = `select from pg_stat_activity
    where datname = current_database() and application_name like 'sweeper %' and pg_terminate_backend(pid)`
  for (let cut = 0; cut < 20;) cut += (await db.$client.query(cutConnections)).rowCount ?? 0
  const stillOpen = 'select from patrol_window where precinct_id = $1 and next_change_at is not null limit 1'
  while ((await db.$client.query(stillOpen, [precinctId])).rowCount !== 0) await sleep(20)
  await Promise.all(sweepers.map((sweeper) => sweeper.stop()))
  await Promise.all(pools.map((pool) => pool.$client.end()))
  await expectAllMissedOnce(precinctId)
})
