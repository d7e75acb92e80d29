import type { PhoneClock, ServerTime } from '@patrol/contract'

/** Where the server's clock stood beside the device's. Survives a reload, and is right while the device's clock is. */
export type ClockMark = { serverAt: number; deviceAt: number; speed: number }
/** The server's time beside the clock that never runs backwards. Of this page's lifetime only: that clock starts anew. */
export type Beacon = { token: string; monotonicMs: number; deviceMs: number }

/**
 * What an answer of `GET /api/v1/time` says about the clocks.
 * @param asked when the request left, `heard` when its answer came; the server's `now` lies between them
 */
export function readServerTime(
  time: ServerTime,
  asked: { monotonicMs: number },
  heard: { deviceMs: number; monotonicMs: number },
): { mark: ClockMark; beacon: Beacon } {
  const roundTripMs = heard.monotonicMs - asked.monotonicMs
  const mark = {
    serverAt: Date.parse(time.now),
    deviceAt: heard.deviceMs - roundTripMs / 2,
    speed: time.speed,
  }
  // The proof must not claim to be younger than it is: its time was heard at the latest when the answer came.
  return { mark, beacon: { token: time.beacon, ...heard } }
}

/** Server time of an instant of the device's clock, in ms since 1970; the device's own where the server was never heard. */
export function serverTimeOf(deviceMs: number, mark: ClockMark | null): number {
  return mark ? mark.serverAt + (deviceMs - mark.deviceAt) * mark.speed : deviceMs
}

/** In some browsers the clock that never runs backwards stands still while the phone sleeps: then it proves nothing. */
const SLEPT_MS = 60_000

/** Everything the phone knows about the time, for a check-in of now. */
export function readPhoneClock(deviceMs: number, monotonicMs: number, beacon: Beacon | null): PhoneClock {
  const slept = beacon && deviceMs - beacon.deviceMs - (monotonicMs - beacon.monotonicMs) > SLEPT_MS
  return {
    deviceAt: new Date(deviceMs).toISOString(),
    monotonicMs,
    beacon: beacon && !slept ? { token: beacon.token, monotonicMs: beacon.monotonicMs } : null,
  }
}
