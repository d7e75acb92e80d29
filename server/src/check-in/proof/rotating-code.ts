import { createHmac, timingSafeEqual } from 'node:crypto'
import { decode64, encode64, normalise } from './crockford.ts'
import { signQr, verifyQr } from './signed-qr.ts'
import { computeTotp } from './totp.ts'

// The code of a display: the signed code of its tag, a point, the time step in six base-32 digits, and that step's TOTP in
// eight decimal ones. The step stands in it so that a scan which is uploaded a day later is judged by when it was made.
const rotating = /^([^.]+)\.(.{6})(\d{8})$/

export type RotatingResult =
  | { kind: 'proof-rotating'; opaqueId: bigint; keyVersion: number; step: number }
  | { kind: 'malformed-proof' | 'signature-wrong' }

export const isRotating = (code: string) => code.includes('.')

/** The code that a display shows during one time step. */
export function writeRotatingCode(opaqueId: bigint, keyVersion: number, key: Buffer, step: number): string {
  const shown = encode64(BigInt(step)).slice(-6) + computeTotp(secretOf(opaqueId, keyVersion, key), step)
  return `${signQr(opaqueId, keyVersion, key)}.${shown}`
}

/** Judges a scanned code by cryptography alone; whether its step was the one of the scan is the judge's. Never throws. */
export function verifyRotatingCode(code: string, keys: ReadonlyMap<number, Buffer>): RotatingResult {
  const [, label = '', stepText = '', totp = ''] = rotating.exec(normalise(code)) ?? []
  const step = decode64(`0000000${stepText}`)
  if (step === null) return { kind: 'malformed-proof' }
  const tag = verifyQr(label, keys)
  if (tag.kind !== 'proof-qr') return tag
  const key = keys.get(tag.keyVersion)
  if (key === undefined) return { kind: 'signature-wrong' }
  const right = computeTotp(secretOf(tag.opaqueId, tag.keyVersion, key), Number(step))
  if (!timingSafeEqual(Buffer.from(right), Buffer.from(totp))) return { kind: 'signature-wrong' }
  return { ...tag, kind: 'proof-rotating', step: Number(step) }
}

/** Of one display, made of the key that signs labels: stored nowhere, and told to no display. */
function secretOf(opaqueId: bigint, keyVersion: number, key: Buffer): Buffer {
  return createHmac('sha256', key)
    .update(`patrol-rotating:${keyVersion}:${encode64(opaqueId)}`)
    .digest()
}
