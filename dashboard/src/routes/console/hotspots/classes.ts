/** Below these the change is what chance does. */
const changeEdges = [-3, -2, -1, 1, 2, 3]

/**
 * Class −3 to 3 of a change of counts between periods of equal length: the difference in units of its own spread,
 * (after − before) / √(after + before).
 */
export function classifyChange(before: number, after: number): number {
  if (before + after === 0) return 0
  const z = (after - before) / Math.sqrt(before + after)
  return changeEdges.filter((edge) => (edge < 0 ? z > edge : z >= edge)).length - 3
}

/** Steps of a week string (contract `HotspotCell.week`), one per hour. */
const stepsOf = (week: string): number[] => Array.from(week, (digit) => parseInt(digit, 36))

/** Class 0–6 of an hour beside those of other cells: from half, once, twice … sixteen times the mean of all. */
export function classifyHour(week: string, hour: number): number {
  return Math.min(6, Math.ceil((stepsOf(week)[hour] ?? 0) / 2))
}

/** Cases that each hour may expect, in units of what the listed cells have on average. */
export const expectHours = (week: string): number[] =>
  stepsOf(week).map((step) => (step === 0 ? 0.25 : 2 ** ((step - 3) / 2)))

/** Edges of a week on its own, in units of its mean: a hot place has quiet hours too. */
const ownEdges = [0.5, 0.8, 1.15, 1.6, 2.2, 3]

/** Class 0–6 of each hour against the mean of the same week. @param expected cases or anything in proportion */
export function classifyWeek(expected: readonly number[]): number[] {
  const mean = expected.reduce((sum, each) => sum + each, 0) / expected.length
  return expected.map((each) => ownEdges.filter((edge) => each >= edge * mean).length)
}

/** The hours that stand out of a week, at most `limit` stretches, those with most cases first, as `[weekday, from, to]`. */
export function findHotHours(
  expected: readonly number[],
  limit = 3,
): { weekday: number; from: number; to: number }[] {
  const stretches: { weekday: number; from: number; to: number; weight: number }[] = []
  // Up to √2 below the busiest hour: one step of what is told.
  const threshold = Math.max(...expected) / 1.5
  for (const [hour, value] of expected.entries()) {
    if (value < threshold) continue
    const last = stretches.at(-1)
    const weekday = Math.floor(hour / 24)
    if (last && last.weekday === weekday && last.to === hour % 24) {
      last.to++
      last.weight += value
    } else stretches.push({ weekday, from: hour % 24, to: (hour % 24) + 1, weight: value })
  }
  return stretches
    .sort((a, b) => b.weight - a.weight)
    .slice(0, limit)
    .map(({ weekday, from, to }) => ({ weekday, from, to }))
}
