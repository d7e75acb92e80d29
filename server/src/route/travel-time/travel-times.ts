/**
 * Travel times behind one interface: an OSRM server where one is configured, else the imported roads, else the straight line
 * × 1.3, which says of itself that it is an estimate. A straight line is taken beside roads only between neighbours, and not
 * where the way by road tells of a river between them.
 */
import type { Db } from '@patrol/db'
import { distanceMeters } from '../../check-in/geo.ts'
import { realAt } from '../typed-array.ts'
import { askOsrm, osrmServes } from './osrm.ts'
import { readRoadGraph } from './read-road-graph.ts'
import type { RoadGraph } from './road-graph.ts'
import { searchRoads } from './search-roads.ts'
import type { Place, Snap } from './snap.ts'
import { estimateSeconds, hourBand, laneSeconds, type HourBand, type TravelMode } from './speeds.ts'

export type TravelSource = 'osrm' | 'road-graph' | 'estimate'

export type TravelOptions = {
  mode: TravelMode
  /** The hour decides the speeds. */
  at: Date
  /** The times from the many to the one instead: who is soonest there? */
  towards?: boolean
  /** Setting OSRM_URL; empty for none. */
  osrmUrl?: string
}

export type TravelSeconds = {
  /** In the order of `to`. */
  seconds: Float64Array
  source: TravelSource
  /** How many of them are estimates all the same, since no road is near or none leads there. */
  estimated: number
}

/** Neighbours go straight through lanes that the map does not have, unless the way by road is this much longer: then there is a reason. */
const NEAR_METERS = 400
const BARRIER_RATIO = 4
const BARRIER_SECONDS = 120

/**
 * Seconds from one place to many (or back: `towards`), by the best source there is. OSRM being away is no failure: the next
 * source answers, and `source` says so.
 * @param roads a graph (null for none), or the database whose roads are read once and kept
 */
export async function travelSeconds(
  roads: RoadGraph | Db | null,
  from: Place,
  to: readonly Place[],
  options: TravelOptions,
): Promise<TravelSeconds> {
  const band = hourBand(options.at)
  const { mode, towards = false, osrmUrl = '' } = options
  if (osrmUrl !== '' && osrmServes(osrmUrl, mode)) {
    const answer = await (
      towards ? askOsrm(osrmUrl, to, [from], { mode, band }) : askOsrm(osrmUrl, [from], to, { mode, band })
    ).catch(() => null)
    if (answer !== null) return fillEstimates(answer, from, to, mode, band)
  }
  const graph = roads === null || 'network' in roads ? roads : await readRoadGraph(roads)
  return graphSeconds(graph, from, to, { mode, band, towards })
}

/** The same from a graph alone, without waiting. */
export function graphSeconds(
  graph: RoadGraph | null,
  from: Place,
  to: readonly Place[],
  { mode, band, towards = false }: { mode: TravelMode; band: HourBand; towards?: boolean },
): TravelSeconds {
  const network = graph?.network(mode)
  const start = network?.snap(from)
  if (network === undefined || start === undefined) {
    const seconds = Float64Array.from(to, (place) => estimateSeconds(distanceMeters(from, place), mode, band))
    return { seconds, source: 'estimate', estimated: to.length }
  }
  const snaps = to.map((place) => network.snap(place))
  const found = snaps.filter((snap): snap is Snap => snap !== undefined)
  const onRoad = searchRoads(network, start, found, band, towards).seconds
  let next = 0
  let estimated = 0
  const seconds = Float64Array.from(to, (place, k) => {
    const snap = snaps[k]
    const straight = distanceMeters(from, place)
    const byRoad =
      snap === undefined
        ? Infinity
        : laneSeconds(start.accessMeters + snap.accessMeters, mode) + realAt(onRoad, next++)
    if (byRoad === Infinity) {
      estimated++
      return estimateSeconds(straight, mode, band)
    }
    const access = start.accessMeters + (snap?.accessMeters ?? 0)
    const across = laneSeconds(straight, mode)
    const isNear = straight <= Math.max(NEAR_METERS, access / 2)
    return isNear && byRoad <= BARRIER_RATIO * across + BARRIER_SECONDS ? Math.min(across, byRoad) : byRoad
  })
  return { seconds, source: 'road-graph', estimated }
}

function fillEstimates(
  seconds: Float64Array,
  from: Place,
  to: readonly Place[],
  mode: TravelMode,
  band: HourBand,
): TravelSeconds {
  let estimated = 0
  const filled = seconds.map((value, k) => {
    if (!Number.isNaN(value)) return value
    estimated++
    return estimateSeconds(distanceMeters(from, to[k] ?? from), mode, band)
  })
  return { seconds: filled, source: 'osrm', estimated }
}
