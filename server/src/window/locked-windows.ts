import type { WindowChange, WindowState } from '@patrol/contract'
import type { OpenTx } from '@patrol/db'
import type { Decision, Visit, WindowFacts } from './evaluate-window.ts'
import { insertWindowEvents } from './window-events.ts'

/**
 * No window lasts longer, grace included. A check-in looks for its windows by their start, and this bounds how far back;
 * a weekly rule fits.
 */
export const LONGEST_WINDOW_DAYS = 8

/** A row of `patrol_window` that this transaction has locked. */
export interface LockedWindow extends WindowFacts {
  id: number
  patrolPointId: number
  precinctId: number
  stationId: number
  state: WindowState
  doneCount: number
  nextChangeAt: Date | null
  checkInId: string | null
  decided: boolean
}

/** A window after a check-in, a decision or a review; `from` equals `to` where only the count moved, or nothing did. */
export interface TouchedWindow extends Pick<
  WindowChange,
  'windowId' | 'pointId' | 'from' | 'to' | 'doneCount' | 'requiredCount' | 'checkInId'
> {
  precinctId: number
  stationId: number
}

/** Shared by whoever settles windows; alone for whoever makes some that have begun (materialise-windows.ts). */
const begunLock = 7_791_004

/**
 * Called before windows are looked for: those that are being made for a time already begun are waited for, so that a check-in
 * and its window cannot commit without having seen each other.
 */
export async function waitForBegunWindows(tx: OpenTx): Promise<void> {
  await tx.$client.query({
    name: 'wait-for-begun-windows',
    text: 'select pg_advisory_xact_lock_shared($1)',
    values: [begunLock],
  })
}

/** Until the transaction ends nobody else settles windows; whoever did has committed. */
export async function holdBegunWindows(tx: OpenTx): Promise<void> {
  await tx.$client.query('select pg_advisory_xact_lock($1)', [begunLock])
}

const columns = `w.id::float8 as id, w.patrol_point_id as "patrolPointId", w.precinct_id as "precinctId",
  w.station_id as "stationId", w.starts_at as "startsAt", w.ends_at as "endsAt", w.grace_ends_at as "graceEndsAt",
  w.required_count as "requiredCount", w.done_count as "doneCount", w.state, w.next_change_at as "nextChangeAt",
  w.check_in_id as "checkInId", w.decided_by is not null as decided`

/** Locks the windows with these ids, in id order, so that two transactions cannot wait for each other. */
export async function lockWindows(tx: OpenTx, ids: readonly number[]): Promise<LockedWindow[]> {
  const { rows } = await tx.$client.query<LockedWindow>({
    name: 'lock-windows',
    text: `select ${columns} from patrol_window w where w.id = any($1::bigint[]) order by w.id for update`,
    values: [ids],
  })
  return rows
}

/** Locks every window of these points whose `[startsAt, graceEndsAt)` holds the time, in id order. */
export async function lockWindowsAt(
  tx: OpenTx,
  visits: readonly { pointId: number; checkedInAt: Date }[],
): Promise<LockedWindow[]> {
  const { rows } = await tx.$client.query<LockedWindow>({
    name: 'lock-windows-at',
    text: `select ${columns} from patrol_window w
      where w.id in (
        select near.id from unnest($1::int[], $2::timestamptz[]) as visit(point_id, at)
        join patrol_window near on near.patrol_point_id = visit.point_id
          and near.starts_at <= visit.at and near.starts_at > visit.at - interval '${LONGEST_WINDOW_DAYS} days'
          and near.grace_ends_at > visit.at
      )
      order by w.id for update`,
    values: [visits.map((visit) => visit.pointId), visits.map((visit) => visit.checkedInAt.toISOString())],
  })
  return rows
}

/**
 * The check-ins that count for these windows, by window id. A statement of its own, after the lock: only then does it see
 * what the transaction that held the lock before had committed.
 */
export async function readVisits(tx: OpenTx, windowIds: readonly number[]): Promise<Map<number, Visit[]>> {
  // Not prepared by name: a plan made while the table was small reads it whole, and is kept while it grows in a burst.
  const { rows } = await tx.$client.query<Visit & { windowId: number }>(
    `select w.id::float8 as "windowId", c.id, c.checked_in_at as "checkedInAt", c.received_at as "receivedAt"
      from patrol_window w
      join check_in c on c.patrol_point_id = w.patrol_point_id
        and c.checked_in_at >= w.starts_at and c.checked_in_at < w.grace_ends_at
      where w.id = any($1::bigint[])
        and c.fulfils = 'yes' and c.verdict <> 'rejected' and c.act = 'check-in' and c.role = 'patrol'`,
    [windowIds],
  )
  return Map.groupBy(rows, (row) => row.windowId)
}

/** The decision that stands in the row. Proof that came later hides an `unexcused` under `corrected`. */
export function readDecision({ state, decided }: LockedWindow): Decision | null {
  if (state === 'excused' || state === 'made-up' || state === 'unexcused') return state
  return state === 'corrected' && decided ? 'unexcused' : null
}

/** Writes new states and their events in one statement. `changes` must be windows that this transaction has locked. */
export async function writeChanges(
  tx: OpenTx,
  now: Date,
  changes: readonly (TouchedWindow & { nextChangeAt: Date | null })[],
): Promise<void> {
  if (changes.length === 0) return
  await tx.$client.query({
    name: 'write-window-changes',
    text: `with clock as (select $2::timestamptz as now), change as (
        select * from jsonb_to_recordset($1::jsonb) as change("windowId" bigint, "from" text, "to" text,
          "doneCount" int, "nextChangeAt" timestamptz, "checkInId" uuid)
      ), moved as (
        update patrol_window w
        set state = change."to", done_count = change."doneCount", next_change_at = change."nextChangeAt",
          check_in_id = change."checkInId"
        from change where w.id = change."windowId"
        returning w.*, change."from" as was
      )
      ${insertWindowEvents}`,
    values: [JSON.stringify(changes), now.toISOString()],
  })
}
