import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import type { ContactKind } from '@patrol/contract'

/** Key version to 32 bytes; the highest seals, the others still open. */
export type ContactKeys = ReadonlyMap<number, Buffer>

/** Everything about a person that only its beat may read. */
export interface ContactSecret {
  /** The register's own number, which may be an identity number. */
  registerId: string
  name: string
  address: string
  phone: string
  note: string
}

/** The row that a secret belongs to: put into another row, or moved to another beat, it does not open. */
export interface SealedRow {
  id: string
  kind: ContactKind
  beatId: number
}

const nonceBytes = 12
const tagBytes = 16

const boundTo = ({ id, kind, beatId }: SealedRow, keyVersion: number) =>
  Buffer.from(`patrol contact\n${id.toLowerCase()}\n${kind}\n${beatId}\n${keyVersion}`)

/** Seals with the newest key: AES-256-GCM under a fresh nonce. */
export function sealContact(
  keys: ContactKeys,
  row: SealedRow,
  secret: ContactSecret,
): { sealed: Buffer; keyVersion: number } {
  const keyVersion = Math.max(...keys.keys())
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', keyOf(keys, keyVersion), nonce)
  cipher.setAAD(boundTo(row, keyVersion))
  const text = Buffer.concat([cipher.update(JSON.stringify(secret), 'utf8'), cipher.final()])
  return { sealed: Buffer.concat([nonce, cipher.getAuthTag(), text]), keyVersion }
}

/** @throws when the key is not here, or when the row was tampered with; the message names the row and nothing of its contents */
export function openContact(
  keys: ContactKeys,
  row: SealedRow & { sealed: Buffer; keyVersion: number },
): ContactSecret {
  const { sealed, keyVersion } = row
  const key = keyOf(keys, keyVersion)
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes), {
      authTagLength: tagBytes,
    })
    decipher.setAAD(boundTo(row, keyVersion))
    decipher.setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes))
    const text = Buffer.concat([decipher.update(sealed.subarray(nonceBytes + tagBytes)), decipher.final()])
    return asSecret(JSON.parse(text.toString('utf8')))
  } catch {
    throw new Error(`Contact ${row.id} does not open: another key, or the row was changed.`)
  }
}

/**
 * Finds a register's row again without telling its number: an HMAC under each key, the newest first. Rows carry that of the key
 * which was newest then.
 */
export function registerKeysOf(keys: ContactKeys, registerId: string): Buffer[] {
  return [...keys.keys()]
    .sort((a, b) => b - a)
    .map((version) => {
      const key = Buffer.from(hkdfSync('sha256', keyOf(keys, version), '', 'patrol contact register', 32))
      return createHmac('sha256', key).update(registerId).digest()
    })
}

function keyOf(keys: ContactKeys, version: number): Buffer {
  const key = keys.get(version)
  if (key === undefined) throw new Error(`CONTACT_KEYS has no version ${version}.`)
  return key
}

// Only `sealContact` makes what opens under the key, so its shape is known.
function asSecret(value: unknown) {
  return value as ContactSecret
}
