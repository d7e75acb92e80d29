import { driveLeg, type Leg } from './drive-leg.ts'
import type { RoadGraph } from './road-graph.ts'
import type { Place } from './snap.ts'
import type { HourBand, TravelMode } from './speeds.ts'

/** One leg of a route as it is kept and drawn. */
export type DrawnLeg = Pick<Leg, 'line' | 'onRoad'>

export type Way = {
  /** From place to place, one fewer than there are places. */
  legs: DrawnLeg[]
  meters: number
}

type DriveOptions = { mode: TravelMode; band: HourBand }

/** Places of a map are kept to a metre. */
const DEGREE_SHARE = 100_000

/** The way along these places, as the travel times mean it. */
export function driveWay(graph: RoadGraph | null, places: readonly Place[], options: DriveOptions): Way {
  return joinLegs(pairsOf(places).map(([from, to]) => driveLeg(graph, from, to, options)))
}

/** The same on a gateway, which answers others between the legs. */
export async function driveWayInTurns(
  graph: RoadGraph | null,
  places: readonly Place[],
  options: DriveOptions,
): Promise<Way> {
  const legs: Leg[] = []
  for (const [from, to] of pairsOf(places)) {
    legs.push(driveLeg(graph, from, to, options))
    await new Promise((resolve) => setImmediate(resolve))
  }
  return joinLegs(legs)
}

const pairsOf = (places: readonly Place[]): [from: Place, to: Place][] =>
  places.slice(1).map((to, i) => [places[i] ?? to, to])

function joinLegs(legs: readonly Leg[]): Way {
  return {
    legs: legs.map(({ line, onRoad }) => ({ line: roundLine(line), onRoad })),
    meters: legs.reduce((sum, { meters }) => sum + meters, 0),
  }
}

/** Rounded, without corners that fall on the one before; two ends are always left. */
function roundLine(line: Leg['line']): Leg['line'] {
  const round = (degrees: number) => Math.round(degrees * DEGREE_SHARE) / DEGREE_SHARE
  const rounded = line.map(([lon, lat]): [number, number] => [round(lon), round(lat)])
  const corners = rounded.filter(
    ([lon, lat], i) => rounded[i - 1]?.[0] !== lon || rounded[i - 1]?.[1] !== lat,
  )
  return corners.length < 2 ? rounded.slice(0, 2) : corners
}
