import { intAt, realAt } from '../route/typed-array.ts'

/** Incidents in ascending time; `days` are days since 1970 in local time, with the time of day as fraction. */
export type IncidentPoints = { days: Float64Array; lons: Float64Array; lats: Float64Array }

/** Sorts by time and then place, so that the order of the input leaves no trace in a result. */
export function sortIncidents({ days, lons, lats }: IncidentPoints): IncidentPoints {
  const order = Int32Array.from(days.keys()).sort(
    (a, b) =>
      realAt(days, a) - realAt(days, b) ||
      realAt(lons, a) - realAt(lons, b) ||
      realAt(lats, a) - realAt(lats, b),
  )
  const pick = (values: Float64Array): Float64Array => Float64Array.from(order, (at) => realAt(values, at))
  return { days: pick(days), lons: pick(lons), lats: pick(lats) }
}

/** How many incidents happened before `day`; `days` ascending. */
export function countBefore(days: Float64Array, day: number): number {
  let low = 0
  let high = days.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (realAt(days, middle) < day) low = middle + 1
    else high = middle
  }
  return low
}

/** Sums per group: `into[groups[i]] += 1` for incidents `from` to `to`. */
export function countInto(into: Float64Array, groups: Int32Array, from: number, to: number): void {
  for (let at = from; at < to; at++) {
    const group = intAt(groups, at)
    into[group] = realAt(into, group) + 1
  }
}
