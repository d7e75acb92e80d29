import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { checkSymbol, decode64, decodeDigit, encode64, encodeDigit, normalise } from './crockford.ts'

/**
 * The code on a label: one digit key version, 13 digits opaque id, 13 digits MAC (64 bits each, Crockford base 32).
 * It means nothing to a stranger, and nobody without our key can make one.
 */
export function signQr(opaqueId: bigint, keyVersion: number, key: Buffer): string {
  return encodeDigit(keyVersion) + encode64(opaqueId) + encode64(macOf(opaqueId, keyVersion, key))
}

export type QrProofResult =
  { kind: 'proof-qr'; opaqueId: bigint; keyVersion: number } | { kind: 'malformed-proof' | 'signature-wrong' }

/** Judges a scanned code by cryptography alone. Never throws. */
export function verifyQr(code: string, keys: ReadonlyMap<number, Buffer>): QrProofResult {
  const text = normalise(code)
  const opaqueId = decode64(text.slice(1, 14))
  const mac = decode64(text.slice(14))
  const keyVersion = decodeDigit(text.slice(0, 1))
  if (text.length !== 27 || opaqueId === null || mac === null || keyVersion === null) {
    return { kind: 'malformed-proof' }
  }
  const key = keys.get(keyVersion)
  if (key === undefined) return { kind: 'signature-wrong' }
  const right = toBytes(macOf(opaqueId, keyVersion, key))
  return timingSafeEqual(right, toBytes(mac))
    ? { kind: 'proof-qr', opaqueId: BigInt.asIntN(64, opaqueId), keyVersion }
    : { kind: 'signature-wrong' }
}

/** The readable code under the label: 13 digits and a check symbol, in groups of four. */
export function readableCode(opaqueId: bigint): string {
  return `${encode64(opaqueId)}${checkSymbol(opaqueId)}`.replace(/(.{4})(?=.)/g, '$1-')
}

/** Reads a typed code; null when the check symbol or a digit is wrong. */
export function parseTypedCode(code: string): bigint | null {
  // The check symbol may be U; the look-alikes concern digits only.
  const text = code.toUpperCase().replace(/[\s-]/g, '')
  const opaqueId = decode64(text.slice(0, 13))
  if (opaqueId === null || text.length !== 14 || checkSymbol(opaqueId) !== text.slice(13)) return null
  return BigInt.asIntN(64, opaqueId)
}

/** A new opaque id, as PostgreSQL's signed bigint. */
export const newOpaqueId = () => randomBytes(8).readBigInt64BE()

function macOf(opaqueId: bigint, keyVersion: number, key: Buffer): bigint {
  return createHmac('sha256', key)
    .update(`patrol-qr:${keyVersion}:`)
    .update(toBytes(opaqueId))
    .digest()
    .readBigUInt64BE()
}

function toBytes(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt.asUintN(64, value))
  return bytes
}
