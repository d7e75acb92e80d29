import type { PlannedStop } from '@patrol/contract'
import { getDistance } from 'ol/sphere.js'

type Named = { id: number; lon: number; lat: number }

/**
 * The row of points after a stop was dragged over the map. Dropped on a patrol point that is not on the route, that one takes its
 * place; dropped anywhere else, the stop is visited where coming by costs the least way.
 * @param reachMeters how near a point must be to be meant
 */
export function dropStop(
  stops: readonly PlannedStop[],
  points: readonly Named[],
  sequence: number,
  place: [lon: number, lat: number],
  reachMeters: number,
): number[] {
  const ids = stops.map(({ pointId }) => pointId)
  const at = stops.findIndex((stop) => stop.sequence === sequence)
  const away = ({ lon, lat }: { lon: number; lat: number }) => getDistance([lon, lat], place)
  const [meant] = points.filter((point) => away(point) <= reachMeters).toSorted((a, b) => away(a) - away(b))
  if (at < 0 || meant?.id === ids[at]) return ids
  if (meant !== undefined && !ids.includes(meant.id)) return ids.with(at, meant.id)

  const others = stops.filter((_, i) => i !== at)
  const between = (a: { lon: number; lat: number }, b: { lon: number; lat: number }) =>
    getDistance([a.lon, a.lat], [b.lon, b.lat])
  let [best, least] = [at, Infinity]
  for (let gap = 0; gap <= others.length; gap++) {
    const [before, after] = [others[gap - 1], others[gap]]
    const detour =
      (before === undefined ? 0 : away(before)) +
      (after === undefined ? 0 : away(after)) -
      (before === undefined || after === undefined ? 0 : between(before, after))
    // The ends are no cheaper for having one neighbour only.
    const cost = before === undefined || after === undefined ? 2 * detour : detour
    if (cost < least) [best, least] = [gap, cost]
  }
  const order = others.map(({ pointId }) => pointId)
  order.splice(best, 0, ...ids.slice(at, at + 1))
  return order
}
