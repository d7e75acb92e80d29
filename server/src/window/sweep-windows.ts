import { inTransaction, type Db, type OpenTx } from '@patrol/db'
import { insertWindowEvents } from './window-events.ts'

export interface MissedWindow {
  windowId: number
  pointId: number
  precinctId: number
  stationId: number
}

export interface SweepOptions {
  /** The database's clock by default; given in tests. */
  now?: Date | undefined
  /** Windows per transaction. A thousand take about 0.1 s, so a check-in that waits for one of them waits that long. */
  limit?: number | undefined
  /** Runs in the transaction that declares these windows missed: it is kept or lost together with them. */
  onMissed?: ((tx: OpenTx, now: Date, missed: MissedWindow[]) => Promise<void>) | undefined
}

export interface SweepResult {
  opened: number
  overdue: number
  missed: number
  /** The city's time at the last look. */
  now: Date
}

interface SweptRow {
  now: Date
  id: number | null
  state: 'open' | 'grace' | 'missed'
  pointId: number
  precinctId: number
  stationId: number
}

/**
 * Moves every window whose time has come: pending → open → grace → missed, straight to the right state where several
 * boundaries have passed, with one event each. Twice, late, or on two workers at once it changes nothing more: a moved
 * window is no longer due, and a row that another worker holds is skipped, to be found again if that worker dies.
 */
export async function sweepWindows(db: Db, options: SweepOptions = {}): Promise<SweepResult> {
  const limit = options.limit ?? 1_000
  const total: SweepResult = { opened: 0, overdue: 0, missed: 0, now: new Date(0) }
  for (;;) {
    const chunk = await inTransaction(db, (tx) => sweepChunk(tx, limit, options))
    total.opened += chunk.opened
    total.overdue += chunk.overdue
    total.missed += chunk.missed
    total.now = chunk.now
    if (chunk.opened + chunk.overdue + chunk.missed < limit) return total
  }
}

async function sweepChunk(tx: OpenTx, limit: number, { now, onMissed }: SweepOptions): Promise<SweepResult> {
  // Not prepared by name: the plan depends on how many rows are due, and a general one may read the whole table.
  const { rows } = await tx.$client.query<SweptRow>(sweeping, [now?.toISOString() ?? null, limit])
  const first = rows[0]
  if (first === undefined) throw new Error('The sweep told no time.')
  const moved = rows.flatMap((row) => (row.id === null ? [] : [{ ...row, windowId: row.id }]))
  const missed = moved.filter((row) => row.state === 'missed')
  if (missed.length > 0 && onMissed) {
    await onMissed(
      tx,
      first.now,
      missed.map(({ windowId, pointId, precinctId, stationId }) => ({
        windowId,
        pointId,
        precinctId,
        stationId,
      })),
    )
  }
  return {
    opened: moved.filter((row) => row.state === 'open').length,
    overdue: moved.filter((row) => row.state === 'grace').length,
    missed: missed.length,
    now: first.now,
  }
}

/** `evaluateByTime` of evaluate-window.ts in SQL. $1 the time or null for the city's clock, $2 how many. */
const sweeping = `
  with clock as materialized (
    select coalesce($1::timestamptz, city_now()) as now
  ), due as materialized (
    select id, state from patrol_window
    where next_change_at <= (select now from clock)
    order by next_change_at, id
    limit $2 for update skip locked
  ), moved as (
    update patrol_window w set
      state = case
        when clock.now < w.starts_at then 'pending' when clock.now < w.ends_at then 'open'
        when clock.now < w.grace_ends_at then 'grace' else 'missed' end,
      next_change_at = case
        when clock.now < w.starts_at then w.starts_at when clock.now < w.ends_at then w.ends_at
        when clock.now < w.grace_ends_at then w.grace_ends_at end
    from due, clock where w.id = due.id
    returning w.*, due.state as was
  ), told as (
    ${insertWindowEvents}
  )
  select clock.now, moved.id::float8 as id, moved.state, moved.patrol_point_id as "pointId",
    moved.precinct_id as "precinctId", moved.station_id as "stationId"
  from clock left join moved on true`
