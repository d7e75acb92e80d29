import { expect, test } from 'vitest'
import { placeAt } from './place-at.ts'

const fixes: [number, number, number][] = [
  [120.2, 23, 0],
  [120.2, 23.001, 10_000],
  [120.2, 23.001, 20_000],
  [120.2, 23.002, 200_000],
  [120.3, 23.002, 210_000],
]

test('between two fixes a unit is on the line between them, with its direction', () => {
  const place = placeAt(fixes, 5_000)
  expect(place?.lat).toBeCloseTo(23.0005, 9)
  expect(place).toMatchObject({ lon: 120.2, headingDegrees: 0, knownAt: 5_000 })
})

test('a unit that stands has no direction', () => {
  expect(placeAt(fixes, 15_000)).toMatchObject({ headingDegrees: null, knownAt: 15_000 })
})

test('within a gap of time it stays where it was last known, and grows old', () => {
  expect(placeAt(fixes, 100_000)).toMatchObject({ lat: 23.001, headingDegrees: null, knownAt: 20_000 })
})

test('a jump of more than 500 m is a gap too', () => {
  expect(placeAt(fixes, 205_000)).toMatchObject({ lon: 120.2, knownAt: 200_000 })
})

test('before the first fix it is nowhere, after the last it stays', () => {
  expect(placeAt(fixes, -1)).toBeNull()
  expect(placeAt(fixes, 999_000)).toMatchObject({ lon: 120.3, knownAt: 210_000 })
})
