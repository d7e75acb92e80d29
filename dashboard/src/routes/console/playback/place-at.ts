import type { PlaybackTrack } from '@patrol/contract'

type Fix = PlaybackTrack['fixes'][number]

/** Where a unit is shown at an instant of the playback. */
export interface Place {
  lon: number
  lat: number
  /** Degrees clockwise from north; null while it stands, or while nobody knows where it goes. */
  headingDegrees: number | null
  /** Milliseconds on the scale of the fixes: the instant itself between two fixes, the last fix within a gap. */
  knownAt: number
}

const gapMs = 120_000
const gapMeters = 500
const standsMeters = 3

/**
 * Between two fixes that belong together a unit is drawn on the straight line; within a gap (more than 2 minutes or 500 m, as
 * for the trails) it stays at the last fix and grows old, since nobody knows the way it took.
 * @param fixes of one unit, in order of time
 * @returns null before the first fix
 */
export function placeAt(fixes: readonly Fix[], ms: number): Place | null {
  const index = lastUpTo(fixes, ms)
  const before = fixes[index]
  if (before === undefined) return null
  const [lon, lat, at] = before
  const after = fixes[index + 1]
  const moved = after === undefined ? 0 : metersBetween(before, after)
  if (after === undefined || after[2] - at > gapMs || moved > gapMeters)
    return { lon, lat, headingDegrees: null, knownAt: at }
  const share = (ms - at) / (after[2] - at)
  return {
    lon: lon + (after[0] - lon) * share,
    lat: lat + (after[1] - lat) * share,
    headingDegrees: moved < standsMeters ? null : bearing(before, after),
    knownAt: ms,
  }
}

/** Index of the last fix at or before an instant; -1 where there is none. */
function lastUpTo(fixes: readonly Fix[], ms: number): number {
  let low = 0
  let high = fixes.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((fixes[middle]?.[2] ?? Infinity) <= ms) low = middle + 1
    else high = middle
  }
  return low - 1
}

const metersPerDegree = 111_195

/** East and north in metres; flat, which within a city is exact to a few centimetres. */
function offset(from: Fix, to: Fix): [number, number] {
  const east = (to[0] - from[0]) * metersPerDegree * Math.cos((from[1] * Math.PI) / 180)
  return [east, (to[1] - from[1]) * metersPerDegree]
}

function metersBetween(from: Fix, to: Fix): number {
  return Math.hypot(...offset(from, to))
}

function bearing(from: Fix, to: Fix): number {
  const [east, north] = offset(from, to)
  return ((Math.atan2(east, north) * 180) / Math.PI + 360) % 360
}
