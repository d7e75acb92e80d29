import type { CheckIn, Fulfils, Reason, ReasonCode, Verdict } from '@patrol/contract'
import { distanceMeters, type LonLat } from './geo.ts'

/** A visit of the same officer, before or after in time. */
export interface Neighbour extends LonLat {
  at: Date
  radiusMeters: number
}

/** A breadcrumb of the same officer near the claimed time. */
export interface Trace extends LonLat {
  at: Date
  /** It reached us while it was fresh, so its time is ours and not the phone's. */
  live: boolean
}

/** Everything known about one scan. Gathered by record-check-in.ts; the judge asks nobody. */
export interface ScanFacts {
  checkIn: CheckIn
  receivedAt: Date
  /** City seconds per real second: 1 outside demonstrations. */
  clockSpeed: number
  /** The time in the phone's beacon, epoch ms, where it is genuine. */
  beaconMs: number | null
  /** What cryptography says of the tag. */
  proof: 'proof-qr' | 'typed-code' | 'malformed-proof' | 'signature-wrong'
  tag: { revokedAt: Date | null; keyVersion: number } | null
  /** The key version of the scanned label, where it has one. */
  scannedKeyVersion: number | null
  point:
    (LonLat & { radiusMeters: number; precinctId: number; stationId: number; retiredAt: Date | null }) | null
  officer: { disabledAt: Date | null; supervises: boolean }
  /** The unit that the roster has the officer in at that time. */
  unit: { precinctId: number; stationId: number } | null
  /** Another officer's log-in uploads it, and no device key yet vouches for the first one. */
  courier: boolean
  previous: Neighbour | null
  next: Neighbour | null
  /** The last breadcrumb before and the first after the claimed time, each within five minutes. */
  traceBefore: Trace | null
  traceAfter: Trace | null
}

export interface Judgement {
  verdict: Verdict
  fulfils: Fulfils
  reasons: Reason[]
  /** The time that counts. */
  checkedInAt: Date
  distanceMeters: number | null
}

const minute = 60_000
/** GPS error between tall buildings: a fix may claim no more slack than this. */
const maxAccuracyAllowance = 100
/** A static QR further off than this beyond its allowance counts only when a person confirms it. */
const confirmBeyondMeters = 300
const farMeters = 2_000
/** A breadcrumb this near the point supports a scan without a usable fix. */
const supportMeters = 500
const maxSpeedKph = 120
/** Below this, positions of neighbouring boxes and their radii decide nothing about speed. */
const minTravelMeters = 500
const maxSkewMs = 2 * minute
const lateUploadMs = 5 * minute

/** Flags under which a visit counts for its window only after a person has confirmed it. */
const confirmFirst: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  'typed-code',
  'no-fix',
  'far-from-place',
  'fix-implausible',
  'impossible-travel',
  'device-shared',
  'off-roster',
  'clock-skew',
  'clock-unbounded',
])

/**
 * The verdict on one scan, layer by layer in the order of the table in the docs. Rejects only on cryptographic or registry
 * facts; what is merely probable flags, and a person decides. Pure: the same facts, the same verdict.
 */
export function judgeCheckIn(facts: ScanFacts): Judgement {
  const clock = judgeClock(facts)
  const place = judgePlace(facts)
  const reasons = [
    ...judgeTag(facts),
    ...place.reasons,
    ...judgeSpeed(facts, clock.checkedInAt),
    ...(facts.courier ? [flag('device-shared')] : []),
    ...judgeDuty(facts, clock.checkedInAt),
    ...clock.reasons,
  ].sort((a, b) => weight[a.severity] - weight[b.severity])

  const worst = reasons[0]?.severity ?? 'note'
  const verdict: Verdict = worst === 'reject' ? 'rejected' : worst === 'flag' ? 'needs-review' : 'accepted'
  const patrols = facts.checkIn.act === 'check-in' && facts.checkIn.role === 'patrol'
  const confirm =
    place.confirmFirst || reasons.some((one) => one.severity === 'flag' && confirmFirst.has(one.code))
  const fulfils: Fulfils =
    verdict === 'rejected' || facts.point === null || !patrols ? 'no' : confirm ? 'when-confirmed' : 'yes'
  return { verdict, fulfils, reasons, checkedInAt: clock.checkedInAt, distanceMeters: place.distance }
}

const weight = { reject: 0, flag: 1, note: 2 }
const reject = (code: ReasonCode): Reason => ({ code, severity: 'reject' })
const flag = (code: ReasonCode): Reason => ({ code, severity: 'flag' })
const note = (code: ReasonCode): Reason => ({ code, severity: 'note' })

function judgeTag({ proof, tag, scannedKeyVersion, point }: ScanFacts): Reason[] {
  if (proof === 'malformed-proof' || proof === 'signature-wrong') return [reject(proof)]
  if (tag === null || point === null) return [reject('tag-unknown')]
  const replaced = scannedKeyVersion !== null && scannedKeyVersion !== tag.keyVersion
  if (tag.revokedAt !== null || point.retiredAt !== null || replaced) return [reject('tag-revoked')]
  return proof === 'typed-code' ? [flag('typed-code')] : []
}

