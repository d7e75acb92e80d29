import { sql } from 'drizzle-orm'
import type { Tx } from '@patrol/db'
import { raiseAlerts } from './raise-alert.ts'

/** One missed point is never an alert by itself: this many of one precinct, not yet decided, in the last hour are. */
const manyMissed = 10

/**
 * Called with the sweep that declared windows missed, in its transaction: one row per precinct, however many points.
 */
export async function raiseMissedAlerts(
  tx: Tx,
  now: Date,
  missed: readonly { precinctId: number }[],
): Promise<void> {
  const byPrecinct = new Map<number, number>()
  for (const { precinctId } of missed) byPrecinct.set(precinctId, (byPrecinct.get(precinctId) ?? 0) + 1)
  if (byPrecinct.size === 0) return
  const at = now.toISOString()
  const { rows } = await tx.execute<{ id: number; name: string; open: boolean; recent: number }>(sql`
    select o.id, o.name,
      exists (select from alert where dedup_key = 'missed-windows:' || o.id and closed_at is null) as open,
      (select count(*)::int from patrol_window w
        where w.precinct_id = o.id and w.state = 'missed' and w.grace_ends_at > ${at}::timestamptz - interval '1 hour'
          and w.service_on >= (${at}::timestamptz at time zone 'Asia/Taipei')::date - 1) as recent
    from organisation o where o.id = any(${sql.param([...byPrecinct.keys()])}::int[])`)
  await raiseAlerts(
    tx,
    now,
    rows
      .filter((row) => row.open || row.recent >= manyMissed)
      .map((row) => ({
        kind: 'missed-windows',
        dedupKey: `missed-windows:${row.id}`,
        priority: 2 as const,
        precinctId: row.id,
        stationId: null,
        subject: { place: row.name },
        // The row begins with all of the last hour, and grows by what follows.
        count: row.open ? (byPrecinct.get(row.id) ?? 0) : row.recent,
      })),
  )
}
