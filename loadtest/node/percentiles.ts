export interface Percentiles {
  p50: number | null
  p95: number | null
  p99: number | null
  count: number
}

/** Percentiles by the nearest rank, to a tenth; NaN is left out, and nothing gives null. */
export function percentiles(values: ArrayLike<number>): Percentiles {
  const sorted = Float64Array.from(values)
    .filter((value) => !Number.isNaN(value))
    .sort()
  const at = (share: number) => {
    const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
    return value === undefined ? null : round(value)
  }
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), count: sorted.length }
}

export const round = (value: number, digits = 1): number => Number(value.toFixed(digits))