function judgePlace(facts: ScanFacts): { reasons: Reason[]; distance: number | null; confirmFirst: boolean } {
  const { point, checkIn } = facts
  if (point === null) return { reasons: [], distance: null, confirmFirst: false }
  const supported = isNear(facts.traceBefore, point) && isNear(facts.traceAfter, point)
  const fix = checkIn.position
  if (fix === null) {
    return { reasons: [supported ? note('no-fix') : flag('no-fix')], distance: null, confirmFirst: false }
  }
  const distance = distanceMeters(fix, point)
  const reasons: Reason[] = isImplausible(facts) ? [flag('fix-implausible')] : []
  const beyond = distance - point.radiusMeters - Math.min(fix.accuracyMeters, maxAccuracyAllowance)
  if (beyond <= 0) return { reasons, distance, confirmFirst: false }
  if (distance <= point.radiusMeters + fix.accuracyMeters && supported) {
    return { reasons: [...reasons, note('poor-fix')], distance, confirmFirst: false }
  }
  reasons.push(flag(beyond > farMeters ? 'far-from-place' : 'off-place'))
  return { reasons, distance, confirmFirst: beyond > confirmBeyondMeters }
}

function isNear(trace: Trace | null, point: LonLat): boolean {
  return trace !== null && distanceMeters(trace, point) <= supportMeters
}

/** A fix of another time than the scan, without any error, or away from the track that the phone itself sent. */
function isImplausible({ checkIn, traceBefore, traceAfter }: ScanFacts): boolean {
  const fix = checkIn.position
  if (fix === null) return false
  if (Math.abs(Date.parse(fix.fixedAt) - Date.parse(checkIn.checkedInAt)) > maxSkewMs) return true
  if (fix.accuracyMeters === 0) return true
  const claimed = Date.parse(checkIn.checkedInAt)
  return [traceBefore, traceAfter].some((trace) => {
    if (trace === null) return false
    const seconds = Math.abs(trace.at.getTime() - claimed) / 1_000
    const reach = supportMeters + fix.accuracyMeters + (seconds * maxSpeedKph) / 3.6
    return distanceMeters(trace, fix) > reach
  })
}

function judgeSpeed({ point, previous, next }: ScanFacts, checkedInAt: Date): Reason[] {
  if (point === null) return []
  const tooFast = [previous, next].some((other) => {
    if (other === null) return false
    const meters = distanceMeters(point, other) - point.radiusMeters - other.radiusMeters
    if (meters < minTravelMeters) return false
    const hours = Math.abs(checkedInAt.getTime() - other.at.getTime()) / 3_600_000
    return meters / 1_000 > hours * maxSpeedKph
  })
  return tooFast ? [flag('impossible-travel')] : []
}

function judgeDuty({ officer, unit, point, checkIn }: ScanFacts, checkedInAt: Date): Reason[] {
  if (officer.disabledAt !== null && officer.disabledAt <= checkedInAt) return [reject('account-disabled')]
  if (checkIn.role === 'supervisor') return officer.supervises ? [] : [flag('off-roster')]
  if (unit === null) return [flag('off-roster')]
  if (point === null || point.stationId === unit.stationId) return []
  return [point.precinctId === unit.precinctId ? note('other-station') : flag('other-precinct')]
}

/** Which time counts, and how far the claimed one can be believed. */
function judgeClock(facts: ScanFacts): { reasons: Reason[]; checkedInAt: Date } {
  const received = facts.receivedAt.getTime()
  const claimed = Date.parse(facts.checkIn.checkedInAt)
  const late = (at: number) => (received - at > lateUploadMs ? [note('late-upload')] : [])
  if (claimed > received + maxSkewMs) return { reasons: [flag('clock-skew')], checkedInAt: facts.receivedAt }

  const bounded = boundedMs(facts)
  if (bounded !== null) {
    if (Math.abs(claimed - bounded) <= maxSkewMs) {
      const at = Math.min(claimed, received)
      return { reasons: late(at), checkedInAt: new Date(at) }
    }
    // The monotonic clock went on while the device's was turned: what it measured counts.
    const at = Math.min(bounded, received)
    return { reasons: [flag('clock-skew'), ...late(at)], checkedInAt: new Date(at) }
  }
  // No unbroken clock since a beacon. Arriving at once bounds it, and so does a track that we had live.
  if (received - claimed <= maxSkewMs || isOnLiveTrack(facts)) {
    const at = Math.min(claimed, received)
    return { reasons: late(at), checkedInAt: new Date(at) }
  }
  return { reasons: [flag('clock-unbounded')], checkedInAt: facts.receivedAt }
}

/** The scan's time by the server's beacon and the phone's monotonic clock; null without a genuine beacon. */
function boundedMs({ checkIn, beaconMs, clockSpeed }: ScanFacts): number | null {
  const beacon = checkIn.clock.beacon
  if (beacon === null || beaconMs === null) return null
  const elapsed = checkIn.clock.monotonicMs - beacon.monotonicMs
  return elapsed < 0 ? null : beaconMs + elapsed * clockSpeed
}

function isOnLiveTrack({ point, traceBefore, traceAfter }: ScanFacts): boolean {
  if (point === null) return false
  return [traceBefore, traceAfter].some((trace) => trace?.live === true && isNear(trace, point))
}
