/**
 * A season's sign-ins spread over its days by formula: a weekly and a monthly rhythm on a steady base, rounded by largest
 * remainder so that the sum is exact.
 */
export function dailyProfile(
  firstDay: string,
  lastDay: string,
  total: number,
): { day: string; count: number }[] {
  const dayMs = 86_400_000
  const first = Date.parse(firstDay)
  const length = (Date.parse(lastDay) - first) / dayMs + 1
  const days = Array.from({ length }, (_, i) => ({
    day: new Date(first + i * dayMs).toISOString().slice(0, 10),
    weight: 1 + 0.2 * Math.sin((2 * Math.PI * i) / 7) + 0.1 * Math.sin((2 * Math.PI * i) / 30.4),
  }))
  const sum = days.reduce((all, { weight }) => all + weight, 0)
  const shares = days.map(({ day, weight }) => {
    const exact = (weight / sum) * total
    return { day, count: Math.floor(exact), rest: exact % 1 }
  })
  let left = total - shares.reduce((all, { count }) => all + count, 0)
  for (const share of shares.toSorted((a, b) => b.rest - a.rest)) {
    if (left-- <= 0) break
    share.count++
  }
  return shares.map(({ day, count }) => ({ day, count }))
}
