import type { WatchFinding } from '@patrol/contract'
import { distanceMeters, type LonLat } from '../geo.ts'

/** Where somebody was at an instant, as well as the receiver knew. */
export interface WatchPosition extends LonLat {
  at: Date
  accuracyMeters: number | null
}

/** One of the two taps that bound a watch. */
export interface WatchTap {
  at: Date
  /** Rejected, or at a time that nothing bounds. */
  doubtful: boolean
  pointId: number | null
}

/** Everything known of one watch. */
export interface WatchFacts {
  /** Null while it is not on record. */
  tapIn: WatchTap | null
  tapOut: WatchTap
  /** The two taps are by the same officer, or of one unit. */
  together: boolean
  plannedMinutes: number
  point: LonLat & { radiusMeters: number }
  /** Breadcrumbs of the officer who tapped out, between the taps. */
  track: readonly WatchPosition[]
}

/** Of the planned time; the rest is the walk from the door to the car and the error of receivers. */
const requiredShare = 0.8
/** Taps are quick and clocks are not the same: so much less is still in time. */
const toleranceSeconds = 15
/** Breadcrumbs further apart say nothing about the time between them. */
const longestGapSeconds = 120
/** GPS error between tall buildings: a fix may claim no more slack than this. */
const maxAccuracyAllowance = 100

type Outcome = Omit<WatchFinding, 'checkInId' | 'plannedMinutes'>

/**
 * How a stationary watch went. The time shown to be within the radius must reach 80 % of the plan. What the track does not
 * show counts for neither side: only where even it could not change the answer is the answer given.
 */
export function judgeWatch(facts: WatchFacts): Outcome {
  const { tapIn, tapOut, plannedMinutes, point } = facts
  const undecidable = { outcome: 'undecidable' as const, seconds: 0, insideSeconds: 0, unknownSeconds: 0 }
  if (tapIn === null) return undecidable
  const seconds = secondsBetween(tapIn.at, tapOut.at)
  if (seconds < 0) return undecidable
  const { inside, unknown } = measure(facts, tapIn)
  const measured = {
    seconds: Math.round(seconds),
    insideSeconds: Math.round(inside),
    unknownSeconds: Math.round(unknown),
  }
  if (!facts.together || tapIn.pointId === null || tapIn.pointId !== tapOut.pointId) {
    return { ...undecidable, ...measured }
  }
  const planned = plannedMinutes * 60
  if (seconds + toleranceSeconds < planned) return { outcome: 'too-short', ...measured }
  if (tapIn.doubtful || tapOut.doubtful) return { ...undecidable, ...measured }
  const required = planned * requiredShare
  const outcome = inside >= required ? 'completed' : inside + unknown < required ? 'too-short' : 'undecidable'
  return { outcome, ...measured }

  function measure({ track }: WatchFacts, start: WatchTap) {
    const taps = [start, tapOut].map((tap) => ({
      at: tap.at,
      near: tap.doubtful ? null : true,
    }))
    const steps = [
      ...taps,
      ...track.map((one) => ({
        at: one.at,
        near:
          distanceMeters(one, point) <=
          point.radiusMeters + Math.min(one.accuracyMeters ?? 50, maxAccuracyAllowance),
      })),
    ].sort((a, b) => a.at.getTime() - b.at.getTime())
    let inside = 0
    let unknown = 0
    for (const [nr, step] of steps.entries()) {
      const before = steps[nr - 1]
      if (before === undefined) continue
      const length = secondsBetween(before.at, step.at)
      if (length > longestGapSeconds || before.near === null || step.near === null) unknown += length
      // Somewhere in between the line was crossed.
      else inside += (length * (Number(before.near) + Number(step.near))) / 2
    }
    return { inside, unknown }
  }
}

const secondsBetween = (from: Date, to: Date) => (to.getTime() - from.getTime()) / 1_000
