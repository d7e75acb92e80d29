import type { Reason } from '@patrol/contract'
import { distanceMeters, type LonLat } from './geo.ts'
import { flag, note, type ScanFacts, type Trace } from './scan-facts.ts'

export interface PlaceFinding {
  reasons: Reason[]
  distance: number | null
  confirmFirst: boolean
  /** A track that comes later may lift or contradict it. */
  awaitsTrack: boolean
}

/** GPS error between tall buildings: a fix may claim no more slack than this. */
const maxAccuracyAllowance = 100
/** Further off than this beyond the allowance counts only when a person confirms it. */
const confirmBeyondMeters = 300
const farMeters = 2_000
/** Breadcrumbs before and after within this of the point stand in for a fix. */
const supportMeters = 500
/** A fix of another time than the scan says nothing about it. */
const maxFixAgeMs = 120_000
const maxSpeedKph = 120

/**
 * Was the officer there? A secure tag's tap is itself the evidence, so a fix is only noted. A static code can be copied: it
 * needs a fix, and from a phone that keeps a track also a breadcrumb that agrees with it.
 */
export function judgePlace(facts: ScanFacts): PlaceFinding {
  const { point, checkIn, proof } = facts
  const none = { reasons: [], distance: null, confirmFirst: false, awaitsTrack: false }
  if (point === null) return none
  const secure = proof === 'proof-sun'
  const { position: fix } = checkIn
  const before = isNear(facts.traceBefore, point)
  const after = isNear(facts.traceAfter, point)
  if (fix === null) {
    if (secure || (before && after)) return { ...none, reasons: [note('no-fix')] }
    return { ...none, reasons: [flag('no-fix')], confirmFirst: true, awaitsTrack: true }
  }

  const distance = distanceMeters(fix, point)
  const beyond = distance - point.radiusMeters - Math.min(fix.accuracyMeters, maxAccuracyAllowance)
  const blurred = distance <= point.radiusMeters + fix.accuracyMeters
  const stale = Math.abs(Date.parse(fix.fixedAt) - Date.parse(checkIn.checkedInAt)) > maxFixAgeMs
  // Indoors a phone may have only an old fix; with a secure tag it proves nothing and harms nothing.
  if (secure && (stale || (blurred && beyond > 0))) return { ...none, distance, reasons: [note('poor-fix')] }

  // Only our own client keeps a track, and an enrolled device shows that the officer has it.
  const tracked = proof === 'proof-qr' && facts.officerEnrolled
  const lonely = tracked && !isAccompanied(facts, point)
  const reasons: Reason[] = stale || isImplausible(facts) ? [flag('fix-implausible')] : []
  if (beyond > 0) {
    const lifted = blurred && before && after
    const confirmFirst = !lifted && (lonely || beyond > confirmBeyondMeters)
    reasons.push(lifted ? note('poor-fix') : flag(beyond > farMeters ? 'far-from-place' : 'off-place'))
    return { reasons, distance, confirmFirst, awaitsTrack: tracked || blurred }
  }
  if (lonely) reasons.push(flag('no-track'))
  return { reasons, distance, confirmFirst: lonely, awaitsTrack: tracked }
}

export function isNear(trace: Trace | null, point: LonLat): boolean {
  return trace !== null && distanceMeters(trace, point) <= supportMeters
}

/** Is the breadcrumb next to the scan in time as near to the point as a copied code may not be? */
function isAccompanied({ checkIn, traceBefore, traceAfter }: ScanFacts, point: LonLat): boolean {
  const claimed = Date.parse(checkIn.checkedInAt)
  const [nearest] = [traceBefore, traceAfter]
    .filter((trace) => trace !== null)
    .sort((a, b) => Math.abs(a.at.getTime() - claimed) - Math.abs(b.at.getTime() - claimed))
  return nearest !== undefined && distanceMeters(nearest, point) <= confirmBeyondMeters
}

/** A fix without any error, away from the track that the phone itself sent, or on a track that no vehicle could drive. */
function isImplausible({ checkIn, traceBefore, traceAfter, trackLeaps }: ScanFacts): boolean {
  const fix = checkIn.position
  if (fix === null) return false
  if (fix.accuracyMeters === 0 || trackLeaps) return true
  const claimed = Date.parse(checkIn.checkedInAt)
  return [traceBefore, traceAfter].some((trace) => {
    if (trace === null) return false
    const seconds = Math.abs(trace.at.getTime() - claimed) / 1_000
    const reach = supportMeters + fix.accuracyMeters + (seconds * maxSpeedKph) / 3.6
    return distanceMeters(trace, fix) > reach
  })
}
