import { minute, pointsPerStation, stations, type Planner, type PlannedScan } from './plan.ts'

type HonestKind = 'offline' | 'late' | 'poor-gps' | 'tunnel' | 'pair' | 'courier' | 'reload'

/** A phone that died keeps no track; nothing then supports a static code. */
const lostTracks = 0.01

/**
 * Plans `count` honest scans: units of two go round the points of their station, every twelve to eighteen minutes one, since
 * almost three hours, and the last a moment ago.
 */
export function planHonest(planner: Planner, count: number): void {
  const { plan } = planner
  const planned = () => plan.scans.filter((scan) => scan.honest).length
  for (let unit = 0; planned() < count; unit++) {
    const station = unit % stations
    const [reader = 0, partner = 0] = planner.addUnit(station, 2)
    let ms = -planner.between(150, 175) * minute
    while (ms < -12 * minute && planned() < count) {
      visit(planner, { station, reader, partner, ms, kind: chooseKind(planner, ms) })
      ms += planner.between(12, 18) * minute
    }
    if (planned() < count) {
      visit(planner, { station, reader, partner, ms: -planner.between(20, 80) * 1_000, kind: 'online' })
    }
  }
  // A pair makes two; the last may be one too many.
  plan.scans.splice(count)
}

function chooseKind({ random }: Planner, ms: number): HonestKind {
  const roll = random.real()
  if (roll < 0.03) return 'courier'
  if (roll < 0.045) return 'reload'
  if (roll < 0.17) return 'pair'
  if (roll < 0.29) return 'tunnel'
  if (roll < 0.44) return 'poor-gps'
  return ms > -60 * minute ? 'offline' : 'late'
}

function visit(
  planner: Planner,
  of: { station: number; reader: number; partner: number; ms: number; kind: HonestKind | 'online' },
): void {
  const { plan, random } = planner
  const point = of.station * pointsPerStation + random.below(pointsPerStation)
  const spot = planner.spotOf(point)
  const secure = planner.chance(0.55)
  const readers = of.kind === 'pair' ? [of.reader, of.partner] : [of.reader]
  readers.forEach((officer, nr) => {
    const trueMs = of.ms + nr * planner.between(5, 40) * 1_000
    const keptTrack = !planner.chance(lostTracks)
    if (keptTrack) planner.track(officer, spot, trueMs, of.kind === 'tunnel' ? 100_000 : 0)
    const scan: PlannedScan = {
      kind: of.kind,
      honest: true,
      officer,
      uploader: of.kind === 'courier' ? anotherReader(planner, officer) : officer,
      point,
      proof: secure ? { kind: 'sun', tap: planner.tap(point, trueMs) } : { kind: 'qr' },
      trueMs,
      // The phone takes the server's time on, some seconds off.
      claimedMs: trueMs + Math.max(-45, Math.min(15, planner.noise(12))) * 1_000,
      beaconMs: of.kind === 'reload' ? null : trueMs - planner.between(1, 50) * minute,
      fix: planner.fixAt(spot),
      device: officer,
      metersAway: 0,
      second: false,
    }
    plan.scans.push({ ...scan, ...blur(planner, of.kind, spot) })
  })
}

/** What a bad sky does: no fix in a tunnel, a wide one between towers. The phone states how wide. */
function blur(
  planner: Planner,
  kind: string,
  spot: { east: number; north: number },
): Partial<Pick<PlannedScan, 'fix'>> {
  if (kind === 'tunnel') return { fix: null }
  if (kind !== 'poor-gps') return {}
  const accuracy = planner.between(80, 400)
  // Phones state the radius that holds two in three fixes, and are right about the rest within twice of it.
  const error = accuracy * Math.min(0.9, Math.abs(planner.noise(0.5)))
  const angle = planner.between(0, 2 * Math.PI)
  return {
    fix: { east: spot.east + error * Math.cos(angle), north: spot.north + error * Math.sin(angle), accuracy },
  }
}

function anotherReader({ plan, random }: Planner, officer: number): number {
  const other = random.below(plan.officers.length)
  return other === officer ? (other + 1) % plan.officers.length : other
}
