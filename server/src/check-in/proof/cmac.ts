import { createCipheriv } from 'node:crypto'

const BLOCK_BYTES = 16
const ZERO_BLOCK = Buffer.alloc(BLOCK_BYTES)

/**
 * AES-128-CMAC of `message` (any length, also empty) under the 16-byte `key`: 16 bytes.
 * NIST SP 800-38B §6.2; Node has no CMAC of its own.
 * @throws RangeError when the key is not 16 bytes.
 */
export function computeCmac(key: Buffer, message: Buffer): Buffer {
  return computePaddedCmac(key, message, BLOCK_BYTES)
}

/**
 * CMAC over `message` padded to a multiple of `multipleBytes`, itself a multiple of 16. With more than one block this is
 * no CMAC of the standard, but the form that NXP AN10922 derives keys with.
 */
export function computePaddedCmac(key: Buffer, message: Buffer, multipleBytes: number): Buffer {
  // One cipher object per key, and two calls of it: making one costs 11 µs and a call 1 µs, where a block is 0.02 µs.
  const cipher = createCipheriv('aes-128-cbc', key, ZERO_BLOCK)
  cipher.setAutoPadding(false)
  const first = cipher.update(ZERO_BLOCK)
  const whole = double(first)
  const isWhole = message.length > 0 && message.length % multipleBytes === 0
  const blocks = isWhole ? Buffer.from(message) : padMessage(message, multipleBytes)
  const lastAt = blocks.length - BLOCK_BYTES
  // The chain begins anew: what the cipher mixes in of the block of zeros is taken out before.
  mix(blocks, 0, first)
  mix(blocks, lastAt, isWhole ? whole : double(whole))
  return cipher.update(blocks).subarray(lastAt)
}

/** `message`, a single 1 bit, then zeros up to the next multiple. */
function padMessage(message: Buffer, multipleBytes: number): Buffer {
  const padded = Buffer.alloc((Math.floor(message.length / multipleBytes) + 1) * multipleBytes)
  message.copy(padded)
  padded[message.length] = 0x80
  return padded
}

function mix(blocks: Buffer, at: number, block: Buffer): void {
  for (let i = 0; i < BLOCK_BYTES; i++) blocks[at + i] = (blocks[at + i] ?? 0) ^ (block[i] ?? 0)
}

// Multiplication by x in GF(2^128). The carry is a factor, not a branch: it is key material.
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
