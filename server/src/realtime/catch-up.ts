import { sql } from 'drizzle-orm'
import type { EventPage, Scope } from '@patrol/contract'
import type { Db } from '@patrol/db'
import { withinScope } from '../organisation/scope.ts'
import { ProblemError } from '../problems.ts'
import type { EventFeed } from './event-feed.ts'
import { eventColumns, readEvent, type EventRow } from './event-row.ts'

/**
 * The events of a scope after a position: from the gateway's memory where it reaches, else from the log.
 * `through` is where the page is complete up to, also when the last events are not visible to the scope.
 * @throws EVENTS_GONE when the log no longer reaches back so far.
 */
export async function catchUp(
  db: Db,
  feed: EventFeed,
  { scope, after, limit }: { scope: Scope; after: number; limit: number },
): Promise<EventPage> {
  if (after > feed.head()) await feed.refresh()
  const head = feed.head()
  const recent = feed.recent(scope, after, limit)
  if (recent !== null) return { through: recent.through, head, events: recent.events }

  const oldest = await db.execute<{ pos: string | null }>(sql`select min(pos) as pos from event`)
  if (after + 1 < Number(oldest.rows[0]?.pos ?? head + 1)) throw new ProblemError('EVENTS_GONE')
  const found = await db.execute<EventRow & Record<string, unknown>>(sql`
    select ${sql.raw(eventColumns)} from event
    where pos > ${after} and pos <= ${head}
      and ${withinScope(scope, { precinctId: sql`precinct_id`, stationId: sql`station_id` })}
    order by pos limit ${limit}`)
  const events = found.rows.map(readEvent)
  const last = events.at(-1)
  return { through: last !== undefined && events.length === limit ? last.pos : head, head, events }
}
