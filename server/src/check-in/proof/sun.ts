import { createCipheriv, createDecipheriv, timingSafeEqual, type Decipheriv } from 'node:crypto'
import { computeCmac } from './cmac.ts'

// NTAG 424 DNA Secure Dynamic Messaging in AES mode, after NXP AN12196 §3 and the NT4H2421Gx data sheet §9.3.
// Wire fields are `unknown` on purpose: they are a stranger's bytes, and whatever they are the answer is a verdict.

/** URL with encrypted PICC data, and file data where the tag is programmed to mirror it. */
export interface EncryptedSun {
  /** 32 hex digits. */
  piccData: unknown
  /** 16 hex digits. */
  cmac: unknown
  /** The ASCII text of the URL that the MAC covers; absent or empty where the tag is programmed so. */
  macInput?: unknown
  /** Hex, whole blocks of 16 bytes. */
  encFileData?: unknown
}

/** URL with the UID and counter in the clear. */
export interface PlainSun {
  /** 14 hex digits. */
  uid: unknown
  /** Six hex digits, most significant byte first, as mirrored; absent where the tag mirrors no counter. */
  readCtr?: unknown
  cmac: unknown
  macInput?: unknown
}

export interface SunKeys {
  /** Opens the PICC data; the same for all tags, since the UID is inside. 16 bytes. */
  metaReadKey: Buffer
  /** SDMFileReadKey of the tag with this UID (upper-case hex), 16 bytes. Called once for any well-formed message. */
  fileReadKey: (uid: string) => Buffer
}

export type SunVerdict =
  | { valid: true; uid: string; readCtr: number | null; fileData: Buffer | null }
  | { valid: false; reason: 'malformed-proof' | 'mac-mismatch' }

export interface PiccData {
  plaintext: Buffer
  uid: Buffer
  /** Three bytes, least significant first, as inside the tag. */
  counter: Buffer | null
}

const UID_BYTES = 7
const COUNTER_BYTES = 3
const MAC_BYTES = 8
const BLOCK_BYTES = 16
const MAC_PREFIX = Buffer.from('3CC300010080', 'hex')
const ENC_PREFIX = Buffer.from('C33C00010080', 'hex')
// The whole NDEF file of the tag has 256 bytes; what a MAC covers cannot be longer.
const MAC_INPUT_MAX_CHARS = 256

// Top bit: UID inside; next: counter inside; low four: UID length. The other two are reserved as zero.
const TAG_UID_AND_COUNTER = 0xc7
const TAG_UID_ONLY = 0x87

const MALFORMED: SunVerdict = { valid: false, reason: 'malformed-proof' }
const MISMATCH: SunVerdict = { valid: false, reason: 'mac-mismatch' }

/**
 * Verifies one tap of a tag that mirrors encrypted PICC data. Never throws for anything in `message`; only keys of a
 * wrong length throw (RangeError), for they are our own fault and must not look like a forged tap.
 * Says nothing of freshness: the counter is judged by `sun-counter.ts`.
 */
export function verifyEncryptedSun(message: EncryptedSun, keys: SunKeys): SunVerdict {
  const ciphertext = readHex(message.piccData, BLOCK_BYTES)
  const mac = readHex(message.cmac, MAC_BYTES)
  const macInput = readMacInput(message.macInput)
  const fileCiphertext = message.encFileData == null ? undefined : readHexBlocks(message.encFileData)
  if (!ciphertext || !mac || !macInput || fileCiphertext === null) return MALFORMED

  const picc = openPiccData(ciphertext, keys.metaReadKey)
  // Bad PICC data is answered only after the same work, so that time tells nobody whether the tag byte was right.
  const claimed = picc ?? { uid: Buffer.alloc(UID_BYTES), counter: Buffer.alloc(COUNTER_BYTES) }
  const key = keys.fileReadKey(formatHex(claimed.uid))
  const isRight = timingSafeEqual(computeSunMac(key, claimed.uid, claimed.counter, macInput).mac, mac)
  if (!picc) return MALFORMED
  if (!isRight) return MISMATCH
  if (!fileCiphertext) return accept(picc.uid, picc.counter, null)

  // The data sheet allows encrypted file data only together with the counter, which is its initial vector.
  if (!picc.counter) return MALFORMED
  const isCovered = macInput.toString('ascii').toUpperCase().includes(formatHex(fileCiphertext))
  // Outside the MAC anybody could have put it there: the tap stands, the data does not.
  const fileData = isCovered ? decryptFileData(key, picc.uid, picc.counter, fileCiphertext) : null
  return accept(picc.uid, picc.counter, fileData)
}

