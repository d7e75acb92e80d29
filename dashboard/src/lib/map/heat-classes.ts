/** Cividis, lowest first; the lowest class is drawn transparent. */
export const heat = ['#193b6d', '#4d566d', '#747272', '#948f78', '#bbaf71', '#ead156', '#fdea45'] as const

/** Fewer than before, by −1, −2, −3: blue beside the yellow of more, apart for every kind of sight. */
export const fewer = ['#4f6580', '#4b83b5', '#4baeed'] as const

/** @param level −3–6 */
export const colorOf = (level: number): string =>
  (level < 0 ? fewer[-level - 1] : heat[level]) ?? (level < 0 ? fewer[2] : heat[6])

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
