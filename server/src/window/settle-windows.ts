import type { OpenTx } from '@patrol/db'
import { evaluateWindow, type Visit } from './evaluate-window.ts'
import {
  lockWindows,
  lockWindowsAt,
  readDecision,
  readVisits,
  waitForBegunWindows,
  writeChanges,
  type LockedWindow,
  type TouchedWindow,
} from './locked-windows.ts'

/**
 * Brings the windows that these check-ins lie in up to date, with `window:fulfilled` and `window:corrected` events.
 * Called in the transaction that stored or reviewed the check-ins, after that. Four statements at most, however many
 * check-ins: this is the way of every check-in. Where no window was materialised for that time, nothing happens.
 *
 * @param now when the check-ins were received
 * @returns every window that was looked at, also those that did not move
 */
export async function settleWindows(
  tx: OpenTx,
  visits: readonly { pointId: number; checkedInAt: Date }[],
  now: Date,
): Promise<TouchedWindow[]> {
  if (visits.length === 0) return []
  await waitForBegunWindows(tx)
  return settleLocked(tx, await lockWindowsAt(tx, visits), now)
}

/** The same for windows known by id. */
export async function recountWindows(
  tx: OpenTx,
  windowIds: readonly number[],
  now: Date,
): Promise<TouchedWindow[]> {
  if (windowIds.length === 0) return []
  return settleLocked(tx, await lockWindows(tx, windowIds), now)
}

async function settleLocked(
  tx: OpenTx,
  windows: readonly LockedWindow[],
  now: Date,
): Promise<TouchedWindow[]> {
  if (windows.length === 0) return []
  const visits = await readVisits(
    tx,
    windows.map((window) => window.id),
  )
  const settled = windows.map((window) => settleWindow(window, visits.get(window.id) ?? [], now))
  await writeChanges(
    tx,
    now,
    settled.flatMap(({ changed, touched, nextChangeAt }) => (changed ? [{ ...touched, nextChangeAt }] : [])),
  )
  return settled.map(({ touched }) => touched)
}

const movedByTime = new Set(['pending', 'open', 'grace', 'missed'])

function settleWindow(window: LockedWindow, visits: readonly Visit[], now: Date) {
  const next = evaluateWindow(window, visits, readDecision(window), now)
  // What time alone moves is the sweep's to declare, with its alerts: a server's clock a little behind the database's
  // must not open a window again that the sweep has closed.
  const waits = movedByTime.has(window.state) && movedByTime.has(next.state)
  const touched: TouchedWindow = {
    windowId: window.id,
    pointId: window.patrolPointId,
    precinctId: window.precinctId,
    stationId: window.stationId,
    from: window.state,
    to: waits ? window.state : next.state,
    doneCount: next.doneCount,
    requiredCount: window.requiredCount,
    checkInId: next.checkInId,
  }
  const changed =
    touched.to !== window.state ||
    touched.doneCount !== window.doneCount ||
    touched.checkInId !== window.checkInId
  return { changed, touched, nextChangeAt: waits ? window.nextChangeAt : next.nextChangeAt }
}
