import { createHash, randomBytes } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { FeedKey } from '@patrol/contract'
import { audit, type Tx } from '@patrol/db'

const hash = (key: string) => createHash('sha256').update(key).digest()

/** Makes a key of 256 random bits for another system. It is told here and never again. */
export async function createFeedKey(
  tx: Tx,
  {
    name,
    requestsPerMinute,
    officerId,
  }: { name: string; requestsPerMinute: number; officerId: number | null },
): Promise<{ id: number; key: string }> {
  const key = `srf_${randomBytes(32).toString('base64url')}`
  const { rows } = await tx.execute<{ id: number }>(sql`
    insert into feed_key (name, key_hash, requests_per_minute, created_by)
    values (${name}, ${hash(key)}, ${requestsPerMinute}, ${officerId}) returning id`)
  const row = rows[0]
  if (row === undefined) throw new Error('The key was not stored.')
  const details = { name, requestsPerMinute }
  await tx
    .insert(audit)
    .values({ officerId, action: 'feed-key:created', subject: `feed-key:${row.id}`, details })
  return { id: row.id, key }
}

/** False when there is no such key in use. Open streams with it end within seconds. */
export async function revokeFeedKey(tx: Tx, id: number, officerId: number | null): Promise<boolean> {
  const { rows } = await tx.execute(sql`
    update feed_key set revoked_at = clock_timestamp() where id = ${id} and revoked_at is null returning id`)
  if (rows.length === 0) return false
  await tx.insert(audit).values({ officerId, action: 'feed-key:revoked', subject: `feed-key:${id}` })
  return true
}

export async function listFeedKeys(tx: Tx): Promise<FeedKey[]> {
  const iso = (column: string) =>
    sql.raw(`to_char(k.${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`)
  const { rows } = await tx.execute<FeedKey & Record<string, unknown>>(sql`
    select k.id, k.name, k.requests_per_minute as "requestsPerMinute", o.name as "createdBy", ${iso('created_at')} as "createdAt",
      ${iso('last_used_at')} as "lastUsedAt", ${iso('revoked_at')} as "revokedAt"
    from feed_key k left join officer o on o.id = k.created_by order by k.id`)
  return rows
}

export interface KnownKey {
  id: number
  requestsPerMinute: number
}

/** The key in use with this secret; null for an unknown or revoked one. Notes its use, at most once a minute. */
export async function findFeedKey(tx: Tx, key: string): Promise<KnownKey | null> {
  const { rows } = await tx.execute<{ id: number; requests_per_minute: number; stale: boolean }>(sql`
    select id, requests_per_minute, coalesce(last_used_at < clock_timestamp() - interval '1 minute', true) as stale
    from feed_key where key_hash = ${hash(key)} and revoked_at is null`)
  const row = rows[0]
  if (row === undefined) return null
  if (row.stale)
    await tx.execute(sql`update feed_key set last_used_at = clock_timestamp() where id = ${row.id}`)
  return { id: row.id, requestsPerMinute: row.requests_per_minute }
}
