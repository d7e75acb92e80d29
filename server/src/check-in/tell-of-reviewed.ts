import type { CheckInSummary } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { appendEvents } from '../realtime/append-events.ts'

/** Tells the screens that check-ins have another verdict than before, in the transaction that gave it. */
export async function tellOfReviewed(tx: Tx, now: Date, checkIns: readonly CheckInSummary[]): Promise<void> {
  await appendEvents(
    tx,
    now,
    checkIns.map((data) => ({
      type: 'check-in:reviewed' as const,
      precinctId: data.precinctId,
      stationId: data.stationId,
      data,
    })),
  )
}
