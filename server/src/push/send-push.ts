import { sql, type SQL } from 'drizzle-orm'
import type { PushKind } from '@patrol/contract'
import type { Db } from '@patrol/db'
import type { Log } from '../log.ts'
import { encryptMessage } from './encrypt-message.ts'
import { authorise, type Vapid } from './vapid.ts'

/**
 * Wakes the phones of officers, as far as they asked for it. The message is a hint of its kind and nothing else: what it is
 * about, the app fetches after the log-in. Never throws, for a phone that sleeps is no reason to undo an order; call it after
 * the commit, and nobody need wait for it. Does nothing without VAPID keys.
 * @param officers a query for their ids, as of `push/audiences.ts`
 */
export type SendPush = (officers: SQL, kind: PushKind) => Promise<PushResult>

export interface PushResult {
  sent: number
  /** Subscriptions that their service no longer knows: forgotten. */
  gone: number
  failed: number
}

/** How long a push service keeps it for a phone without signal, and how hard it tries. An old order only confuses. */
const manners: Record<PushKind, { ttlSeconds: number; urgency: 'high' | 'normal' }> = {
  sos: { ttlSeconds: 300, urgency: 'high' },
  alert: { ttlSeconds: 300, urgency: 'high' },
  order: { ttlSeconds: 900, urgency: 'high' },
  message: { ttlSeconds: 3_600, urgency: 'normal' },
}

const patienceMs = 10_000
const atOnce = 20
/** In a row; then the subscription is forgotten. */
const mostFailures = 20

interface SubscriptionRow extends Record<string, unknown> {
  id: number
  endpoint: string
  public_key: Buffer
  auth_secret: Buffer
}

export function createPush({ db, vapid, log }: { db: Db; vapid: Vapid | null; log: Log }): SendPush {
  return async (officers, kind) => {
    const result: PushResult = { sent: 0, gone: 0, failed: 0 }
    if (vapid === null) return result
    try {
      const { rows } = await db.execute<SubscriptionRow>(sql`
        select p.id, p.endpoint, p.public_key, p.auth_secret
        from push_subscription p join session s on s.id = p.session_id join officer o on o.id = p.officer_id
        where p.officer_id in (${officers})
          and s.revoked_at is null and s.expires_at > clock_timestamp() and o.disabled_at is null`)
      for (let from = 0; from < rows.length; from += atOnce) {
        const outcomes = await Promise.all(
          rows.slice(from, from + atOnce).map((row) => deliver(vapid, row, kind)),
        )
        for (const outcome of outcomes) result[outcome.became]++
        await note(db, outcomes)
      }
    } catch (error) {
      log.warn({ err: error, kind }, 'phones were not woken')
    }
    return result
  }
}

interface Outcome {
  id: number
  became: keyof PushResult
}

async function deliver(vapid: Vapid, row: SubscriptionRow, kind: PushKind): Promise<Outcome> {
  const { ttlSeconds, urgency } = manners[kind]
  try {
    const response = await fetch(row.endpoint, {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.timeout(patienceMs),
      headers: {
        authorization: authorise(vapid, row.endpoint, new Date()),
        'content-encoding': 'aes128gcm',
        'content-type': 'application/octet-stream',
        ttl: String(ttlSeconds),
        urgency,
        // A newer hint of the kind replaces one that still waits.
        topic: kind,
      },
      body: encryptMessage(
        { publicKey: row.public_key, authSecret: row.auth_secret },
        Buffer.from(JSON.stringify({ kind })),
      ),
    })
    await response.body?.cancel()
    if (response.ok) return { id: row.id, became: 'sent' }
    return { id: row.id, became: response.status === 404 || response.status === 410 ? 'gone' : 'failed' }
  } catch {
    // No network, a service in trouble, a key that is none: counted in the row, and forgotten when it goes on.
    return { id: row.id, became: 'failed' }
  }
}

async function note(db: Db, outcomes: readonly Outcome[]): Promise<void> {
  const idsOf = (became: Outcome['became']) =>
    sql.param(outcomes.filter((one) => one.became === became).map(({ id }) => id))
  await db.execute(sql`
    update push_subscription set failures = case when id = any(${idsOf('failed')}::int[]) then failures + 1 else 0 end
    where id = any(${idsOf('failed')}::int[]) or id = any(${idsOf('sent')}::int[]) and failures > 0`)
  await db.execute(sql`
    delete from push_subscription where id = any(${idsOf('gone')}::int[]) or failures >= ${mostFailures}`)
}
