import { createHmac } from 'node:crypto'

/** Seconds for which a code is shown: the time step that RFC 6238 recommends. */
export const stepSeconds = 30

/** The number of the time step that an instant lies in, of a clock that runs `clockSpeed` times real time. */
export const stepAt = (at: Date, clockSpeed: number): number =>
  Math.floor(at.getTime() / (stepSeconds * 1_000 * clockSpeed))

/** The code of one time step: TOTP of RFC 6238, which is HOTP of RFC 4226 over the step's number. */
export function computeTotp(
  secret: Buffer,
  step: number,
  { digits = 8, hash = 'sha256' }: { digits?: number; hash?: 'sha1' | 'sha256' | 'sha512' } = {},
): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac(hash, secret).update(counter).digest()
  const from = mac.readUInt8(mac.length - 1) & 0x0f
  return String((mac.readUInt32BE(from) & 0x7fffffff) % 10 ** digits).padStart(digits, '0')
}
