import type { Fulfils, Reason, ReasonCode, Verdict } from '@patrol/contract'
import { distanceMeters } from './geo.ts'
import { judgeClock, type ClockFinding } from './judge-clock.ts'
import { judgeDevice } from './judge-device.ts'
import { judgePlace } from './judge-place.ts'
import { judgeSunCounter, type CounterReason, type CounterVerdict } from './proof/sun-counter.ts'
import { stepAt } from './proof/totp.ts'
import { flag, note, reject, type Judgement, type Neighbour, type ScanFacts } from './scan-facts.ts'

const maxSpeedKph = 120
/** Below this, positions of neighbouring boxes and their radii decide nothing about speed. */
const minTravelMeters = 500

/** Flags under which a visit counts for its window only after a person has confirmed it. */
const confirmFirst: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  'typed-code',
  'uid-only',
  'code-expired',
  'counter-time-order',
  'no-fix',
  'no-track',
  'far-from-place',
  'fix-implausible',
  'impossible-travel',
  'device-not-enrolled',
  'device-shared',
  'off-roster',
  'clock-skew',
  'clock-unbounded',
])

const counterSeverity: Record<CounterReason, (code: ReasonCode) => Reason> = {
  'counter-reused': reject,
  'late-counter': note,
  'counter-jump': flag,
  'counter-time-order': flag,
}

/**
 * The verdict on one scan, layer by layer in the order of the table in the docs. Rejects only on cryptographic or registry
 * facts; what is merely probable flags, and a person decides. Pure: the same facts, the same verdict.
 */
export function judgeCheckIn(facts: ScanFacts): Judgement {
  const clock = judgeClock(facts)
  const tag = judgeTag(facts, clock.scannedAt)
  const counter = judgeCounter(facts, clock)
  const place = judgePlace(facts)
  const tooFast = findImpossibleTravel(facts, clock.scannedAt)
  const reasons = [
    ...tag,
    ...counter.reasons.map((code) => counterSeverity[code](code)),
    ...place.reasons,
    ...(tooFast.length > 0 ? [flag('impossible-travel')] : []),
    ...judgeDevice(facts, clock.scannedAt),
    ...judgeDuty(facts, clock.scannedAt),
    ...clock.reasons,
  ].sort((a, b) => weight[a.severity] - weight[b.severity])

  const worst = reasons[0]?.severity ?? 'note'
  const verdict: Verdict = worst === 'reject' ? 'rejected' : worst === 'flag' ? 'needs-review' : 'accepted'
  const patrols = facts.checkIn.act === 'check-in' && facts.checkIn.role === 'patrol'
  const confirm =
    place.confirmFirst || reasons.some((one) => one.severity === 'flag' && confirmFirst.has(one.code))
  const fulfils: Fulfils =
    verdict === 'rejected' || facts.point === null || !patrols ? 'no' : confirm ? 'when-confirmed' : 'yes'
  return {
    verdict,
    fulfils,
    reasons,
    checkedInAt: clock.checkedInAt,
    distanceMeters: place.distance,
    timeTrusted: clock.proven && verdict !== 'rejected' && !counter.reasons.includes('counter-time-order'),
    awaitsTrack: place.awaitsTrack && verdict !== 'rejected',
    contradicts: verdict === 'rejected' ? [] : [...counter.betrays, ...tooFast.map((other) => other.id)],
  }
}

const weight = { reject: 0, flag: 1, note: 2 }

/** Everything that ends a tag is judged by the time of the scan: an honest queue may be uploaded after it. */
function judgeTag(facts: ScanFacts, scannedAt: Date): Reason[] {
  const { proof, tag, scannedKeyVersion, point } = facts
  if (
    proof === 'malformed-proof' ||
    proof === 'signature-wrong' ||
    proof === 'mac-mismatch' ||
    proof === 'tag-unknown'
  ) {
    return [reject(proof)]
  }
  if (tag === null || point === null || !tag.activated) return [reject('tag-unknown')]
  const ended = [tag.revokedAt, tag.retiredAt, point.retiredAt].some((at) => at !== null && at <= scannedAt)
  const replaced = scannedKeyVersion !== null && scannedKeyVersion !== tag.keyVersion
  if (ended || replaced) return [reject('tag-revoked')]
  if (proof === 'typed-code') return [flag('typed-code')]
  if (tag.kind === 'display') return wasShown(facts, scannedAt) ? [] : [flag('code-expired')]
  // The static part of an NFC tag's URL can be copied like its number, and shows no tap.
  return proof === 'uid-only' || (proof === 'proof-qr' && tag.kind === 'nfc') ? [flag('uid-only')] : []
}

/** A step to either side: display, phone and server need not agree to the second. */
const stepTolerance = 1

/** Did the display show this very code when it was scanned? A photograph of it is of another time. */
function wasShown({ proof, shownStep, clockSpeed }: ScanFacts, scannedAt: Date): boolean {
  if (proof !== 'proof-rotating' || shownStep === null) return false
  return Math.abs(stepAt(scannedAt, clockSpeed) - shownStep) <= stepTolerance
}

function judgeCounter(
  { checkIn, proof, readCounter, taps }: ScanFacts,
  { scannedAt, proven }: ClockFinding,
): Pick<CounterVerdict, 'reasons' | 'betrays'> {
  if (proof !== 'proof-sun' || readCounter === null) return { reasons: [], betrays: [] }
  const checkInId = checkIn.id.toLowerCase()
  const tap = {
    checkInId,
    counter: readCounter,
    claimedAt: scannedAt,
    timeTrusted: proven,
    clockProven: proven,
  }
  return judgeSunCounter(tap, taps)
}

/** Of two visits that nobody can have made both, neither is better than the other: both are flagged. */
function findImpossibleTravel({ point, previous, next }: ScanFacts, scannedAt: Date): Neighbour[] {
  if (point === null) return []
  return [previous, next]
    .filter((other) => other !== null)
    .filter((other) => {
      const meters = distanceMeters(point, other) - point.radiusMeters - other.radiusMeters
      if (meters < minTravelMeters) return false
      const hours = Math.abs(scannedAt.getTime() - other.at.getTime()) / 3_600_000
      return meters / 1_000 > hours * maxSpeedKph
    })
}

function judgeDuty({ officer, unit, point, checkIn }: ScanFacts, scannedAt: Date): Reason[] {
  if (officer.disabledAt !== null && officer.disabledAt <= scannedAt) return [reject('account-disabled')]
  if (checkIn.role === 'supervisor') return officer.supervises ? [] : [flag('off-roster')]
  if (unit === null) return [flag('off-roster')]
  if (point === null || point.stationId === unit.stationId) return []
  return [point.precinctId === unit.precinctId ? note('other-station') : flag('other-precinct')]
}
