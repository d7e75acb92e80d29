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
