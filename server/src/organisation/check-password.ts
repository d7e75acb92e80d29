import { createHash, randomBytes } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Db } from '@patrol/db'
import { hashPassword, verifyPassword } from './password.ts'

/**
 * Failed tries within the waiting time before more are refused: few from one address, so that guessing is slow,
 * and many more in all, so that a stranger elsewhere cannot lock an officer out with five wrong guesses.
 */
const maxFromAddress = 5
const maxInAll = 50
const waitMinutes = 5

/** Somebody must pay for a hash, also when the login is unknown: the answer takes as long and says the same. */
const decoy = hashPassword(randomBytes(16).toString('hex'))

export type PasswordResult = { kind: 'ok'; officerId: number } | { kind: 'wrong' | 'wait' }

/** Does this password open this account? Failures are counted per login, known or not; after too many, nobody may try. */
export async function checkPassword(
  db: Db,
  given: { login: string; password: string; address: string },
): Promise<PasswordResult> {
  const login = given.login.trim().toLowerCase()
  const keys = [attemptKey(login, given.address), attemptKey(login)]
  const waiting = await db.execute<{ wait: boolean }>(sql`
    select coalesce(bool_or(failures >= case when key = ${keys[0]} then ${maxFromAddress}::int else ${maxInAll}::int end), false) as wait
    from login_attempt where key = any(${sql.param(keys)}::text[])
      and last_failed_at > clock_timestamp() - ${`${waitMinutes} minutes`}::interval`)
  if (waiting.rows[0]?.wait === true) return { kind: 'wait' }

  const found = await db.execute<{ id: number; password_hash: string; disabled: boolean }>(sql`
    select id, password_hash, disabled_at is not null as disabled from officer where login = ${login}`)
  const account = found.rows[0]
  const hash = account?.password_hash ?? ''
  // An account without a password costs the same, too.
  const right = await verifyPassword(given.password, hash.startsWith('$argon2id$') ? hash : await decoy)
  if (account === undefined || account.disabled || !right) {
    await db.execute(sql`
      insert into login_attempt (key, failures, last_failed_at)
      select key, 1, clock_timestamp() from unnest(${sql.param(keys)}::text[]) key order by key
      on conflict (key) do update set last_failed_at = excluded.last_failed_at,
        failures = case when login_attempt.last_failed_at > clock_timestamp() - ${`${waitMinutes} minutes`}::interval
          then login_attempt.failures + 1 else 1 end`)
    return { kind: 'wrong' }
  }
  await db.execute(sql`delete from login_attempt where key = any(${sql.param(keys)}::text[])`)
  return { kind: 'ok', officerId: account.id }
}

/** Neither logins nor addresses are kept in the clear. */
function attemptKey(login: string, address = '*'): string {
  return createHash('sha256').update(`${login}\n${address}`).digest('hex')
}
