import { describe, expect, it } from 'vitest'
import { diversifyKey, diversifyTagKey } from './diversify-key.ts'
import { formatHex } from './sun.ts'

const fromHex = (hex: string) => Buffer.from(hex, 'hex')
const MASTER = fromHex('0F1E2D3C4B5A69788796A5B4C3D2E1F0')

describe('diversifyKey', () => {
  it('gives the published key of NXP AN10922 §2.2.1', () => {
    const key = diversifyKey(
      fromHex('00112233445566778899AABBCCDDEEFF'),
      fromHex('04782E21801D803042F54E585020416275'),
    )
    expect(formatHex(key)).toBe('A8DD63A3B89D54B37CA802473FDA9175')
  })

  // Computed for these tests with OpenSSL's AES alone.
  it('fills a short input to two blocks, and takes a full one as it is', () => {
    expect(formatHex(diversifyKey(MASTER, fromHex('0011223344556677')))).toBe(
      'A41AFCFBA78D256CE3F9FE81BFF8069B',
    )
    const longest = Buffer.from(Array.from({ length: 31 }, (_, i) => i))
    expect(formatHex(diversifyKey(MASTER, longest))).toBe('1670943703B0F351C3A38B0687FD75D6')
  })

  it('refuses an input that does not fit', () => {
    expect(() => diversifyKey(MASTER, Buffer.alloc(0))).toThrow(RangeError)
    expect(() => diversifyKey(MASTER, Buffer.alloc(32))).toThrow(RangeError)
  })
})

describe('diversifyTagKey', () => {
  // Fixed for good: tags in the street hold these keys.
  it('keeps the derivation that programmed tags rely on', () => {
    expect(formatHex(diversifyTagKey(MASTER, 'fileRead', '0477A1B2C3D4E5'))).toBe(
      'F0721AC9ACA82EC1104F178D1251B267',
    )
    expect(formatHex(diversifyTagKey(MASTER, 'metaRead', ''))).toBe('B620419D65467AAE1EFF495D14FD803B')
  })

  it('gives every tag and every slot its own key', () => {
    const keys = [
      diversifyTagKey(MASTER, 'fileRead', '0477A1B2C3D4E5'),
      diversifyTagKey(MASTER, 'fileRead', '0477A1B2C3D4E6'),
      diversifyTagKey(MASTER, 'application', '0477A1B2C3D4E5'),
      diversifyTagKey(MASTER, 'metaRead', '0477A1B2C3D4E5'),
    ]
    expect(new Set(keys.map(formatHex)).size).toBe(keys.length)
  })
})
