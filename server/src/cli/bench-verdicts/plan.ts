import { createRandom, type Random } from '../../route/random.ts'

/** Metres east and north of the corner of the benched city. */
export interface Spot {
  east: number
  north: number
}

/** How a proof is made when the scan is built; the tag's counter is known only when all reads are in order. */
export type PlannedProof =
  | { kind: 'sun'; tap: number }
  | { kind: 'sun-forged'; tap: number; how: 'mac' | 'counter' | 'code' }
  | { kind: 'qr' }
  | { kind: 'qr-forged'; how: 'signature' | 'key' | 'point' }
  | { kind: 'typed' }
  | { kind: 'uid'; urlOf: number }

/** One labelled scan. Times are milliseconds relative to the start of the run; what is past is negative. */
export interface PlannedScan {
  kind: string
  honest: boolean
  officer: number
  /** Whose log-in brings it. */
  uploader: number
  point: number
  proof: PlannedProof
  /** When it really happened, and when the phone says it did. */
  trueMs: number
  claimedMs: number
  /** When the phone last heard our time; null when not since the page was loaded. */
  beaconMs: number | null
  fix: (Spot & { accuracy: number }) | null
  /** Whose enrolled phone signs; null where none does, 'stranger' for a phone that nobody enrolled. */
  device: number | 'stranger' | null
  /** How far the phone really was from the point; 0 where it was there. */
  metersAway: number
  /** Uploaded when the first round is on record: a replay needs its original. */
  second: boolean
}

export interface PlannedTrack {
  officer: number
  crumbs: (Spot & { ms: number; accuracy: number })[]
}

export interface Plan {
  points: Spot[]
  /** Each with an enrolled phone of the same number. */
  officers: { station: number; unit: number }[]
  /** Every physical read of a secure tag. */
  taps: { point: number; ms: number }[]
  scans: PlannedScan[]
  tracks: PlannedTrack[]
}

export const pointsPerStation = 12
export const stations = 20
export const minute = 60_000
const stationSpacing = 9_000
/** The field client's pace. */
const crumbMs = 15_000

/** Builds a plan bit by bit; everything in it comes from the seed. */
export interface Planner {
  plan: Plan
  random: Random
  between(from: number, to: number): number
  /** About normal, by the sum of twelve. */
  noise(spread: number): number
  chance(share: number): boolean
  addUnit(station: number, size: 1 | 2): number[]
  tap(point: number, ms: number): number
  spotOf(point: number): Spot
  /** A fix at a spot, with an error and the accuracy that a phone would state. */
  fixAt(spot: Spot, error?: number): Spot & { accuracy: number }
  /** Walks up to a spot and away again, within 300 m, four minutes each way. `skipMs`: no breadcrumbs so near the middle. */
  track(officer: number, spot: Spot, ms: number, skipMs?: number): void
}

export function createPlanner(seed: number): Planner {
  const random = createRandom(seed)
  const between = (from: number, to: number) => from + random.real() * (to - from)
  const noise = (spread: number) =>
    (Array.from({ length: 12 }, () => random.real()).reduce((sum, one) => sum + one, 0) - 6) * spread
  const points = Array.from({ length: stations * pointsPerStation }, (_, nr) => {
    const station = Math.floor(nr / pointsPerStation)
    return {
      east: (station % 5) * stationSpacing + between(-1_300, 1_300),
      north: Math.floor(station / 5) * stationSpacing + between(-1_300, 1_300),
    }
  })
  const plan: Plan = { points, officers: [], taps: [], scans: [], tracks: [] }
  let units = 0
  const spotOf = (point: number) => {
    const spot = points[point]
    if (spot === undefined) throw new Error(`There is no point ${point}.`)
    return spot
  }
  return {
    plan,
    random,
    between,
    noise,
    chance: (share) => random.real() < share,
    addUnit(station, size) {
      const unit = units++
      return Array.from({ length: size }, () => plan.officers.push({ station, unit }) - 1)
    },
    tap: (point, ms) => plan.taps.push({ point, ms }) - 1,
    spotOf,
    fixAt: (spot, error = 12) => ({
      east: spot.east + noise(error),
      north: spot.north + noise(error),
      accuracy: between(5, 25),
    }),
    track(officer, spot, ms, skipMs = 0) {
      const angle = between(0, 2 * Math.PI)
      const crumbs = []
      for (let at = -4 * minute; at <= 4 * minute; at += crumbMs) {
        if (Math.abs(at) < skipMs || ms + at > 0) continue
        const meters = Math.max(0, Math.abs(at) / 1_000 - 60) * 1.3
        crumbs.push({
          ms: ms + at,
          east: spot.east + meters * Math.cos(angle) + noise(8),
          north: spot.north + meters * Math.sin(angle) + noise(8),
          accuracy: between(5, 25),
        })
      }
      plan.tracks.push({ officer, crumbs })
    },
  }
}
