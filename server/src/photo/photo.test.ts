import { expect, test } from 'vitest'
import { makeJpeg, segment } from '../../test/make-jpeg.ts'
import { decodeLuminance } from './decode-luminance.ts'
import { hashLook } from './look-hash.ts'
import { stripJpeg } from './read-jpeg.ts'

/** Something like a street: a bright sky, dark sides, a lamp. */
const street = (x: number, y: number) => (y < 12 ? 200 - x : x > 8 && x < 24 ? 110 : 40) + (x === 20 ? 30 : 0)
const exif = segment(0xe1, Buffer.from('Exif\0\0MM\0*GPS 22.9999N 120.2269E', 'latin1'))
const comment = segment(0xfe, Buffer.from('SM-G781B, officer 42', 'latin1'))

function differ(a: bigint | null, b: bigint | null): number {
  if (a === null || b === null) return 64
  return BigInt.asUintN(64, a ^ b)
    .toString(2)
    .replaceAll('0', '').length
}

test('Exif, comments and what follows the end are cut away, and the picture is untouched', () => {
  const clean = makeJpeg(40, 30, street)
  const sent = Buffer.concat([
    makeJpeg(40, 30, street, [exif, comment]),
    Buffer.from('a film of ten seconds'),
  ])
  const stripped = stripJpeg(sent)
  expect(stripped?.picture.equals(clean)).toBe(true)
  expect(stripped).toMatchObject({ width: 320, height: 240 })
  expect(stripped?.picture.includes('GPS')).toBe(false)
})

test('what is no whole JPEG is refused', () => {
  const jpeg = makeJpeg(40, 30, street)
  expect(stripJpeg(Buffer.alloc(0))).toBeNull()
  expect(stripJpeg(Buffer.from('<svg onload="alert(1)"/>'))).toBeNull()
  for (const length of [3, 20, 90, 200, jpeg.length - 2, jpeg.length - 1]) {
    expect(stripJpeg(jpeg.subarray(0, length)), `${length} bytes`).toBeNull()
  }
})

test('the brightness of each block is read back', () => {
  const luminance = decodeLuminance(makeJpeg(40, 30, street))
  expect(luminance).toMatchObject({ columns: 40, rows: 30 })
  const read = (x: number, y: number) => luminance?.values[y * 40 + x]
  expect([read(0, 0), read(39, 0), read(10, 20), read(20, 20), read(0, 29)]).toEqual([200, 161, 110, 140, 40])
})

test('a picture scaled, brightened and coded anew looks the same; another one does not', () => {
  const first = hashLook(makeJpeg(40, 30, street))
  const smaller = hashLook(makeJpeg(20, 15, (x, y) => street(x * 2, y * 2) * 0.9 + 12))
  const other = hashLook(makeJpeg(40, 30, (x, y) => 60 + ((x * 7 + y * 13) % 150)))
  expect(differ(first, smaller)).toBeLessThanOrEqual(4)
  expect(differ(first, other)).toBeGreaterThan(12)
})

test('a dark picture looks like nothing', () => {
  expect(hashLook(makeJpeg(40, 30, () => 12))).toBeNull()
})

test('broken bits never throw and never hang', () => {
  const jpeg = makeJpeg(40, 30, street)
  for (let at = 2; at < jpeg.length; at++) {
    const broken = Buffer.from(jpeg)
    broken[at] = (broken[at] ?? 0) ^ 0x55
    expect(() => [stripJpeg(broken), hashLook(broken)]).not.toThrow()
  }
})
