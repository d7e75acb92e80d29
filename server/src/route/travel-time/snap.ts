/** Finds the road nearest to a place: a grid over the straight pieces of all roads, searched in growing rings. */
import { intAt, realAt } from '../typed-array.ts'
import type { RoadPiece } from './road-graph.ts'

export type Place = { lon: number; lat: number }

/** Where a place meets the roads. */
export type Snap = {
  /** Index into the pieces of the graph. */
  piece: number
  /** How far along the piece, 0 at `from`, 1 at `to`. */
  along: number
  /** Straight distance from the place to the road. */
  accessMeters: number
  lon: number
  lat: number
}

/** The nearest road; undefined when none is within `MAX_ACCESS`. */
export type Snapper = (place: Place) => Snap | undefined

const CELL_METERS = 400
/** Beyond this a place is off the map. */
const MAX_ACCESS = 5_000
const METERS_PER_DEGREE = 111_195

/** @param chosen the pieces that may be snapped to */
export function indexSegments(pieces: readonly RoadPiece[], chosen: (piece: number) => boolean): Snapper {
  // One local plane for the whole map: at Tainan's width the error of a distance is under a thousandth.
  const middle = pieces[Math.floor(pieces.length / 2)]?.line[1] ?? 23
  const perLon = METERS_PER_DEGREE * Math.cos((middle * Math.PI) / 180)
  const cells = new Map<string, number[]>()
  const piece: number[] = []
  const corner: number[] = []
  const cellOf = (meters: number) => Math.floor(meters / CELL_METERS)
  const keyOf = (x: number, y: number) => `${x} ${y}`
  pieces.forEach(({ line }, i) => {
    if (!chosen(i)) return
    for (let c = 0; c + 3 < line.length; c += 2) {
      const segment = piece.push(i) - 1
      corner.push(c)
      const x = [realAt(line, c) * perLon, realAt(line, c + 2) * perLon].sort((a, b) => a - b)
      const y = [realAt(line, c + 1), realAt(line, c + 3)].map((lat) => lat * METERS_PER_DEGREE)
      y.sort((a, b) => a - b)
      for (let cx = cellOf(x[0] ?? 0); cx <= cellOf(x[1] ?? 0); cx++) {
        for (let cy = cellOf(y[0] ?? 0); cy <= cellOf(y[1] ?? 0); cy++) {
          const key = keyOf(cx, cy)
          const cell = cells.get(key)
          if (cell === undefined) cells.set(key, [segment])
          else cell.push(segment)
        }
      }
    }
  })
  const segmentPiece = Int32Array.from(piece)
  const segmentCorner = Int32Array.from(corner)
  const before = pieces.map(({ line }) => lengthsBefore(line, perLon))

  return ({ lon, lat }) => {
    const [px, py] = [lon * perLon, lat * METERS_PER_DEGREE]
    let best: Snap | undefined
    const consider = (segment: number): void => {
      const i = intAt(segmentPiece, segment)
      const line = pieces[i]?.line
      if (line === undefined) return
      const c = intAt(segmentCorner, segment)
      const [ax, ay] = [realAt(line, c) * perLon, realAt(line, c + 1) * METERS_PER_DEGREE]
      const [dx, dy] = [realAt(line, c + 2) * perLon - ax, realAt(line, c + 3) * METERS_PER_DEGREE - ay]
      const square = dx * dx + dy * dy
      const t = square > 0 ? Math.max(0, Math.min(1, ((px - ax) * dx + (py - ay) * dy) / square)) : 0
      const [x, y] = [ax + t * dx, ay + t * dy]
      const accessMeters = Math.hypot(px - x, py - y)
      if (accessMeters > MAX_ACCESS || (best !== undefined && accessMeters >= best.accessMeters)) return
      const lengths = before[i] ?? new Float64Array(1)
      const total = realAt(lengths, lengths.length - 1)
      const done = realAt(lengths, c / 2) + t * Math.sqrt(square)
      best = {
        piece: i,
        along: total > 0 ? Math.min(1, done / total) : 0,
        accessMeters,
        lon: x / perLon,
        lat: y / METERS_PER_DEGREE,
      }
    }
    const [cx, cy] = [cellOf(px), cellOf(py)]
    for (let ring = 0; ring * CELL_METERS <= MAX_ACCESS + CELL_METERS; ring++) {
      // Everything in a farther ring is at least this far away.
      if (best !== undefined && best.accessMeters <= (ring - 1) * CELL_METERS) break
      for (let dx = -ring; dx <= ring; dx++) {
        const step = Math.abs(dx) === ring ? 1 : 2 * ring
        for (let dy = -ring; dy <= ring; dy += Math.max(1, step)) {
          cells.get(keyOf(cx + dx, cy + dy))?.forEach(consider)
        }
      }
    }
    return best
  }
}

/** Length of the line before each of its corners. */
function lengthsBefore(line: Float64Array, perLon: number): Float64Array {
  const lengths = new Float64Array(line.length / 2)
  for (let c = 2; c < line.length; c += 2) {
    const dx = (realAt(line, c) - realAt(line, c - 2)) * perLon
    const dy = (realAt(line, c + 1) - realAt(line, c - 1)) * METERS_PER_DEGREE
    lengths[c / 2] = realAt(lengths, c / 2 - 1) + Math.hypot(dx, dy)
  }
  return lengths
}
