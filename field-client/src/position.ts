import type { Breadcrumb, Fix } from '@patrol/contract'

export type PositionProblem = 'denied' | 'unavailable'

/** A phone that lies still may tell nothing for minutes: then ask, so that a fix is never older than this. */
const ASK_AFTER_MS = 20_000

/** Watches the position until the returned function is called. A fix that is merely late is no problem. */
export function watchPosition(
  onPosition: (measured: Measured) => void,
  onProblem: (problem: PositionProblem) => void,
): () => void {
  if (!('geolocation' in navigator)) {
    onProblem('unavailable')
    return () => {}
  }
  let heardAt = performance.now()
  const hear = (position: GeolocationPosition) => {
    heardAt = performance.now()
    onPosition(readPosition(position))
  }
  const fail = (error: GeolocationPositionError) => {
    if (error.code === error.PERMISSION_DENIED) onProblem('denied')
    else if (error.code === error.POSITION_UNAVAILABLE) onProblem('unavailable')
  }
  const options = { enableHighAccuracy: true, maximumAge: 5_000, timeout: 30_000 }
  const watch = navigator.geolocation.watchPosition(hear, fail, options)
  const timer = setInterval(() => {
    if (performance.now() - heardAt > ASK_AFTER_MS) {
      navigator.geolocation.getCurrentPosition(hear, fail, options)
    }
  }, ASK_AFTER_MS)
  return () => {
    navigator.geolocation.clearWatch(watch)
    clearInterval(timer)
  }
}

/** One position, as soon as the phone has it; null when it takes longer, or is not allowed. */
export function askPosition(withinMs: number): Promise<Measured | null> {
  if (!('geolocation' in navigator)) return Promise.resolve(null)
  return new Promise((resolve) => {
    navigator.geolocation.getCurrentPosition(
      (position) => resolve(readPosition(position)),
      () => resolve(null),
      { enableHighAccuracy: true, maximumAge: 60_000, timeout: withinMs },
    )
    // `timeout` does not count while the browser asks for the permission.
    setTimeout(() => resolve(null), withinMs)
  })
}

/** A place as the phone measured it; `deviceMs` on the device's clock. Unknown is null, never 0. */
export type Measured = {
  lon: number
  lat: number
  accuracyMeters: number
  speedMps: number | null
  headingDegrees: number | null
  deviceMs: number
}

export function readPosition({ coords, timestamp }: GeolocationPosition): Measured {
  const { speed, heading } = coords
  return {
    lon: coords.longitude,
    lat: coords.latitude,
    accuracyMeters: Math.min(100_000, Math.max(0, coords.accuracy)),
    speedMps: speed !== null && speed >= 0 ? speed : null,
    headingDegrees: heading !== null && heading >= 0 && heading <= 360 ? heading : null,
    deviceMs: timestamp,
  }
}

/** Older than this is the fix of another place; the server calls it implausible from two minutes. */
const FIX_LIFE_MS = 90_000

/**
 * The fix for a check-in of now, null when there is no fresh one.
 * @param now both clocks at the scan; a fix is as old as the phone says, however fast the city's time runs
 */
export function makeFix(measured: Measured | null, now: { deviceMs: number; serverMs: number }): Fix | null {
  if (!measured) return null
  const ageMs = Math.max(0, now.deviceMs - measured.deviceMs)
  if (ageMs > FIX_LIFE_MS) return null
  const { lon, lat, accuracyMeters } = measured
  return { lon, lat, accuracyMeters, fixedAt: new Date(now.serverMs - ageMs).toISOString() }
}

export function makeBreadcrumb(measured: Measured, recordedMs: number): Breadcrumb {
  const { lon, lat, accuracyMeters, speedMps, headingDegrees } = measured
  const recordedAt = new Date(recordedMs).toISOString()
  return { lon, lat, accuracyMeters, speedMps, headingDegrees, recordedAt }
}
