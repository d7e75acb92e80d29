import { createECDH } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { PushSubscriptionRequest } from '@patrol/contract'
import type { Tx } from '@patrol/db'

/** A station's shared handheld and a phone of one's own, in several browsers, are still fewer. */
const mostPerOfficer = 10

/**
 * Keeps a browser's subscription with the log-in that made it. A browser that is subscribed already changes hands.
 * @returns what is wrong with it, or null: it is kept
 */
export async function subscribe(
  tx: Tx,
  { endpoint, keys }: PushSubscriptionRequest,
  { sessionId, officerId, origins }: { sessionId: number; officerId: number; origins: readonly string[] },
): Promise<'endpoint' | 'keys' | null> {
  if (!isPushService(endpoint, origins)) return 'endpoint'
  const publicKey = Buffer.from(keys.p256dh, 'base64url')
  const authSecret = Buffer.from(keys.auth, 'base64url')
  if (authSecret.length !== 16 || !isPoint(publicKey)) return 'keys'
  await tx.execute(sql`
    insert into push_subscription (session_id, officer_id, endpoint, public_key, auth_secret)
    values (${sessionId}, ${officerId}, ${endpoint}, ${publicKey}, ${authSecret})
    on conflict (endpoint) do update set session_id = excluded.session_id, officer_id = excluded.officer_id,
      public_key = excluded.public_key, auth_secret = excluded.auth_secret, failures = 0`)
  await tx.execute(sql`
    delete from push_subscription where officer_id = ${officerId} and id not in (
      select id from push_subscription where officer_id = ${officerId} order by id desc limit ${mostPerOfficer})`)
  return null
}

/**
 * The server posts to this address, so it must be a push service and no machine of our own network. `https://*.example` stands
 * for all hosts below it.
 */
export function isPushService(endpoint: string, origins: readonly string[]): boolean {
  const url = URL.parse(endpoint)
  if (url === null || url.username !== '' || url.password !== '') return false
  return origins.some((allowed) => {
    const [scheme, host = ''] = allowed.split('://')
    if (url.protocol !== `${scheme}:`) return false
    return host.startsWith('*.') ? url.port === '' && url.hostname.endsWith(host.slice(1)) : url.host === host
  })
}

function isPoint(publicKey: Buffer): boolean {
  if (publicKey.length !== 65) return false
  const curve = createECDH('prime256v1')
  curve.generateKeys()
  try {
    curve.computeSecret(publicKey)
    return true
  } catch {
    return false
  }
}
