import { expect, test } from 'vitest'
import { findGaps } from './find-gaps.ts'

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 27, 12) + seconds * 1_000)
const fix = (seconds: number, lat = 23) => ({
  lon: 120.2,
  lat,
  recordedAt: at(seconds).toISOString(),
  accuracyMeters: null,
})
const gapsOf = (...fixes: ReturnType<typeof fix>[]) =>
  findGaps(fixes, { from: at(0), to: at(3_600) }).map(({ from, to }) => [from, to])
const between = (from: number, to: number) => [at(from).toISOString(), at(to).toISOString()]

test('silence of more than two minutes is a gap: at the beginning, within, and at the end', () => {
  expect(gapsOf(fix(121), fix(241), fix(362), fix(3_479))).toEqual([
    between(0, 121),
    between(241, 362),
    between(362, 3_479),
    between(3_479, 3_600),
  ])
  expect(gapsOf(fix(120), fix(3_480))).toEqual([between(120, 3_480)])
})

test('so is a jump of more than 500 m, however short, and a span without any fix', () => {
  expect(gapsOf(...[0, 60, 120].map((s) => fix(s)), ...[130, 240].map((s) => fix(s, 23.005)))).toEqual([
    between(120, 130),
    between(240, 3_600),
  ])
  expect(gapsOf()).toEqual([between(0, 3_600)])
})
