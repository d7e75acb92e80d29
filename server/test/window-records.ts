import { randomUUID } from 'node:crypto'
import type { WindowChange } from '@patrol/contract'
import { inTransaction, patrolWindow, type Db, type OpenTx } from '@patrol/db'
import { makeOfficer } from '@patrol/db/factories'
import { asc, eq } from 'drizzle-orm'
import { settleWindows } from '../src/window/settle-windows.ts'
import { addWindows } from './bulk-windows.ts'

/** A time of November 2026 in UTC, as day and time: `23T06:10:00`. */
export const at = (time: string) => new Date(`2026-11-${time}Z`)
export const after = (base: Date, minutes: number) => new Date(base.getTime() + minutes * 60_000)

/** Ten past two in the afternoon of a Monday in Taipei. */
export const monday = at('23T06:10:00')

export interface TestCheckIn {
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
export async function checkIn(db: Db, ...items: TestCheckIn[]) {
  return inTransaction(db, (tx) => storeAndSettle(tx, items))
}

export async function storeAndSettle(tx: OpenTx, items: TestCheckIn[]) {
  await storeCheckIns(tx, items)
  return settleWindows(tx, items, items[0]?.receivedAt ?? monday)
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

export async function readWindows(db: Db, precinctId: number) {
  return db
    .select()
    .from(patrolWindow)
    .where(eq(patrolWindow.precinctId, precinctId))
    .orderBy(asc(patrolWindow.startsAt), asc(patrolWindow.id))
}

export async function readWindow(db: Db, id: number) {
  const [row] = await db.select().from(patrolWindow).where(eq(patrolWindow.id, id))
  if (row === undefined) throw new Error(`There is no window ${id}.`)
  return row
}

export async function readEvents(db: Db, precinctId: number) {
  const { rows } = await db.$client.query<{ type: string; at: Date; data: WindowChange }>(
    `select type, at, data from outbox where precinct_id = $1 and type like 'window:%' order by id`,
    [precinctId],
  )
  return rows
}

/** One point with one window of two hours and ten minutes of grace, open since `monday`. */
export async function makeOpenWindow(db: Db, requiredCount = 1) {
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
  const types = async () => (await readEvents(db, precinctId)).map((event) => event.type)
  return { ...window, precinctId, officerId: officer.id, types }
}
