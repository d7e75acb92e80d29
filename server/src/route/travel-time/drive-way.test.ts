import { expect, test } from 'vitest'
import { driveWay } from './drive-way.ts'
import { corner, river, road } from './made-up-roads.ts'
import { buildRoadGraph } from './road-graph.ts'

const car = { mode: 'car', band: 'day' } as const
/** Ways are kept to a metre. */
const lonLat = ({ lon, lat }: { lon: number; lat: number }) => [
  Number(lon.toFixed(5)),
  Number(lat.toFixed(5)),
]

test('a way over a river is drawn over the bridge, in the order in which it is driven', () => {
  const { legs, meters } = driveWay(river, [corner(8, 0), corner(8, 1), corner(9, 1)], car)
  expect(legs).toHaveLength(2)
  expect(legs[0]).toEqual({
    onRoad: true,
    line: [corner(8, 0), corner(9, 0), corner(10, 0), corner(10, 1), corner(9, 1), corner(8, 1)].map(lonLat),
  })
  expect(legs[1]?.line).toEqual([corner(8, 1), corner(9, 1)].map(lonLat))
  expect(meters).toBeGreaterThan(6_000)
})

test('a one-way is drawn round the block for a car, and straight back on foot', () => {
  const block = buildRoadGraph([
    road([0, 0], [1, 0], { oneway: true }),
    road([1, 0], [1, 1], { oneway: true }),
    road([1, 1], [0, 1], { oneway: true }),
    road([0, 1], [0, 0], { oneway: true }),
  ])
  const [a, b] = [corner(0.2, 0), corner(0.8, 0)]
  const back = driveWay(block, [b, a], car).legs[0]
  expect(back?.line).toEqual([b, corner(1, 0), corner(1, 1), corner(0, 1), corner(0, 0), a].map(lonLat))
  expect(driveWay(block, [b, a], { ...car, mode: 'foot' }).legs[0]?.line).toEqual([b, a].map(lonLat))
})

test('without roads, and where none is near, a leg is the straight line and says so', () => {
  const far = { lon: 121.5, lat: 25 }
  for (const [graph, to] of [
    [null, corner(5, 0)],
    [river, far],
  ] as const) {
    expect(driveWay(graph, [corner(0, 0), to], car).legs).toEqual([
      { onRoad: false, line: [corner(0, 0), to].map(lonLat) },
    ])
  }
  expect(driveWay(null, [corner(0, 0)], car).legs).toEqual([])
})