/** Verifies one tap of a tag that mirrors UID and counter in the clear; throws as `verifyEncryptedSun`. */
export function verifyPlainSun(message: PlainSun, fileReadKey: SunKeys['fileReadKey']): SunVerdict {
  const uid = readHex(message.uid, UID_BYTES)
  const mac = readHex(message.cmac, MAC_BYTES)
  const macInput = readMacInput(message.macInput)
  const counter = message.readCtr == null ? undefined : readHex(message.readCtr, COUNTER_BYTES)
  if (!uid || !mac || !macInput || counter === null) return MALFORMED

  const inner = counter ? Buffer.from(counter).reverse() : null
  const computed = computeSunMac(fileReadKey(formatHex(uid)), uid, inner, macInput)
  return timingSafeEqual(computed.mac, mac) ? accept(uid, inner, null) : MISMATCH
}

/** Decrypts PICC data (16 bytes); null when the tag byte is none that carries a seven-byte UID. */
export function openPiccData(ciphertext: Buffer, metaReadKey: Buffer): PiccData | null {
  const plaintext = openBlock(metaReadKey, ciphertext)
  const tag = plaintext[0]
  if (tag !== TAG_UID_AND_COUNTER && tag !== TAG_UID_ONLY) return null
  const uid = plaintext.subarray(1, 1 + UID_BYTES)
  const counter =
    tag === TAG_UID_ONLY ? null : plaintext.subarray(1 + UID_BYTES, 1 + UID_BYTES + COUNTER_BYTES)
  return { plaintext, uid, counter }
}

const ciphers = new WeakMap<Buffer, Decipheriv>()

/** One block is the same in ECB as in CBC from zero, and ECB keeps nothing between blocks: one object serves all taps. */
function openBlock(key: Buffer, block: Buffer): Buffer {
  let decipher = ciphers.get(key)
  if (decipher === undefined) {
    decipher = createDecipheriv('aes-128-ecb', key, null)
    decipher.setAutoPadding(false)
    ciphers.set(key, decipher)
  }
  return decipher.update(block)
}

/** The session's MAC: SV2 → session key → CMAC of the covered text → its odd-indexed bytes. */
export function computeSunMac(fileReadKey: Buffer, uid: Buffer, counter: Buffer | null, macInput: Buffer) {
  const sv2 = sessionVector(MAC_PREFIX, uid, counter)
  const sessionMacKey = computeCmac(fileReadKey, sv2)
  const fullCmac = computeCmac(sessionMacKey, macInput)
  return { sv2, sessionMacKey, fullCmac, mac: Buffer.from(fullCmac.filter((_, i) => i % 2 === 1)) }
}

/** Bytes of a hex text of exactly `bytes` bytes, in either case; null for anything else. */
export function readHex(value: unknown, bytes: number): Buffer | null {
  if (typeof value !== 'string' || value.length !== bytes * 2) return null
  // Half a byte is none: Buffer.from would drop the odd digit without a word.
  if (!Number.isInteger(bytes) || !/^[0-9a-f]*$/i.test(value)) return null
  return Buffer.from(value, 'hex')
}

/** Upper-case hex, the way UIDs are written everywhere in this system. */
export function formatHex(bytes: Buffer): string {
  return bytes.toString('hex').toUpperCase()
}

function readHexBlocks(value: unknown): Buffer | null {
  if (typeof value !== 'string' || value.length === 0 || value.length > MAC_INPUT_MAX_CHARS) return null
  return value.length % (BLOCK_BYTES * 2) === 0 ? readHex(value, value.length / 2) : null
}

function readMacInput(value: unknown): Buffer | null {
  if (value == null) return Buffer.alloc(0)
  if (typeof value !== 'string' || value.length > MAC_INPUT_MAX_CHARS) return null
  return /^[\x20-\x7e]*$/.test(value) ? Buffer.from(value, 'ascii') : null
}

function sessionVector(prefix: Buffer, uid: Buffer, counter: Buffer | null): Buffer {
  const vector = Buffer.alloc(BLOCK_BYTES)
  prefix.copy(vector)
  uid.copy(vector, prefix.length)
  counter?.copy(vector, prefix.length + UID_BYTES)
  return vector
}

function decryptFileData(fileReadKey: Buffer, uid: Buffer, counter: Buffer, ciphertext: Buffer): Buffer {
  const sessionKey = computeCmac(fileReadKey, sessionVector(ENC_PREFIX, uid, counter))
  const vectorCipher = createCipheriv('aes-128-ecb', sessionKey, null)
  const vector = vectorCipher.update(Buffer.concat([counter, Buffer.alloc(BLOCK_BYTES - COUNTER_BYTES)]))
  const decipher = createDecipheriv('aes-128-cbc', sessionKey, vector)
  decipher.setAutoPadding(false)
  return decipher.update(ciphertext)
}

function accept(uid: Buffer, counter: Buffer | null, fileData: Buffer | null): SunVerdict {
  return { valid: true, uid: formatHex(uid), readCtr: counter ? counter.readUIntLE(0, 3) : null, fileData }
}
