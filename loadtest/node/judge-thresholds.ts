export interface JudgedThreshold {
  figure: string
  value: number | null
  limit: number
  pass: boolean
}

/** Each limit with the figure of its name. A figure that could not be measured does not pass. */
export function judgeThresholds(
  figures: Record<string, number | null>,
  limits: Record<string, number>,
): JudgedThreshold[] {
  return Object.entries(limits).map(([figure, limit]) => {
    const value = figures[figure] ?? null
    return { figure, value, limit, pass: value !== null && value <= limit }
  })
}
