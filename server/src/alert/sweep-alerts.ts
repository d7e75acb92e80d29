import { sql } from 'drizzle-orm'
import { inTransaction, type Db, type OpenTx, type Tx } from '@patrol/db'
import { lockAlerts, moveOn, readStored, writeAlerts, type StoredAlert } from './alert-row.ts'
import { groupWindowMs, placeAlerts, type NewParent, type Placeable } from './place-alerts.ts'
import { refreshParents } from './refresh-parents.ts'
import { applyPlans } from './suppress-alerts.ts'

/** One sweep at a time per database: two would make the same parent twice. */
const sweepLock = 7_791_004
/** Alerts per transaction; the rest follows in the next. */
const limit = 500

export interface AlertSweep {
  /** Alerts moved on, and placed. */
  moved: number
  placed: number
  /** The city's time at this look; null when another sweep was at it. */
  now: Date | null
}

/**
 * Moves on every alert whose time has come, finds the fresh ones their place, and climbs the ladder. Twice, late, or on two
 * workers at once it changes nothing more; a row that somebody holds just now is found again a second later.
 */
export async function sweepAlerts(db: Db, { now }: { now?: Date } = {}): Promise<AlertSweep> {
  const total: AlertSweep = { moved: 0, placed: 0, now: null }
  for (;;) {
    const chunk = await inTransaction(db, (tx) => sweepChunk(tx, now))
    total.moved += chunk.moved
    total.placed += chunk.placed
    total.now = chunk.now
    if (chunk.moved < limit && chunk.placed < limit) return total
  }
}

async function sweepChunk(tx: OpenTx, given: Date | undefined): Promise<AlertSweep> {
  const { rows } = await tx.$client.query<{ ok: boolean; now: Date }>(
    'select pg_try_advisory_xact_lock($1) as ok, coalesce($2::timestamptz, city_now()) as now',
    [sweepLock, given?.toISOString() ?? null],
  )
  const first = rows[0]
  if (first?.ok !== true) return { moved: 0, placed: 0, now: null }
  await applyPlans(tx, first.now)
  const moved = await moveDue(tx, first.now)
  const placed = await placeFresh(tx, first.now)
  await refreshParents(tx, first.now)
  return { moved, placed, now: first.now }
}

async function moveDue(tx: Tx, now: Date): Promise<number> {
  const due = await lockAlerts(
    tx,
    sql`where a.next_change_at <= ${now.toISOString()} and not a.is_parent and a.closed_at is null
      order by a.next_change_at, a.id limit ${limit}`,
    { skipLocked: true },
  )
  await writeAlerts(
    tx,
    now,
    due.map((before) => ({ before, after: moveOn(before, now.getTime()) })),
  )
  return due.length
}

async function placeFresh(tx: Tx, now: Date): Promise<number> {
  const fresh = await lockAlerts(
    tx,
    sql`where a.placed_at is null and a.begun_at is not null and a.closed_at is null
      and a.state in ('unack', 'rtn-unack', 'ack') and not a.is_parent order by a.id limit ${limit}`,
    { skipLocked: true },
  )
  if (fresh.length === 0) return 0
  const since = new Date(now.getTime() - groupWindowMs).toISOString()
  const known = await readStored(
    tx,
    sql`where a.placed_at is not null and (a.closed_at is null or a.begun_at > ${since})`,
  )
  const placement = placeAlerts(fresh.map(toPlaceable), known.map(toPlaceable), now.getTime())
  const made = await makeParents(tx, now, placement.parents)
  const real = (id: number | null) => (id === null ? null : (made.get(id) ?? id))
  await joinParents(tx, now, {
    fresh,
    moved: new Map([...placement.moved].map(([id, parent]) => [made.get(id) ?? id, real(parent)])),
  })
  // They were made without an event: what they stand for was not yet known.
  await refreshParents(tx, now)
  return fresh.length
}

function toPlaceable(row: StoredAlert): Placeable {
  const { id, kind, priority, precinctId, parentId, dedupKey, isParent } = row
  const parentKey = isParent ? dedupKey : null
  return {
    id,
    kind,
    priority,
    precinctId,
    parentId,
    parentKey,
    at: row.askedAt ?? 0,
    isOpen: row.closedAt === null,
  }
}

/** @returns the real ids by the ones that placing gave them */
async function makeParents(tx: Tx, now: Date, parents: readonly NewParent[]): Promise<Map<number, number>> {
  const made = new Map<number, number>()
  const at = now.toISOString()
  for (const { id, kind, priority, precinctId, parentKey } of parents) {
    const { rows } = await tx.execute<{ id: number }>(sql`
      insert into alert (kind, dedup_key, priority, state, precinct_id, subject, count, raised_at, changed_at,
        begins_at, begun_at, cause_at, placed_at, is_parent, next_change_at)
      values (${kind}, ${parentKey}, ${priority}, 'pending', ${precinctId},
        coalesce((select jsonb_build_object('place', name) from organisation where id = ${precinctId}), '{}'),
        0, ${at}, ${at}, ${at}, ${at}, ${at}, ${at}, true, ${at})
      returning id`)
    const row = rows[0]
    if (row === undefined) throw new Error('The parent was not stored.')
    made.set(id, row.id)
  }
  return made
}

async function joinParents(
  tx: Tx,
  now: Date,
  { fresh, moved }: { fresh: readonly StoredAlert[]; moved: ReadonlyMap<number, number | null> },
): Promise<void> {
  const others = [...moved.keys()].filter((id) => !fresh.some((row) => row.id === id))
  const rest =
    others.length === 0
      ? []
      : await lockAlerts(
          tx,
          sql`where a.id = any(${sql.param(others)}::int[]) and a.closed_at is null order by a.id`,
        )
  const at = now.getTime()
  const changes = [...fresh, ...rest].map((before) => ({
    before,
    after: { ...before, parentId: moved.get(before.id) ?? before.parentId, placedAt: before.placedAt ?? at },
  }))
  const told = changes.filter(({ before, after }) => before.parentId !== after.parentId)
  await writeAlerts(tx, now, told)
  const alone = changes.filter(({ before, after }) => before.parentId === after.parentId)
  if (alone.length === 0) return
  await tx.execute(sql`
    update alert set placed_at = ${now.toISOString()}
    where id = any(${sql.param(alone.map(({ before }) => before.id))}::int[])`)
}
