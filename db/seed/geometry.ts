import type { MultiPolygon, Polygon, Position } from 'geojson'

export type LonLat = [lon: number, lat: number]

const metersPerDegree = 111_320
const kilometersPerDegree = metersPerDegree / 1_000

/** Flat distance in metres: within 0.1 % over a city. */
export function metersBetween(a: LonLat, b: LonLat): number {
  const east = (b[0] - a[0]) * Math.cos(((a[1] + b[1]) * Math.PI) / 360)
  return Math.hypot(east, b[1] - a[1]) * metersPerDegree
}

export function polygonsOf(shape: Polygon | MultiPolygon): Position[][][] {
  return shape.type === 'Polygon' ? [shape.coordinates] : shape.coordinates
}

/** Is the position inside? Even–odd rule over all rings, so holes count as outside. */
export function contains(shape: Polygon | MultiPolygon, [lon, lat]: LonLat): boolean {
  let inside = false
  for (const ring of polygonsOf(shape).flat()) {
    ring.forEach((here, i) => {
      const [x1 = 0, y1 = 0] = here
      const [x2 = 0, y2 = 0] = ring.at(i - 1) ?? here
      if (y1 > lat !== y2 > lat && lon < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) inside = !inside
    })
  }
  return inside
}

/** Area in square kilometres (shoelace on a flat city). */
export function squareKilometers(shape: Polygon | MultiPolygon): number {
  let doubled = 0
  for (const [outer = [], ...holes] of polygonsOf(shape)) {
    doubled += Math.abs(shoelace(outer)) - holes.reduce((sum, hole) => sum + Math.abs(shoelace(hole)), 0)
  }
  const lat = polygonsOf(shape)[0]?.[0]?.[0]?.[1] ?? 0
  return (doubled / 2) * kilometersPerDegree ** 2 * Math.cos((lat * Math.PI) / 180)
}

function shoelace(ring: Position[]): number {
  return ring.reduce((sum, [x1 = 0, y1 = 0], i) => {
    const [x2 = 0, y2 = 0] = ring.at(i - 1) ?? []
    return sum + x2 * y1 - x1 * y2
  }, 0)
}

/** `[west, south, east, north]`. */
export function boundsOf(shape: Polygon | MultiPolygon): [number, number, number, number] {
  const bounds: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const [x = 0, y = 0] of polygonsOf(shape).flat(2)) {
    bounds[0] = Math.min(bounds[0], x)
    bounds[1] = Math.min(bounds[1], y)
    bounds[2] = Math.max(bounds[2], x)
    bounds[3] = Math.max(bounds[3], y)
  }
  return bounds
}

/**
 * An even random position inside all the shapes, by rejection; six decimals are a tenth of a metre. A village is given with its
 * district: both are simplified apart, so that a strip of metres along the edge is in one of them only. Throws when the
 * shapes have next to nothing in common.
 */
export function randomInside(
  [shape, ...others]: readonly [Polygon | MultiPolygon, ...(Polygon | MultiPolygon)[]],
  random: () => number,
): LonLat {
  const [west, south, east, north] = boundsOf(shape)
  for (let tries = 0; tries < 10_000; tries++) {
    const place: LonLat = [
      Number((west + random() * (east - west)).toFixed(6)),
      Number((south + random() * (north - south)).toFixed(6)),
    ]
    if (contains(shape, place) && others.every((other) => contains(other, place))) return place
  }
  throw new Error('No position inside the shape was found.')
}
