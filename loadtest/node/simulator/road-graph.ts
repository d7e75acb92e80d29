import { metersBetween, type LonLat } from './geo.ts'

export interface RoadEdge {
  from: number
  to: number
  oneway: boolean
  meters: number
  line: LonLat[]
}

export interface RoadGraph {
  /** Positions from `a` to `b` along roads where that is sensible, else the straight line; both ends included. */
  route(a: LonLat, b: LonLat): LonLat[]
}

interface Step {
  to: number
  meters: number
  line: readonly LonLat[]
}

/** Nearer than this nobody takes the main road; farther than this from one, neither. Metres. */
const shortTrip = 500
const maxAccess = 2_500
/** A way round longer than this many times the straight line is a gap in the map. */
const maxDetour = 2.5

/** Builds the graph once; without edges every route is a straight line. */
export function buildRoadGraph(edges: readonly RoadEdge[]): RoadGraph {
  const steps = new Map<number, Step[]>()
  const places = new Map<number, LonLat>()
  const add = (from: number, step: Step) => {
    const list = steps.get(from)
    if (list) list.push(step)
    else steps.set(from, [step])
  }
  for (const { from, to, oneway, meters, line } of edges) {
    const [first, last] = [line[0], line.at(-1)]
    if (first === undefined || last === undefined) continue
    places.set(from, first).set(to, last)
    add(from, { to, meters, line })
    if (!oneway) add(to, { to: from, meters, line: line.toReversed() })
  }
  const nearest = indexPlaces(places)

  return {
    route(a, b) {
      const straight = metersBetween(a, b)
      if (straight < shortTrip) return [a, b]
      const [start, end] = [nearest(a), nearest(b)]
      if (start === undefined || end === undefined || start === end) return [a, b]
      const found = search(steps, places, start, end, straight * maxDetour)
      return found === undefined ? [a, b] : [a, ...found, b]
    },
  }
}

/** Finds the node nearest to a place by cells of a hundredth of a degree (about a kilometre). */
function indexPlaces(places: ReadonlyMap<number, LonLat>) {
  const keyOf = (x: number, y: number) => `${x} ${y}`
  const cells = Map.groupBy(places, ([, [lon, lat]]) => keyOf(Math.floor(lon * 100), Math.floor(lat * 100)))
  return (place: LonLat): number | undefined => {
    let best: number | undefined
    let bestMeters = maxAccess
    for (let dx = -2; dx <= 2; dx++) {
      for (let dy = -2; dy <= 2; dy++) {
        const key = keyOf(Math.floor(place[0] * 100) + dx, Math.floor(place[1] * 100) + dy)
        for (const [node, position] of cells.get(key) ?? []) {
          const meters = metersBetween(place, position)
          if (meters < bestMeters) [best, bestMeters] = [node, meters]
        }
      }
    }
    return best
  }
}

/** A* with the straight line as the bound; the open list is scanned, since a few hundred nodes at most are open. */
function search(
  steps: ReadonlyMap<number, readonly Step[]>,
  places: ReadonlyMap<number, LonLat>,
  start: number,
  end: number,
  maxMeters: number,
): LonLat[] | undefined {
  const goal = places.get(end)
  if (goal === undefined) return undefined
  const cost = new Map([[start, 0]])
  const came = new Map<number, { from: number; line: readonly LonLat[] }>()
  const open = new Map([[start, 0]])
  const closed = new Set<number>()
  while (open.size > 0) {
    let node = start
    let least = Infinity
    for (const [each, estimate] of open) if (estimate < least) [node, least] = [each, estimate]
    if (node === end) return trace(came, start, end)
    if (least > maxMeters) return undefined
    open.delete(node)
    closed.add(node)
    for (const { to, meters, line } of steps.get(node) ?? []) {
      const total = (cost.get(node) ?? Infinity) + meters
      const place = places.get(to)
      if (closed.has(to) || place === undefined || total >= (cost.get(to) ?? Infinity)) continue
      cost.set(to, total)
      came.set(to, { from: node, line })
      open.set(to, total + metersBetween(place, goal))
    }
  }
  return undefined
}

function trace(
  came: ReadonlyMap<number, { from: number; line: readonly LonLat[] }>,
  start: number,
  end: number,
): LonLat[] {
  const lines: (readonly LonLat[])[] = []
  for (let node = end; node !== start;) {
    const step = came.get(node)
    if (step === undefined) break
    lines.unshift(step.line)
    node = step.from
  }
  return lines.flat()
}
