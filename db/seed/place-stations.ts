import type { Village } from './atlas.ts'
import { metersBetween, randomInside, squareKilometers, type LonLat } from './geometry.ts'
import type { StationFact } from './organisation.ts'
import { seededRandom } from './random.ts'

/**
 * An APPROXIMATE position for each station, since the public list has none: in the village of the same name where there is
 * one (後甲派出所: 後甲里), the town's own station in its smallest village, which is its centre, and every other in the village
 * farthest from the stations placed so far. Same order as `stations`; all of one district.
 */
export function placeStations(stations: readonly StationFact[], villages: readonly Village[]): LonLat[] {
  const placed = new Map<StationFact, LonLat>()
  const free = new Set(villages)
  const settle = (station: StationFact, village: Village | undefined) => {
    if (village === undefined) throw new Error(`${station.district} has too few villages for its stations.`)
    free.delete(village)
    placed.set(
      station,
      randomInside([village.shape, village.districtShape], seededRandom(`station ${station.name}`)),
    )
  }

  for (const station of stations) {
    const village = villages.find((each) => each.name === `${stemOf(station.name)}里`)
    if (village !== undefined) settle(station, village)
  }
  for (const station of stations) {
    if (placed.has(station)) continue
    const isTownsOwn = `${stemOf(station.name)}區` === station.district
    settle(station, isTownsOwn ? smallest(free) : farthest(free, [...placed.values()]))
  }
  return stations.map((station) => placed.get(station) ?? [0, 0])
}

const stemOf = (name: string) => name.slice(0, -3)

function smallest(villages: Iterable<Village>): Village | undefined {
  return [...villages].sort((a, b) => squareKilometers(a.shape) - squareKilometers(b.shape))[0]
}

function farthest(villages: Iterable<Village>, from: readonly LonLat[]): Village | undefined {
  let best: Village | undefined
  let bestMeters = -1
  for (const village of villages) {
    const middle = randomInside([village.shape, village.districtShape], seededRandom(village.code))
    const meters = Math.min(Infinity, ...from.map((other) => metersBetween(middle, other)))
    if (meters > bestMeters) [best, bestMeters] = [village, meters]
  }
  return best
}
