import { seededRandom } from '../random.ts'
import { incidentKinds, type IncidentKind } from './incident-kinds.ts'

/** A place that incidents may gather around, with what the register knows of it. */
export interface Anchor {
  lon: number
  lat: number
  /** Such as 新營區忠政里; null where nobody knows. */
  village: string | null
  precinctId: number
  stationId: number
}

export interface PlannedIncident {
  source: IncidentKind['source']
  category: string
  priority: 1 | 2 | 3
  occurredAt: Date
  village: string | null
  lon: number
  lat: number
  precinctId: number
  stationId: number
}

/** Share of the incidents of a kind that happen at its hotspots; the others anywhere that has a patrol point. */
const gathered = 0.5
/** Hotspots of one kind in the city. The k-th gets 1/k of what the first gets (Zipf), as crime at places does. */
const spotsOfKind = 30
/** Standard deviations in metres: of a hotspot, and of an address beside a patrol point. */
const spread = { spot: 140, anywhere: 260 }
/** Near repeat: a house that was broken into makes its neighbours likelier for two weeks (Johnson et al., 2007). */
const repeat = { share: 0.25, days: 14, meters: 120 }
const dayMs = 86_400_000

/**
 * A made-up year of incidents that looks like one: hotspots, hours of the day, busier weekends, near repeats. The same city
 * and day give the same year.
 * @param now the end of the year; nothing happens after it
 */
export function planIncidents(anchors: readonly Anchor[], now: Date): PlannedIncident[] {
  if (anchors.length === 0) return []
  return incidentKinds.flatMap((kind) => planKind(kind, anchors, now))
}

function planKind(kind: IncidentKind, anchors: readonly Anchor[], now: Date): PlannedIncident[] {
  const random = seededRandom(`incidents ${kind.source} ${kind.category}`)
  const pick = () => anchors[Math.floor(random() * anchors.length)]
  const spots = Array.from({ length: spotsOfKind }, pick)
  const weights = spots.map((_, nth) => 1 / (nth + 1))
  const midnight = Math.floor((now.getTime() + 8 * 3_600_000) / dayMs) * dayMs - 8 * 3_600_000
  const planned: PlannedIncident[] = []
  while (planned.length < kind.perYear) {
    const before = planned[Math.floor(random() * planned.length)]
    const follows = kind.repeats === true && before !== undefined && random() < repeat.share
    const isAtSpot = !follows && random() < gathered
    const anchor = follows ? before : isAtSpot ? spots[pickWeighted(weights, random)] : pick()
    if (anchor === undefined) continue
    const day = follows
      ? Math.floor((before.occurredAt.getTime() - midnight) / dayMs) + Math.ceil(random() * repeat.days)
      : -Math.floor(random() * 365)
    const at = midnight + day * dayMs + (pickWeighted(kind.hours, random) + random()) * 3_600_000
    // A quiet weekday is drawn again; what would happen after now does not.
    if (at >= now.getTime() || random() > (kind.weekend ?? 1) ** (isWeekend(at) ? 0 : 1)) continue
    const meters = follows ? repeat.meters : isAtSpot ? spread.spot : spread.anywhere
    const [lon, lat] = shift(anchor, gaussian(random) * meters, gaussian(random) * meters)
    planned.push({
      source: kind.source,
      category: kind.category,
      priority: kind.priority,
      occurredAt: new Date(Math.floor(at)),
      village: anchor.village,
      lon,
      lat,
      precinctId: anchor.precinctId,
      stationId: anchor.stationId,
    })
  }
  return planned
}

/** Friday and Saturday evenings to Sunday, Asia/Taipei. */
function isWeekend(at: number): boolean {
  const hours = at / 3_600_000 + 8
  // 1970-01-01 was a Thursday.
  const weekday = (Math.floor(hours / 24) + 3) % 7
  return weekday >= 5 || (weekday === 4 && hours % 24 >= 18)
}

/** The place of a weight, drawn in proportion. */
export function pickWeighted(weights: readonly number[], random: () => number): number {
  let rest = random() * weights.reduce((sum, weight) => sum + weight, 0)
  const index = weights.findIndex((weight) => (rest -= weight) < 0)
  return index === -1 ? weights.length - 1 : index
}

/** Box–Muller. */
const gaussian = (random: () => number) =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())

function shift({ lon, lat }: { lon: number; lat: number }, east: number, north: number): [number, number] {
  const degree = 111_320
  return [lon + east / (degree * Math.cos((lat * Math.PI) / 180)), lat + north / degree]
}
