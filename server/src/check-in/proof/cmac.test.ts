import { describe, expect, it } from 'vitest'
import { computeCmac } from './cmac.ts'
import { formatHex } from './sun.ts'

// Published examples: NIST SP 800-38B appendix D.1 (AES-128), the same as RFC 4493 §4.
const NIST_KEY = '2B7E151628AED2A6ABF7158809CF4F3C'
const NIST_MESSAGE =
  '6BC1BEE22E409F96E93D7E117393172AAE2D8A571E03AC9C9EB76FAC45AF8E51' +
  '30C81C46A35CE411E5FBC1191A0A52EFF69F2445DF4F9B17AD2B417BE66C3710'
const NIST_EXAMPLES = [
  [0, 'BB1D6929E95937287FA37D129B756746'],
  [16, '070A16B46B4D4144F79BDD9DD04A287C'],
  [40, 'DFA66747DE9AE63030CA32611497C827'],
  [64, '51F0BEBF7E3B9D92FC49741779363CFE'],
] as const

describe('computeCmac', () => {
  it.each(NIST_EXAMPLES)('gives the published value for %i bytes', (bytes, expected) => {
    const message = Buffer.from(NIST_MESSAGE, 'hex').subarray(0, bytes)
    expect(formatHex(computeCmac(Buffer.from(NIST_KEY, 'hex'), message))).toBe(expected)
  })

  it('leaves the message as it was', () => {
    const message = Buffer.alloc(32, 7)
    computeCmac(Buffer.from(NIST_KEY, 'hex'), message)
    expect(message.equals(Buffer.alloc(32, 7))).toBe(true)
  })

  it('refuses a key of another length', () => {
    expect(() => computeCmac(Buffer.alloc(15), Buffer.alloc(0))).toThrow(RangeError)
  })
})
