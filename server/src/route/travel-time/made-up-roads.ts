/** Small grounds for tests of travel times and of ways. */
import { buildRoadGraph, type RoadPiece } from './road-graph.ts'

/** Corners by name, a hundredth of a degree apart: about a kilometre each way. */
export const corner = (x: number, y: number) => ({ lon: 120.1 + x / 100, lat: 23 + y / 100 })
const nodeOf = (x: number, y: number) => y * 100 + x

/** A stretch of road between two corners. */
export function road(
  [x1, y1]: [number, number],
  [x2, y2]: [number, number],
  { oneway = false, roadClass = 'primary' } = {},
): RoadPiece {
  const [a, b] = [corner(x1, y1), corner(x2, y2)]
  const meters = Math.hypot((x2 - x1) * 1_023, (y2 - y1) * 1_112)
  return {
    from: nodeOf(x1, y1),
    to: nodeOf(x2, y2),
    oneway,
    meters,
    roadClass,
    limitKph: null,
    line: Float64Array.of(a.lon, a.lat, b.lon, b.lat),
  }
}

/** Two roads along the banks of a river, a kilometre apart, with one bridge ten kilometres upstream. */
export const river = buildRoadGraph([
  ...Array.from({ length: 10 }, (_, x) => road([x, 0], [x + 1, 0])),
  ...Array.from({ length: 10 }, (_, x) => road([x, 1], [x + 1, 1])),
  road([10, 0], [10, 1]),
])
