import type { CheckIn, Fulfils, Reason, ReasonCode, Verdict } from '@patrol/contract'
import type { LonLat } from './geo.ts'
import type { TagTap } from './proof/sun-counter.ts'

/** A visit of the same officer, before or after in time. */
export interface Neighbour extends LonLat {
  id: string
  at: Date
  radiusMeters: number
}

/** A breadcrumb of the same officer near the claimed time. */
export interface Trace extends LonLat {
  at: Date
  /** It reached us while it was fresh, so its time is ours and not the phone's. */
  live: boolean
}

/** What cryptography alone says of the tag. */
export type ProofFinding =
  | 'proof-sun'
  | 'proof-qr'
  /** The code that a display showed during one time step. */
  | 'proof-rotating'
  | 'typed-code'
  | 'uid-only'
  | 'malformed-proof'
  | 'signature-wrong'
  | 'mac-mismatch'
  | 'tag-unknown'

/** The device that a check-in names, as the register knows it. */
export interface DeviceFacts {
  signatureRight: boolean
  approvedAt: Date | null
  revokedAt: Date | null
  /** A personal phone belongs to one officer; a handheld of the station to nobody. */
  ownerId: number | null
  /** It signed for an officer of another unit within minutes. */
  shared: boolean
}

/** Everything known about one scan. Gathered by judge-scans.ts; the judge asks nobody. */
export interface ScanFacts {
  checkIn: CheckIn
  officerId: number
  receivedAt: Date
  /** City seconds per real second: 1 outside demonstrations. */
  clockSpeed: number
  /** The time in the phone's beacon, epoch ms, where it is genuine. */
  beaconMs: number | null
  proof: ProofFinding
  tag: {
    kind: 'qr' | 'nfc' | 'display'
    /** A secure tag that a tap has shown to bear our keys. */
    activated: boolean
    /** Good until then. */
    retiredAt: Date | null
    revokedAt: Date | null
    keyVersion: number
  } | null
  /** The key version of the scanned label, where it has one. */
  scannedKeyVersion: number | null
  /** Of an authentic tap of a secure tag. */
  readCounter: number | null
  /** The time step that a rotating code was shown in. */
  shownStep: number | null
  /** The other taps of that tag which decide (see sun-counter.ts). */
  taps: readonly TagTap[]
  point:
    (LonLat & { radiusMeters: number; precinctId: number; stationId: number; retiredAt: Date | null }) | null
  officer: { disabledAt: Date | null; supervises: boolean }
  /** The unit that the roster has the officer in at that time. */
  unit: { precinctId: number; stationId: number } | null
  /** Null where the check-in names none, or one that no register knows. */
  device: DeviceFacts | null
  /** The officer has an enrolled device, so what comes without its signature is odd. */
  officerEnrolled: boolean
  /** Another officer's log-in uploads it. */
  courier: boolean
  previous: Neighbour | null
  next: Neighbour | null
  /** The last breadcrumb before and the first after the claimed time, each within five minutes. */
  traceBefore: Trace | null
  traceAfter: Trace | null
  /** The track around the scan leaps as no vehicle can: a simulated place was switched on. */
  trackLeaps: boolean
}

export interface Judgement {
  verdict: Verdict
  fulfils: Fulfils
  reasons: Reason[]
  /** The time that counts. */
  checkedInAt: Date
  distanceMeters: number | null
  /** Its time may speak about other visits: measured by a clock of ours and contradicted by none of the tag's taps. */
  timeTrusted: boolean
  /** Breadcrumbs that have not come yet may lift what is flagged, or contradict what is accepted. */
  awaitsTrack: boolean
  /**
   * Check-ins on record that must be judged again in the light of this one: taps that it shows to be harvested, visits from
   * which nobody could have come here.
   */
  contradicts: readonly string[]
}

export const reject = (code: ReasonCode): Reason => ({ code, severity: 'reject' })
export const flag = (code: ReasonCode): Reason => ({ code, severity: 'flag' })
export const note = (code: ReasonCode): Reason => ({ code, severity: 'note' })
