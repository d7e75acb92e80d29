import type { Coordinate } from 'ol/coordinate.js'

/** One place of a unit's trail, in map coordinates. */
export interface TrailPlace {
  x: number
  y: number
  /** City time, ms. */
  at: number
}

export const trailMs = 30 * 60_000
/** Fresh, older, oldest: the trail fades in three steps. */
export const trailSteps = 3
/** Longer without a place, and nobody knows the way. */
export const gapMs = 120_000
const gapMeters = 500
/** Nearer than this, and sooner than ten seconds, a place adds nothing that can be seen. */
const tooNearMeters = 15
const tooSoonMs = 10_000

/** Adds a place to the end of a trail and drops what is older than half an hour. A late or repeated one is left out. */
export function extendTrail(trail: TrailPlace[], place: TrailPlace): void {
  const last = trail.at(-1)
  if (last && place.at <= last.at) return
  if (last && place.at - last.at < tooSoonMs && distance(last, place) < tooNearMeters) return
  trail.push(place)
  const firstKept = trail.findIndex((one) => one.at > place.at - trailMs)
  if (firstKept > 0) trail.splice(0, firstKept)
}

/**
 * The trail as lines, by age. More than 2 minutes or 500 m between two places is a gap and is left open: nobody knows
 * what was in between.
 * @returns for each step of age, youngest first, its lines
 */
export function splitTrail(trail: readonly TrailPlace[], now: number): Coordinate[][][] {
  const steps: Coordinate[][][] = Array.from({ length: trailSteps }, () => [])
  let line: Coordinate[] = []
  let step = -1
  let before: TrailPlace | null = null
  for (const place of trail) {
    const its = Math.max(0, Math.floor(((now - place.at) * trailSteps) / trailMs))
    const isGap = !before || place.at - before.at > gapMs || distance(before, place) > gapMeters
    if (isGap || its !== step) {
      line = before && !isGap ? [[before.x, before.y]] : []
      step = its
      steps[its]?.push(line)
    }
    line.push([place.x, place.y])
    before = place
  }
  return steps.map((lines) => lines.filter((one) => one.length > 1))
}

/** Metres on the ground: map coordinates of EPSG:3857 are stretched by 1/cos(latitude), here of Tainan (23.1°). */
function distance(a: TrailPlace, b: TrailPlace): number {
  return Math.hypot(a.x - b.x, a.y - b.y) * 0.9198
}
