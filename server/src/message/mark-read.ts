import { sql } from 'drizzle-orm'
import type { OpenTx } from '@patrol/db'
import { appendEvents } from '../realtime/append-events.ts'

/** Notes that an officer has read messages; the consoles count. Twice changes nothing, and what was not sent to them neither. */
export async function markRead(
  tx: OpenTx,
  { ids, officerId, now }: { ids: readonly string[]; officerId: number; now: Date },
): Promise<void> {
  const { rows } = await tx.execute<{ message_id: string }>(sql`
    update message_recipient set read_at = ${now.toISOString()}
    where message_id = any(${sql.param(ids)}::uuid[]) and officer_id = ${officerId} and read_at is null
    returning message_id`)
  // In one order, so that two readers of the same messages cannot wait for each other.
  for (const id of rows.map((row) => row.message_id).toSorted()) {
    // Locked: of two readers at once the second counts the first.
    await tx.execute(sql`select 1 from message where id = ${id} for update`)
    const counted = await tx.execute<CountRow>(sql`
      select m.sent_at, m.urgent, m.precinct_id, m.station_id, count(*)::int as recipients, count(r.read_at)::int as read
      from message m join message_recipient r on r.message_id = m.id where m.id = ${id} group by m.id`)
    const row = counted.rows[0]
    if (row === undefined) continue
    const { urgent, recipients, read, precinct_id: precinctId, station_id: stationId } = row
    const data = { id, sentAt: new Date(row.sent_at).toISOString(), urgent, recipients, read }
    await appendEvents(tx, now, [{ type: 'message:read', precinctId, stationId, data }])
  }
}

interface CountRow extends Record<string, unknown> {
  sent_at: Date
  urgent: boolean
  precinct_id: number | null
  station_id: number | null
  recipients: number
  read: number
}
