import type { UnitGaps, UnitTrack } from '@patrol/contract'
import { distanceMeters } from '../check-in/geo.ts'

type Fix = UnitTrack['fixes'][number]

const gapMs = 120_000
const gapMeters = 500

/** More than two minutes or 500 m between two fixes, and nobody knows the way: as on the map. */
export function isGap(before: Fix, after: Fix): boolean {
  const ms = Date.parse(after.recordedAt) - Date.parse(before.recordedAt)
  return ms > gapMs || distanceMeters(before, after) > gapMeters
}

/**
 * The times within a span in which nobody knew where a unit was, in order: between two fixes, and also before the first and
 * after the last one where that is more than two minutes.
 * @param fixes of one unit within the span, in order of time
 */
export function findGaps(fixes: readonly Fix[], { from, to }: { from: Date; to: Date }): UnitGaps['gaps'] {
  const [start, end] = [from.toISOString(), to.toISOString()]
  const gaps: UnitGaps['gaps'] = []
  const [first] = fixes
  const last = fixes.at(-1)
  if (first === undefined || last === undefined) return to > from ? [{ from: start, to: end }] : []
  if (Date.parse(first.recordedAt) - from.getTime() > gapMs) gaps.push({ from: start, to: first.recordedAt })
  for (const [i, fix] of fixes.entries()) {
    const next = fixes[i + 1]
    if (next && isGap(fix, next)) gaps.push({ from: fix.recordedAt, to: next.recordedAt })
  }
  if (to.getTime() - Date.parse(last.recordedAt) > gapMs) gaps.push({ from: last.recordedAt, to: end })
  return gaps
}
