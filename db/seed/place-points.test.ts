import { expect, test } from 'vitest'
import { readAtlas } from './atlas.ts'
import { contains, squareKilometers } from './geometry.ts'
import { placePoints, POINT_COUNT } from './place-points.ts'
import { apportion } from './random.ts'

const atlas = readAtlas()

test('the base map has the 37 districts and 649 villages of the package, 2,192 km² in all', () => {
  expect(atlas.districts).toHaveLength(37)
  expect(atlas.villages).toHaveLength(649)
  expect(new Set(atlas.villages.map((village) => village.code)).size).toBe(649)
  const area = atlas.districts.reduce((sum, district) => sum + squareKilometers(district.shape), 0)
  // The package's shapes are simplified and hold the lagoons of the coast, which the register of land does not.
  expect(Math.abs(area - 2_192)).toBeLessThan(2_192 * 0.05)
})

test('7,791 points, each inside its village, with codes and names of their own', () => {
  const points = placePoints(atlas.villages)
  expect(points).toHaveLength(POINT_COUNT)
  expect(points.filter((point) => !contains(point.village.shape, point.position))).toEqual([])
  expect(new Set(points.map((point) => point.code)).size).toBe(POINT_COUNT)
  expect(new Set(points.map((point) => point.name)).size).toBe(POINT_COUNT)
  const highRisk = points.filter((point) => point.priority === 1).length / POINT_COUNT
  expect(highRisk).toBeGreaterThan(0.08)
  expect(highRisk).toBeLessThan(0.12)
})

test('the same city comes out every time', () => {
  expect(placePoints(atlas.villages)).toEqual(placePoints(readAtlas().villages))
})

test('shares are whole, follow the weights and add up', () => {
  expect(apportion(10, [1, 1, 1])).toEqual([4, 3, 3])
  expect(apportion(7, [0, 5, 2])).toEqual([0, 5, 2])
  expect(
    apportion(
      7_791,
      atlas.villages.map((_, i) => i + 0.1),
    ).reduce((sum, share) => sum + share),
  ).toBe(7_791)
})
