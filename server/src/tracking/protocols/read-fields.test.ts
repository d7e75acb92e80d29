import { describe, expect, it } from 'vitest'
import {
  readHeading,
  readKmh,
  readKnots,
  readNonNegative,
  readNumber,
  readPercent,
  readPlace,
  readTime,
  TrackerFormatError,
} from './read-fields.ts'

describe('readTime', () => {
  it.each([
    ['1790000000', '2026-09-21T14:13:20.000Z'],
    [1790000000, '2026-09-21T14:13:20.000Z'],
    ['1790000000.25', '2026-09-21T14:13:20.250Z'],
    ['0', '1970-01-01T00:00:00.000Z'],
    ['2147483646', '2038-01-19T03:14:06.000Z'],
    ['2147483647', '1970-01-25T20:31:23.647Z'],
    ['1790000000123', '2026-09-21T14:13:20.123Z'],
    ['2026-09-21T14:13:20Z', '2026-09-21T14:13:20.000Z'],
    ['2026-09-21T14:13:20.5Z', '2026-09-21T14:13:20.500Z'],
    ['2026-09-21T22:13:20+08:00', '2026-09-21T14:13:20.000Z'],
    ['2026-09-21T22:13:20+0800', '2026-09-21T14:13:20.000Z'],
    ['2026-09-21T22:13:20 08:00', '2026-09-21T14:13:20.000Z'],
    ['2026-09-21T09:13:20-05:00', '2026-09-21T14:13:20.000Z'],
    ['2026-09-21T14:13:20', '2026-09-21T14:13:20.000Z'],
    ['2026-09-21 14:13:20', '2026-09-21T14:13:20.000Z'],
  ])('reads %s', (sent, expected) => {
    expect(readTime(sent)?.toISOString()).toBe(expected)
  })

  it.each([undefined, null, '', ' '])('knows no time from %j', (sent) => {
    expect(readTime(sent)).toBeNull()
  })

  it.each(['yesterday', '2026-13-41T00:00:00Z', '9e99', true, {}])('refuses %j', (sent) => {
    expect(() => readTime(sent)).toThrow(TrackerFormatError)
  })
})

describe('readPlace', () => {
  it('takes zero for a place when it was sent, and for none when it was not', () => {
    expect(readPlace('0.0', 0)).toEqual({ lat: 0, lon: 0 })
    expect(readPlace(undefined, undefined)).toBeNull()
    expect(readPlace('', '')).toBeNull()
  })

  it('makes no place of half a place', () => {
    expect(readPlace('22.99', undefined)).toBeNull()
    expect(readPlace(null, '120.2')).toBeNull()
  })

  it.each([
    ['91', '0'],
    ['0', '-180.1'],
    ['NaN', '120'],
    ['22,99', '120'],
  ])('refuses %s, %s', (lat, lon) => {
    expect(() => readPlace(lat, lon)).toThrow(TrackerFormatError)
  })
})

describe('numbers', () => {
  it('turns the −1 of clients into unknown, in every unit', () => {
    for (const read of [readNonNegative, readKnots, readKmh, readHeading, readPercent]) {
      expect(read(-1)).toBeNull()
      expect(read('-1')).toBeNull()
      expect(read('')).toBeNull()
      expect(read(undefined)).toBeNull()
      expect(read(0)).toBe(0)
    }
  })

  it('converts speeds to metres per second', () => {
    expect(readKnots('10')).toBeCloseTo(5.14444, 5)
    expect(readKmh(36)).toBeCloseTo(10, 9)
  })

  it('keeps what is below sea level, and takes no word for a number', () => {
    expect(readNumber('-12.5')).toBe(-12.5)
    for (const word of ['0x10', 'Infinity', '1e999', '12m', null, true]) expect(readNumber(word)).toBeNull()
  })

  it('knows no heading beyond a full turn and no level beyond full', () => {
    expect(readHeading('360.5')).toBeNull()
    expect(readPercent('101')).toBeNull()
  })
})
