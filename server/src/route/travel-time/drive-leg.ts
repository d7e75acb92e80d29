import { distanceMeters } from '../../check-in/geo.ts'
import { realAt } from '../typed-array.ts'
import type { RoadGraph, RoadPiece } from './road-graph.ts'
import { searchRoads } from './search-roads.ts'
import type { Place, Snap } from './snap.ts'
import { DETOUR, type HourBand, type TravelMode } from './speeds.ts'

export type Leg = {
  meters: number
  /** `[lon, lat]` from place to place; where it is no road, the straight line. */
  line: [lon: number, lat: number][]
  onRoad: boolean
}

/** The way that the travel times mean: its length and its line on the map. */
export function driveLeg(
  graph: RoadGraph | null,
  from: Place,
  to: Place,
  { mode, band }: { mode: TravelMode; band: HourBand },
): Leg {
  const straight = distanceMeters(from, to)
  const direct: Leg = { meters: straight * DETOUR, line: [lonLat(from), lonLat(to)], onRoad: false }
  const network = graph?.network(mode)
  const [start, end] = [network?.snap(from), network?.snap(to)]
  if (graph == null || network === undefined || start === undefined || end === undefined) return direct
  const search = searchRoads(network, start, [end], band)
  if (realAt(search.seconds, 0) === Infinity) return direct
  const road = joinPieces(graph.pieces, search.pieces(0), start, end)
  const meters = lengthOf(road) + (start.accessMeters + end.accessMeters) * DETOUR
  // Neighbours do not go round by the main road.
  if (direct.meters < meters / 2 && straight < Math.max(400, (start.accessMeters + end.accessMeters) / 2))
    return direct
  return { meters, line: [lonLat(from), ...road, lonLat(to)], onRoad: true }
}

const lonLat = ({ lon, lat }: Place): [number, number] => [lon, lat]

/** The lines of the pieces one after another, the first and last cut where one turns in and out. */
function joinPieces(
  pieces: readonly RoadPiece[],
  driven: readonly number[],
  start: Snap,
  end: Snap,
): [number, number][] {
  if (driven.length === 1) {
    const piece = pieces[driven[0] ?? -1]
    return piece === undefined ? [] : cut(piece, start.along, end.along)
  }
  let node: number | undefined
  return driven.flatMap((index, i): [number, number][] => {
    const piece = pieces[index]
    if (piece === undefined) return []
    const next = pieces[driven[i + 1] ?? -1]
    const forward = i === 0 ? leadsTo(piece, next) : node === piece.from
    node = forward ? piece.to : piece.from
    if (i === 0) return cut(piece, start.along, forward ? 1 : 0)
    if (i === driven.length - 1) return cut(piece, forward ? 0 : 1, end.along)
    return cut(piece, forward ? 0 : 1, forward ? 1 : 0)
  })
}

/** Is a piece left at its `to` for the next one? */
function leadsTo(piece: RoadPiece, next: RoadPiece | undefined): boolean {
  return next === undefined || next.from === piece.to || next.to === piece.to
}

/** The stretch of a piece between two places along it (0–1), in that direction. */
function cut(piece: RoadPiece, from: number, to: number): [number, number][] {
  const corners: [number, number][] = []
  for (let c = 0; c + 1 < piece.line.length; c += 2)
    corners.push([realAt(piece.line, c), realAt(piece.line, c + 1)])
  const total = lengthOf(corners)
  const [low, high] = [Math.min(from, to) * total, Math.max(from, to) * total]
  const stretch: [number, number][] = []
  let before = 0
  for (let i = 0; i + 1 < corners.length; i++) {
    const [a, b] = [corners[i], corners[i + 1]]
    if (a === undefined || b === undefined) continue
    const meters = lengthOf([a, b])
    const at = (along: number): [number, number] => {
      const t = meters > 0 ? Math.max(0, Math.min(1, (along - before) / meters)) : 0
      return [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])]
    }
    if (before + meters >= low && before <= high) {
      if (stretch.length === 0) stretch.push(at(low))
      stretch.push(at(high))
    }
    before += meters
  }
  return from <= to ? stretch : stretch.reverse()
}

function lengthOf(line: readonly (readonly [number, number])[]): number {
  let meters = 0
  for (let i = 1; i < line.length; i++) {
    const [a, b] = [line[i - 1], line[i]]
    if (a !== undefined && b !== undefined)
      meters += distanceMeters({ lon: a[0], lat: a[1] }, { lon: b[0], lat: b[1] })
  }
  return meters
}
