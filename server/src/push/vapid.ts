import { createECDH, createPrivateKey, sign, type KeyObject } from 'node:crypto'

/** By which push services know us (RFC 8292). */
export interface Vapid {
  /** Uncompressed P-256 point, base64url: browsers subscribe with it. */
  publicKey: string
  privateKey: KeyObject
  /** `mailto:` or `https:`, where a push service complains to. */
  subject: string
}

/** A token for one push service is good for so long; the RFC allows a day. */
const tokenSeconds = 12 * 3_600

/** @throws when the 32 bytes are no private key of P-256 */
export function readVapid(privateKey: Buffer, subject: string): Vapid {
  const curve = createECDH('prime256v1')
  curve.setPrivateKey(privateKey)
  const point = curve.getPublicKey()
  return {
    publicKey: point.toString('base64url'),
    privateKey: createPrivateKey({
      format: 'jwk',
      key: {
        kty: 'EC',
        crv: 'P-256',
        x: point.subarray(1, 33).toString('base64url'),
        y: point.subarray(33).toString('base64url'),
        d: privateKey.toString('base64url'),
      },
    }),
    subject,
  }
}

/** The Authorization header for one push service. @param now real time, since the service's clock judges it */
export function authorise({ publicKey, privateKey, subject }: Vapid, endpoint: string, now: Date): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const claims = {
    aud: new URL(endpoint).origin,
    exp: Math.floor(now.getTime() / 1_000) + tokenSeconds,
    sub: subject,
  }
  const text = `${encode({ typ: 'JWT', alg: 'ES256' })}.${encode(claims)}`
  const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' })
  return `vapid t=${text}.${signature.toString('base64url')}, k=${publicKey}`
}
