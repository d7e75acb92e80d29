import { expect, test } from 'vitest'
import { metersBetween, type LonLat } from './geo.ts'
import { buildRoadGraph, type RoadEdge } from './road-graph.ts'

// A block of a kilometre by half; the northern side may be driven eastward only.
const corners: Record<number, LonLat> = {
  1: [120.2, 23],
  2: [120.2, 23.005],
  3: [120.21, 23.005],
  4: [120.21, 23],
}
const edge = (from: number, to: number, oneway = false): RoadEdge => {
  const line: [LonLat, LonLat] = [corners[from] ?? [0, 0], corners[to] ?? [0, 0]]
  return { from, to, oneway, meters: metersBetween(...line), line }
}
const graph = buildRoadGraph([edge(1, 2), edge(2, 3, true), edge(3, 4)])

test('a route follows the roads, from door to door', () => {
  const way = graph.route([120.2, 22.9999], [120.2101, 23])
  expect(way[0]).toEqual([120.2, 22.9999])
  expect(way.at(-1)).toEqual([120.2101, 23])
  expect(way).toContainEqual(corners[2])
  expect(way).toContainEqual(corners[3])
})

test('nobody drives against a one-way street: then it is the straight line', () => {
  expect(graph.route([120.2101, 23], [120.2, 22.9999])).toEqual([
    [120.2101, 23],
    [120.2, 22.9999],
  ])
})

test('a short trip, a place far from any road, and a city without roads have straight lines', () => {
  expect(graph.route([120.2, 23], [120.2, 23.003])).toHaveLength(2)
  expect(graph.route([120.2, 23], [121, 23.5])).toHaveLength(2)
  expect(buildRoadGraph([]).route([120.2, 23], [120.21, 23])).toHaveLength(2)
})
