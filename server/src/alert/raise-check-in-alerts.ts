import type { CheckInSummary, ReasonCode } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { raiseAlerts, type AlertCause } from './raise-alert.ts'

/** Reasons that ask for a person soon, with the priority of the alert. Everything else waits in the review queue. */
const alarming: ReadonlyMap<ReasonCode, { kind: string; priority: 1 | 2 | 3 }> = new Map([
  ['counter-reused', { kind: 'replayed-tag', priority: 1 }],
  ['counter-time-order', { kind: 'harvested-tag', priority: 1 }],
  ['mac-mismatch', { kind: 'forged-tag', priority: 2 }],
  ['signature-wrong', { kind: 'forged-tag', priority: 2 }],
  ['tag-revoked', { kind: 'tag-revoked', priority: 2 }],
  ['far-from-place', { kind: 'far-from-place', priority: 2 }],
  ['impossible-travel', { kind: 'impossible-travel', priority: 2 }],
  ['device-shared', { kind: 'device-shared', priority: 2 }],
  ['clock-skew', { kind: 'clock-skew', priority: 3 }],
])

export interface JudgedCheckIn extends CheckInSummary {
  /** The enrolled device that signed it. */
  deviceId: string | null
}

/** At most one alert per check-in, of its gravest reason; repeats of a unit within the precinct join one row. */
export async function raiseCheckInAlerts(
  tx: Tx,
  now: Date,
  checkIns: readonly JudgedCheckIn[],
): Promise<void> {
  await raiseAlerts(tx, now, checkIns.flatMap(causeOf))
}

function causeOf(checkIn: JudgedCheckIn): AlertCause[] {
  const reason = checkIn.reasons.find((one) => alarming.has(one.code) && !isCourier(one.code, checkIn))
  const alarm = reason && alarming.get(reason.code)
  if (!alarm) return []
  return [
    {
      ...alarm,
      dedupKey: `${alarm.kind}:${checkIn.precinctId}:${checkIn.unitId ?? 'none'}`,
      precinctId: checkIn.precinctId,
      stationId: checkIn.stationId,
      subject: {
        checkInId: checkIn.id,
        ...(checkIn.pointName === null ? {} : { place: checkIn.pointName }),
        ...(checkIn.pointId === null ? {} : { pointId: checkIn.pointId }),
        ...(checkIn.callSign === null ? {} : { callSign: checkIn.callSign }),
      },
    },
  ]
}

/** A colleague's upload that no device vouches for waits in the queue; it is no device in several hands. */
function isCourier(code: ReasonCode, { deviceId }: JudgedCheckIn): boolean {
  return code === 'device-shared' && deviceId === null
}
