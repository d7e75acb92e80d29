/** The imported roads as a graph: one network per mode, since one-ways and closed roads differ. */
import { buildNetwork, type Network } from './network.ts'
import type { TravelMode } from './speeds.ts'

/** A stretch of road between two nodes, in the direction in which a one-way may be driven. */
export type RoadPiece = {
  from: number
  to: number
  oneway: boolean
  meters: number
  /** OSM highway class. */
  roadClass: string
  limitKph: number | null
  /** lon, lat, lon, lat …: at least two corners. */
  line: Float64Array
}

export type RoadGraph = {
  pieces: readonly RoadPiece[]
  network: (mode: TravelMode) => Network
}

export function buildRoadGraph(pieces: readonly RoadPiece[]): RoadGraph {
  const networks = new Map<TravelMode, Network>()
  return {
    pieces,
    network: (mode) => {
      const known = networks.get(mode)
      if (known !== undefined) return known
      const made = buildNetwork(pieces, mode)
      networks.set(mode, made)
      return made
    },
  }
}
