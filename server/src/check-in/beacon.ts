import { createHmac, timingSafeEqual } from 'node:crypto'

/**
 * A time beacon: the server's time with a MAC. A phone that later sends it back together with its monotonic clock
 * proves that its claimed time is not older than the beacon and not freely invented.
 */
export function signBeacon(now: Date, key: Buffer): string {
  const at = String(now.getTime())
  return `${at}.${macOf(at, key).toString('base64url')}`
}

/** The time in a beacon of ours, in epoch milliseconds; null for anything else. */
export function readBeacon(token: string, key: Buffer): number | null {
  const [at = '', mac = ''] = token.split('.')
  const given = Buffer.from(mac, 'base64url')
  const right = macOf(at, key)
  if (given.length !== right.length || !timingSafeEqual(given, right)) return null
  return Number(at)
}

function macOf(at: string, key: Buffer): Buffer {
  return createHmac('sha256', key).update(`patrol-beacon:${at}`).digest().subarray(0, 16)
}
