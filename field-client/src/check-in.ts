import type { CheckIn, TagProof } from '@patrol/contract'
import { makeFix, type Measured } from './position.ts'
import { type Beacon, type ClockMark, readPhoneClock, serverTimeOf } from './server-time.ts'

/** What the phone knows at the moment of the scan. */
export type Moment = {
  deviceMs: number
  monotonicMs: number
  mark: ClockMark | null
  beacon: Beacon | null
  measured: Measured | null
  officerId: number
}

/** What a check-in is beside a visit on patrol. */
export type CheckInKind = Partial<Pick<CheckIn, 'act' | 'role' | 'watch' | 'workNote'>>

/**
 * The check-in of this moment. All is bound now, and nothing at the upload: a shared handheld may upload it in
 * another officer's log-in, hours later.
 */
export function makeCheckIn(id: string, proof: TagProof, moment: Moment, kind: CheckInKind = {}): CheckIn {
  const serverMs = serverTimeOf(moment.deviceMs, moment.mark)
  return {
    id,
    act: 'check-in',
    role: 'patrol',
    proof,
    checkedInAt: new Date(serverMs).toISOString(),
    clock: readPhoneClock(moment.deviceMs, moment.monotonicMs, moment.beacon),
    position: makeFix(moment.measured, { deviceMs: moment.deviceMs, serverMs }),
    officerId: moment.officerId,
    ...kind,
  }
}
