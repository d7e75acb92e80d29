/** Cividis, lowest first; the lowest class is drawn transparent. */
export const heat = ['#193b6d', '#4d566d', '#747272', '#948f78', '#bbaf71', '#ead156', '#fdea45'] as const

export interface Classes {
  /** Lower edges of classes 1 to 6; what is below the first is class 0. */
  edges: number[]
  of(value: number): number
}

const shares = [0.35, 0.6, 0.78, 0.9, 0.96, 0.99]

/** Classes of counts by quantile, as few cells hold most cases; edges that would fall together are pushed apart. */
export function classify(counts: readonly number[]): Classes {
  const sorted = counts.toSorted((a, b) => a - b)
  const edges: number[] = []
  for (const share of shares) {
    const edge = sorted[Math.floor(share * sorted.length)] ?? 0
    edges.push(Math.max(edge, (edges.at(-1) ?? sorted[0] ?? 0) + 1))
  }
  return { edges, of: (value) => edges.filter((edge) => value >= edge).length }
}

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

/** The hours of a week string with the highest class, at most `limit` stretches, as `[weekday, from, to]`. */
export function findHotHours(week: string, limit = 3): { weekday: number; from: number; to: number }[] {
  const stretches: { weekday: number; from: number; to: number; weight: number }[] = []
  const top = Math.max(...[...week].map(Number))
  const threshold = Math.max(1, top - 1)
  for (let hour = 0; hour < week.length; hour++) {
    const value = Number(week[hour])
    if (value < threshold) continue
    const last = stretches.at(-1)
    const weekday = Math.floor(hour / 24)
    if (last && last.weekday === weekday && last.to === hour % 24) {
      last.to++
      last.weight += value
    } else stretches.push({ weekday, from: hour % 24, to: (hour % 24) + 1, weight: value })
  }
  return stretches
    .sort((a, b) => b.weight / (b.to - b.from) - a.weight / (a.to - a.from) || b.weight - a.weight)
    .slice(0, limit)
    .map(({ weekday, from, to }) => ({ weekday, from, to }))
}
