import { createHmac } from 'node:crypto'

/** Crockford's base 32. */
const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/**
 * The code of a label, written again from its description and not from the server's source, which makes every load test also
 * a check of the format: one digit key version, 13 digits opaque id, 13 digits MAC.
 */
export function signQr(opaqueId: bigint, keyVersion: number, key: Buffer): string {
  const id = Buffer.alloc(8)
  id.writeBigInt64BE(opaqueId)
  const mac = createHmac('sha256', key).update(`patrol-qr:${keyVersion}:`).update(id).digest()
  return `${digits[keyVersion] ?? ''}${inDigits(id)}${inDigits(mac.subarray(0, 8))}`
}

/** Eight bytes as 13 digits of five bits, the first of which holds only four. */
function inDigits(bytes: Buffer): string {
  const bits = `0${[...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')}`
  return (bits.match(/.{5}/g) ?? []).map((five) => digits[parseInt(five, 2)] ?? '').join('')
}

/** A time beacon as the server gives it to phones: its time with a MAC of 16 bytes. */
export function signBeacon(at: number, serverKey: Buffer): string {
  const mac = createHmac('sha256', serverKey).update(`patrol-beacon:${at}`).digest().subarray(0, 16)
  return `${at}.${mac.toString('base64url')}`
}
