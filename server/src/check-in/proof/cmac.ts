import { createCipheriv } from 'node:crypto'

const BLOCK_BYTES = 16
const ZERO_BLOCK = Buffer.alloc(BLOCK_BYTES)

/** The two subkeys of AES-CMAC; NIST SP 800-38B §6.1, RFC 4493 §2.3. */
export function deriveSubkeys(key: Buffer): { whole: Buffer; padded: Buffer } {
  const whole = double(chainBlocks(key, ZERO_BLOCK))
  return { whole, padded: double(whole) }
}

/**
 * AES-128-CMAC of `message` (any length, also empty) under the 16-byte `key`: 16 bytes.
 * NIST SP 800-38B §6.2. Node has no CMAC of its own, so it is built from AES-CBC with a zero vector.
 * @throws RangeError when the key is not 16 bytes.
 */
export function computeCmac(key: Buffer, message: Buffer): Buffer {
  const subkeys = deriveSubkeys(key)
  const isWhole = message.length > 0 && message.length % BLOCK_BYTES === 0
  return chainWithSubkey(
    key,
    isWhole ? Buffer.from(message) : padToBlock(message, BLOCK_BYTES),
    isWhole ? subkeys.whole : subkeys.padded,
  )
}

/** Mixes `subkey` into the last block of `blocks` (changed in place) and returns the last block of the chain. */
export function chainWithSubkey(key: Buffer, blocks: Buffer, subkey: Buffer): Buffer {
  const last = blocks.length - BLOCK_BYTES
  for (let i = 0; i < BLOCK_BYTES; i++) blocks[last + i] = (blocks[last + i] ?? 0) ^ (subkey[i] ?? 0)
  return chainBlocks(key, blocks)
}

/** `message`, a single 1 bit, then zeros up to the next multiple of `multipleBytes`; always a new buffer. */
export function padToBlock(message: Buffer, multipleBytes: number): Buffer {
  const padded = Buffer.alloc((Math.floor(message.length / multipleBytes) + 1) * multipleBytes)
  message.copy(padded)
  padded[message.length] = 0x80
  return padded
}

function chainBlocks(key: Buffer, blocks: Buffer): Buffer {
  const cipher = createCipheriv('aes-128-cbc', key, ZERO_BLOCK)
  cipher.setAutoPadding(false)
  return cipher.update(blocks).subarray(-BLOCK_BYTES)
}

// Multiplication by x in GF(2^128). The carry is a mask, not a branch: it is key material.
function double(block: Buffer): Buffer {
  const doubled = Buffer.alloc(BLOCK_BYTES)
  let carry = 0
  for (let i = BLOCK_BYTES - 1; i >= 0; i--) {
    const byte = block[i] ?? 0
    doubled[i] = ((byte << 1) & 0xff) | carry
    carry = byte >> 7
  }
  doubled[BLOCK_BYTES - 1] = (doubled[BLOCK_BYTES - 1] ?? 0) ^ (0x87 * carry)
  return doubled
}
