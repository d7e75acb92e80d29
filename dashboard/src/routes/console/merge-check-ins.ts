import type { CheckInSummary } from '@patrol/contract'

/** @returns both lists as one, newest arrival first, each check-in once, as it was told last */
export function mergeCheckIns(
  known: readonly CheckInSummary[],
  fresh: readonly CheckInSummary[],
  most: number,
): CheckInSummary[] {
  const byId = new Map(known.map((row) => [row.id, row]))
  for (const row of fresh) byId.set(row.id, row)
  return [...byId.values()].sort((a, b) => Date.parse(b.receivedAt) - Date.parse(a.receivedAt)).slice(0, most)
}
