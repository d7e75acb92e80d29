import { sql } from 'drizzle-orm'
import type { EventOf, EventType } from '@patrol/contract'
import type { Tx } from '@patrol/db'

/** An event as a command knows it: the relay adds `pos` after commit. */
export type NewEvent<T extends EventType = EventType> = {
  [K in T]: Pick<EventOf<K>, 'type' | 'precinctId' | 'stationId' | 'data'> & {
    /** Where it is not the time of all of them. */
    at?: string
  }
}[T]

/** Writes events into the outbox, in the caller's transaction: they happen if and only if it commits. */
export async function appendEvents(tx: Tx, at: Date, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return
  await tx.execute(sql`
    insert into outbox (type, precinct_id, station_id, at, data)
    select e->>'type', (e->>'precinctId')::int, (e->>'stationId')::int,
      coalesce((e->>'at')::timestamptz, ${at.toISOString()}::timestamptz), e->'data'
    from jsonb_array_elements(${JSON.stringify(events)}::jsonb) with ordinality as list(e, nr) order by nr`)
}
