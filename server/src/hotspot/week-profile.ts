import { HOURS_OF_WEEK, shareOut, shrinkProfile } from './hour-of-week.ts'

/** Hour of the week of an entry of `incident_cell.hours`. Hour 0, in 1970, was a Thursday's first; weeks begin on Monday. */
export const hourOfWeekOf = (hour: number): number =>
  (((hour + 72) % HOURS_OF_WEEK) + HOURS_OF_WEEK) % HOURS_OF_WEEK

/** How many cases a precinct's profile is worth beside a cell's own; see `choosePriorCases`, whose choice on the Tainan data this is near. */
export const priorCases = 40

export function countWeek(
  hours: Iterable<number>,
  into: Float64Array = new Float64Array(HOURS_OF_WEEK),
): Float64Array {
  for (const hour of hours) {
    const at = hourOfWeekOf(hour)
    into[at] = (into[at] ?? 0) + 1
  }
  return into
}

/** The week of a cell: shares of its cases per hour, leaning on the precinct's profile where they are few. */
export function profileWeek(own: Float64Array, precinct: Float64Array): Float64Array {
  return shrinkProfile(own, shareOut(precinct), priorCases)
}
