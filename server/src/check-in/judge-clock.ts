import type { Reason } from '@patrol/contract'
import { isNear } from './judge-place.ts'
import { flag, note, type ScanFacts } from './scan-facts.ts'

export interface ClockFinding {
  reasons: Reason[]
  /** The time that counts: the claimed one where it is bounded, else the receipt. */
  checkedInAt: Date
  /** The best estimate of when the tag was read, for what is judged by scan time. */
  scannedAt: Date
  /** Measured by a clock of ours: a beacon with an unbroken monotonic clock, or the arrival itself. */
  proven: boolean
}

const minute = 60_000
export const maxSkewMs = 2 * minute
const lateUploadMs = 5 * minute
/** Taps of the same tag this near on both sides leave the claimed time no room to be elsewhere. */
const bracketMs = 10 * minute

/** Which time counts, and how far the claimed one can be believed. */
export function judgeClock(facts: ScanFacts): ClockFinding {
  const received = facts.receivedAt.getTime()
  const claimed = Date.parse(facts.checkIn.checkedInAt)
  if (claimed > received + maxSkewMs) {
    return { reasons: [flag('clock-skew')], ...at(facts.receivedAt), proven: false }
  }
  const bounded = boundedMs(facts)
  if (bounded !== null) {
    const agrees = Math.abs(claimed - bounded) <= maxSkewMs
    // Where they differ, the monotonic clock went on while the device's was turned: what it measured counts.
    const time = Math.min(agrees ? claimed : bounded, received)
    const skew = agrees ? [] : [flag('clock-skew')]
    return { reasons: [...skew, ...lateness(time, received)], ...at(new Date(time)), proven: true }
  }
  const time = Math.min(claimed, received)
  const prompt = received - claimed <= maxSkewMs
  // No unbroken clock since a beacon. Arriving at once bounds it, and so do a track that we had live, and the tag's own taps.
  if (prompt || isOnLiveTrack(facts) || isBracketed(facts, time)) {
    return { reasons: lateness(time, received), ...at(new Date(time)), proven: prompt }
  }
  return {
    reasons: [flag('clock-unbounded')],
    checkedInAt: facts.receivedAt,
    scannedAt: new Date(time),
    proven: false,
  }
}

const at = (time: Date) => ({ checkedInAt: time, scannedAt: time })

function lateness(timeMs: number, receivedMs: number): Reason[] {
  return receivedMs - timeMs > lateUploadMs ? [note('late-upload')] : []
}

/** A page that has been open for longer bounds nothing: old beacons could be hoarded to backdate scans. */
const maxBeaconAgeMs = 3 * 86_400_000

/** The scan's time by the server's beacon and the phone's monotonic clock; null without a genuine, recent beacon. */
function boundedMs({ checkIn, beaconMs, clockSpeed, receivedAt }: ScanFacts): number | null {
  const beacon = checkIn.clock.beacon
  if (beacon === null || beaconMs === null) return null
  if ((receivedAt.getTime() - beaconMs) / clockSpeed > maxBeaconAgeMs) return null
  const elapsed = checkIn.clock.monotonicMs - beacon.monotonicMs
  return elapsed < 0 ? null : beaconMs + elapsed * clockSpeed
}

/**
 * Breadcrumbs that came while they were fresh bear our time. Those that came later do not bound anything: the same clock
 * that may have been turned wrote them.
 */
function isOnLiveTrack({ point, traceBefore, traceAfter }: ScanFacts): boolean {
  if (point === null) return false
  return [traceBefore, traceAfter].some((trace) => trace?.live === true && isNear(trace, point))
}

/** The counter orders the taps of a tag: trusted ones shortly before and after hold this one between them. */
function isBracketed({ readCounter, taps }: ScanFacts, timeMs: number): boolean {
  if (readCounter === null) return false
  const near = (after: boolean) =>
    taps.some(({ counter, claimedAt, timeTrusted }) => {
      if (!timeTrusted || claimedAt === null || counter > readCounter !== after) return false
      const ahead = (claimedAt.getTime() - timeMs) * (after ? 1 : -1)
      return ahead >= 0 && ahead <= bracketMs
    })
  return near(false) && near(true)
}
