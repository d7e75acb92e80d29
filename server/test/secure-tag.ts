import { createCipheriv, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import type { CheckIn } from '@patrol/contract'
import { writeSignedText } from '../src/check-in/canonical-check-in.ts'
import { computeSunMac, formatHex } from '../src/check-in/proof/sun.ts'
import { sunKeysOf } from '../src/check-in/proof/sun-url.ts'

export interface Chip {
  /** Upper-case hex. */
  uid: string
  metaReadKey: Buffer
  fileReadKey: Buffer
  /** What is written into its URL. */
  code: string
}

/** The chip of a tag as the writer's program leaves it. */
export function programChip(masterKey: Buffer, uid: string, code: string): Chip {
  const keys = sunKeysOf(masterKey)
  return { uid, metaReadKey: keys.metaReadKey, fileReadKey: keys.fileReadKey(uid), code }
}

/** The URL that an NTAG 424 DNA with these keys mirrors at its `counter`-th read (AN12196 §3.4). */
export function tapChip({ uid, metaReadKey, fileReadKey, code }: Chip, counter: number): string {
  const uidBytes = Buffer.from(uid, 'hex')
  const readCtr = Buffer.alloc(3)
  readCtr.writeUIntLE(counter, 0, 3)
  const cipher = createCipheriv('aes-128-cbc', metaReadKey, Buffer.alloc(16))
  cipher.setAutoPadding(false)
  const picc = cipher.update(Buffer.concat([Buffer.of(0xc7), uidBytes, readCtr, randomBytes(5)]))
  const covered = `${code}?p=${formatHex(picc)}&m=`
  const { mac } = computeSunMac(fileReadKey, uidBytes, readCtr, Buffer.from(covered, 'ascii'))
  return `https://patrol.example/c/${covered}${formatHex(mac)}`
}

/** A device's key pair: the public half as WebCrypto exports it, and signing as the field client does. */
export function makeDeviceKey() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    publicKey: publicKey.export({ format: 'jwk' }),
    signAs(deviceId: string, checkIn: CheckIn): CheckIn {
      const text = writeSignedText({ ...checkIn, device: { id: deviceId } })
      const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' })
      return { ...checkIn, device: { id: deviceId, signature: signature.toString('base64url') } }
    },
  }
}
