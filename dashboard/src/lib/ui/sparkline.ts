import type { Series } from '@patrol/contract'

type Numbers = readonly (number | null)[]

/** Fewer hours than this are no course of anything. */
const fewest = 4

/** Points for SVG in a box of 100 × 100; a missing hour leaves the line open. */
export function drawSparkline(series: Series): { lines: string[]; band: string[] } {
  const numbers = [...series.values, ...series.usualLow, ...series.usualHigh].filter((n) => n !== null)
  if (numbers.length < fewest) return { lines: [], band: [] }
  const low = Math.min(...numbers)
  const span = Math.max(...numbers) - low || 1
  const last = Math.max(1, series.values.length - 1)
  const place = (value: number, hour: number) =>
    `${round((hour / last) * 100)},${round(96 - ((value - low) / span) * 92)}`

  const bands: string[] = []
  for (const [from, to] of findRuns(series.usualLow)) {
    const hours = Array.from({ length: to - from }, (_, i) => from + i)
    const lower = hours.map((hour) => place(series.usualLow[hour] ?? low, hour))
    const upper = hours.map((hour) => place(series.usualHigh[hour] ?? low, hour))
    bands.push([...lower, ...upper.reverse()].join(' '))
  }
  const lines = findRuns(series.values).map(([from, to]) =>
    series.values
      .slice(from, to)
      .map((value, i) => place(value ?? low, from + i))
      .join(' '),
  )
  return { lines, band: bands }
}

/** @returns half-open ranges without a missing number */
function findRuns(values: Numbers): [number, number][] {
  const runs: [number, number][] = []
  let from = -1
  for (let i = 0; i <= values.length; i++) {
    const isThere = i < values.length && values[i] !== null
    if (isThere && from < 0) from = i
    if (!isThere && from >= 0) {
      runs.push([from, i])
      from = -1
    }
  }
  return runs
}

function round(n: number): number {
  return Math.round(n * 10) / 10
}
