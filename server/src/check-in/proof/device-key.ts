import { createPublicKey, verify, type KeyObject } from 'node:crypto'

/** A P-256 public key as JWK: what WebCrypto exports of a key pair whose private half cannot be exported. */
export interface DevicePublicKey {
  kty: 'EC'
  crv: 'P-256'
  x: string
  y: string
}

const coordinate = /^[A-Za-z0-9_-]{43}$/
const signatureBytes = 64

/** Keys already read: reading one costs as much as a verification. Bounded, since devices are few and ids are not. */
const read = new Map<string, KeyObject | null>()
const readLimit = 5_000

/** The four members of a P-256 JWK that is a point of the curve; null for anything else. */
export function parsePublicKey(value: unknown): DevicePublicKey | null {
  if (typeof value !== 'object' || value === null) return null
  const { kty, crv, x, y }: { kty?: unknown; crv?: unknown; x?: unknown; y?: unknown } = value
  if (kty !== 'EC' || crv !== 'P-256' || typeof x !== 'string' || typeof y !== 'string') return null
  if (!coordinate.test(x) || !coordinate.test(y)) return null
  const key: DevicePublicKey = { kty, crv, x, y }
  return openKey(key) === null ? null : key
}

/**
 * Is `signature` (base64url of r and s, 32 bytes each, as WebCrypto writes it) this key's over `text`? Never throws: what is
 * no signature or no key is a wrong one.
 */
export function verifyDeviceSignature(text: string, signature: string, publicKey: unknown): boolean {
  const parsed = parsePublicKey(publicKey)
  const key = parsed && openKey(parsed)
  const bytes = Buffer.from(signature, 'base64url')
  if (!key || bytes.length !== signatureBytes || bytes.toString('base64url') !== signature) return false
  return verify('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }, bytes)
}

function openKey(jwk: DevicePublicKey): KeyObject | null {
  const name = `${jwk.x}.${jwk.y}`
  const known = read.get(name)
  if (known !== undefined) return known
  if (read.size >= readLimit) read.clear()
  const key = readKey(jwk)
  read.set(name, key)
  return key
}

function readKey(jwk: DevicePublicKey): KeyObject | null {
  try {
    return createPublicKey({ key: { ...jwk }, format: 'jwk' })
  } catch {
    return null // not on the curve
  }
}
