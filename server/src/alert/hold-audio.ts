import { sql } from 'drizzle-orm'
import type { Db } from '@patrol/db'

/** Real time, not the city's: screens renew it about three times within. */
export const leaseMs = 10_000

/**
 * Lets one screen of a scope sound: the one that holds the lease, or the first to ask once it has lapsed. A screen that may
 * not sound, or is hidden, simply does not ask.
 */
export async function holdAudio(db: Db, scopeKey: string, screenId: string): Promise<boolean> {
  const { rows } = await db.execute<{ holder: string }>(sql`
    insert into audio_lease as l (scope_key, holder, expires_at)
    values (${scopeKey}, ${screenId}, clock_timestamp() + ${`${leaseMs} ms`}::interval)
    on conflict (scope_key) do update set holder = excluded.holder, expires_at = excluded.expires_at
    where l.holder = excluded.holder or l.expires_at < clock_timestamp()
    returning holder`)
  return rows[0]?.holder === screenId
}
