import { expect, test } from 'vitest'
import { isBadValue, isUnusable, toReal, writeJsonb } from './unusable.ts'

test('NUL and lone surrogates are replaced in texts and keys, everything else stays as it is', () => {
  const value = { 'k\0': 'a\0b', half: 'x\ud83d', other: '\ude00y', whole: '😀', quoted: '"\\u0000" \\ \n' }
  expect(JSON.parse(writeJsonb(value))).toEqual({
    'k\ufffd': 'a\ufffdb',
    half: 'x\ufffd',
    other: '\ufffdy',
    whole: '😀',
    quoted: '"\\u0000" \\ \n',
  })
})

test('numbers beyond a real become 0 or unknown', () => {
  expect([1e-60, 1e300, null, undefined, 12.5].map(toReal)).toEqual([0, null, null, null, 12.5])
})

test('data are at fault in classes 22 and 23, also inside another error, and nowhere else', () => {
  const failed = (code: string) => Object.assign(new Error('failed'), { code })
  expect(isUnusable(new Error('query', { cause: failed('22P05') }))).toBe(true)
  expect(isUnusable(failed('23514'))).toBe(true)
  expect(['22003', '23505', '57P01'].map((code) => isBadValue(failed(code)))).toEqual([true, false, false])
  expect(isUnusable(failed('57P01'))).toBe(false)
  expect(isUnusable(failed('ECONNRESET'))).toBe(false)
})
