import { randomBytes } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Db } from '@patrol/db'
import { checkPassword } from './check-password.ts'
import { hashToken } from './principal.ts'

export type LogInResult = { kind: 'ok'; token: string; officerId: number } | { kind: 'wrong' | 'wait' }

/** Checks login and password and opens a session. */
export async function logIn(
  db: Db,
  given: { login: string; password: string; address: string; userAgent: string | null; sessionDays: number },
): Promise<LogInResult> {
  const checked = await checkPassword(db, given)
  if (checked.kind !== 'ok') return checked
  const token = await openSession(db, { officerId: checked.officerId }, given)
  return { kind: 'ok', token, officerId: checked.officerId }
}

/** Opens a session and returns its token; only a hash of it is stored. */
export async function openSession(
  db: Db,
  owner: { officerId?: number; wallDisplayId?: number },
  { userAgent, sessionDays }: { userAgent: string | null; sessionDays: number },
): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  await db.execute(sql`
    insert into session (token_hash, officer_id, wall_display_id, expires_at, user_agent)
    values (${hashToken(token)}, ${owner.officerId ?? null}, ${owner.wallDisplayId ?? null},
      clock_timestamp() + ${`${sessionDays} days`}::interval, ${userAgent?.slice(0, 200) ?? null})`)
  return token
}

/** Ends sessions, and returns the ids of those that were open: their sockets must be cut. */
export async function revokeSessions(
  db: Db,
  which: { sessionId: number } | { officerId: number },
): Promise<number[]> {
  const { rows } = await db.execute<{ id: number }>(sql`
    update session set revoked_at = clock_timestamp()
    where revoked_at is null
      and ${'sessionId' in which ? sql`id = ${which.sessionId}` : sql`officer_id = ${which.officerId}`}
    returning id`)
  return rows.map((row) => row.id)
}
