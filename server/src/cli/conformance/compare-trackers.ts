import { isCaseRecord, type CaseRecord } from './cases.ts'

export interface TrackerAnswer {
  status: number
  positions: CaseRecord[]
}

// "@now" in a case is the server's time of receipt.
const NOW_TOLERANCE_MS = 5_000

/**
 * The rule of the case files: equal status, the same number of positions, and in each every listed key within its
 * tolerance; null is unknown or absent, a key that is not listed is not checked. Null when nothing is expected.
 */
export function compareTrackerAnswer(
  expect: unknown,
  got: TrackerAnswer,
  tolerances: CaseRecord,
  receivedAt: Date,
): boolean | null {
  if (!isCaseRecord(expect)) return null
  if (got.status !== expect.status) return false
  const positions: unknown[] = Array.isArray(expect.positions) ? expect.positions : []
  return (
    positions.length === got.positions.length &&
    positions.every((expected, i) => matchesListed(expected, got.positions[i], tolerances, receivedAt))
  )
}

function matchesListed(expected: unknown, got: unknown, tolerances: CaseRecord, receivedAt: Date): boolean {
  if (!isCaseRecord(expected) || !isCaseRecord(got)) return expected === got
  return Object.entries(expected).every(([key, value]) => {
    if (key === 'time') return matchesTime(value, got.time, tolerances.timeMs, receivedAt)
    if (isCaseRecord(value)) return matchesListed(value, got[key], tolerances, receivedAt)
    return matchesValue(value, got[key], tolerances[key])
  })
}

function matchesTime(expected: unknown, got: unknown, toleranceMs: unknown, receivedAt: Date): boolean {
  const limitMs = expected === '@now' ? NOW_TOLERANCE_MS : numberOr(toleranceMs, 0)
  const wanted = expected === '@now' ? receivedAt.getTime() : Date.parse(String(expected))
  return Math.abs(Date.parse(String(got)) - wanted) <= limitMs
}

function matchesValue(expected: unknown, got: unknown, tolerance: unknown): boolean {
  if (expected === null) return got === null || got === undefined
  if (typeof expected !== 'number' || typeof got !== 'number') return expected === got
  return Math.abs(expected - got) <= numberOr(tolerance, 0)
}

function numberOr(value: unknown, fallback: number): number {
  return typeof value === 'number' ? value : fallback
}
