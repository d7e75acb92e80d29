import { computePaddedCmac } from './cmac.ts'

const DIVERSIFICATION_BYTES = 32

// NXP AN10922 §2.2: this constant marks "AES-128 key" and keeps the key apart from those of other ciphers.
const AES_128_CONSTANT = 0x01

// Part of every derived key: changing it orphans every tag already programmed.
const SYSTEM_IDENTIFIER = Buffer.from('tainan-patrol', 'ascii')

/** What a key of an NTAG 424 DNA is for; the number is the tag's own key slot. */
export const TAG_KEY_SLOTS = { application: 0, metaRead: 1, fileRead: 2 } as const
export type TagKeySlot = keyof typeof TAG_KEY_SLOTS

/**
 * Derives an AES-128 key from `masterKey` (16 bytes) and 1–31 bytes of diversification input, as NXP AN10922 §2.2:
 * 01 ‖ input, padded to exactly two blocks, then CMAC. For inputs of 15 bytes and less this differs from
 * a plain CMAC, which would stop after one block.
 * @throws RangeError when a length is wrong; both come from our own configuration and registry.
 */
export function diversifyKey(masterKey: Buffer, input: Buffer): Buffer {
  if (input.length < 1 || input.length >= DIVERSIFICATION_BYTES) {
    throw new RangeError(`Diversification input has ${input.length} bytes; AN10922 takes 1 to 31.`)
  }
  const message = Buffer.concat([Buffer.of(AES_128_CONSTANT), input])
  return computePaddedCmac(masterKey, message, DIVERSIFICATION_BYTES)
}

/**
 * The key of one slot of one tag: diversified by UID, slot and this system's name, so that a key read out of one tag
 * opens no other. `metaRead` is the exception by nature: it must be known before the UID is, so it takes no UID.
 * @param uidHex seven bytes as 14 hex digits; ignored for `metaRead`.
 */
export function diversifyTagKey(masterKey: Buffer, slot: TagKeySlot, uidHex: string): Buffer {
  const uid = slot === 'metaRead' ? Buffer.alloc(0) : Buffer.from(uidHex, 'hex')
  return diversifyKey(masterKey, Buffer.concat([uid, Buffer.of(TAG_KEY_SLOTS[slot]), SYSTEM_IDENTIFIER]))
}
