import type { PlannedStop } from '@patrol/contract'
import { expect, test } from 'vitest'
import { dropStop } from './drop-stop.ts'

/** Four stops on a line from west to east, a kilometre apart, and a point off the route. */
const stops = [1, 2, 3, 4].map((n): PlannedStop => ({
  sequence: n,
  pointId: 10 * n,
  code: '',
  name: '',
  lon: 120 + n / 100,
  lat: 23,
  arrivesAt: '',
  serviceSeconds: 0,
  score: 0,
  fixed: false,
}))
const points = [
  ...stops.map(({ pointId, lon, lat }) => ({ id: pointId, lon, lat })),
  { id: 99, lon: 120.015, lat: 23.01 },
]

test('dropped on another point, a stop becomes that; dropped between two stops, it is visited there', () => {
  expect(dropStop(stops, points, 2, [120.0151, 23.01], 60)).toEqual([10, 99, 30, 40])
  expect(dropStop(stops, points, 1, [120.035, 23.0005], 60)).toEqual([20, 30, 10, 40])
  expect(dropStop(stops, points, 4, [120.015, 23], 60)).toEqual([10, 40, 20, 30])
})

test('let go where it was, nothing changes', () => {
  expect(dropStop(stops, points, 3, [120.0301, 23], 60)).toEqual([10, 20, 30, 40])
})
