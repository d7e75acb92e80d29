/** Least-squares slope of values over x: how much a value grows in one unit of x. Null for fewer than three. */
export function slopeOf(samples: readonly { x: number; value: number }[]): number | null {
  if (samples.length < 3) return null
  const mean = (pick: (one: { x: number; value: number }) => number) =>
    samples.reduce((sum, one) => sum + pick(one), 0) / samples.length
  const x = mean((one) => one.x)
  const value = mean((one) => one.value)
  const spread = mean((one) => (one.x - x) ** 2)
  return spread === 0 ? null : mean((one) => (one.x - x) * (one.value - value)) / spread
}
