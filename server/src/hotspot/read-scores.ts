import { sql } from 'drizzle-orm'
import { cellToParent, getResolution, gridDisk } from 'h3-js'
import type { IncidentSource } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { h3Of, storedCell } from './cell-index.ts'
import { fewestCases } from './compute-map.ts'
import { HOURS_OF_WEEK } from './hour-of-week.ts'
import { ofCategories } from './read-counts.ts'
import { studyResolution } from './study-area.ts'
import { countWeek, profileWeek } from './week-profile.ts'

export interface HotspotScore {
  /** The H3 index that was asked for. */
  cell: string
  /**
   * Cases to expect per hour in that hour of the week: the cell's own rate of the last year, half of it borrowed from its ring,
   * times its week's profile shrunk to the precinct's. Add them up over cells and hours as you like.
   */
  expected: number
  /** The same against the mean of all cells and hours of the study area: 1 is ordinary, 10 is hot. 0 without any data. */
  relative: number
  /** Cases of the cell in the year; null below three, which nobody may be shown. */
  cases: number | null
  /** The cell's three hottest hours of the week, hottest first; empty where it has fewer than three cases. */
  hotHours: number[]
}

export interface ScoreQuestion {
  /** H3 indices of resolution 9 or finer; finer ones are lifted. Points: `latLngToCell(lat, lon, 9)`, or `incident.h3_r9` by `h3Of`. */
  cells: readonly string[]
  source: IncidentSource
  /** Empty: all of the source. */
  categories?: readonly string[]
  /** 0 is Monday 00–01 in Asia/Taipei. Null: the mean over the week. */
  hourOfWeek: number | null
  /** The year before this counts, or the year before the newest incident where the data are older. */
  now: Date
}

const yearHours = 365 * 24
const ownShare = 0.5

/**
 * How hot given cells are in an hour of the week. For routes, briefings and alerts: what a place is worth, not what happened there.
 * @returns by the index asked for; every cell asked for is in it
 */
export async function readHotspotScores(tx: Tx, question: ScoreQuestion): Promise<Map<string, HotspotScore>> {
  const { source, categories = [], hourOfWeek, now } = question
  const selection = { source, categories }
  const lifted = new Map(
    question.cells.map((cell) => [
      cell,
      getResolution(cell) > studyResolution ? cellToParent(cell, studyResolution) : cell,
    ]),
  )
  const wanted = [...new Set(lifted.values())]
  const around = [...new Set(wanted.flatMap((cell) => gridDisk(cell, 1)))].map(storedCell)

  // By whole hours: the entries are ascending, so the last one is the newest.
  const { rows: ends } = await tx.execute<{ last: number | null }>(sql`
    select max(k.hours[cardinality(k.hours)]) as last from incident_cell k where ${ofCategories(selection)}`)
  const newest = ends[0]?.last ?? null
  if (newest === null) return new Map(question.cells.map((cell) => [cell, nothing(cell)]))
  const until = Math.min(newest, Math.floor(now.getTime() / 3_600_000) + 8)
  const within = sql`h > ${until - yearHours} and h <= ${until}`

  const own = await tx.execute<{ cell: string; hours: number[] }>(sql`
    select k.cell::text as cell, array_agg(h) as hours from incident_cell k cross join lateral unnest(k.hours) h
    where ${ofCategories(selection)} and k.cell = any(${sql.param(around)}::bigint[]) and ${within} group by k.cell`)
  const hoursOf = new Map(own.rows.map(({ cell, hours }) => [h3Of(cell), hours]))

  const { rows: placed } = await tx.execute<{ cell: string; precinct_id: number }>(sql`
    select cell::text as cell, precinct_id from study_cell where cell = any(${sql.param(wanted.map(storedCell))}::bigint[])`)
  const precinctOf = new Map(placed.map(({ cell, precinct_id }) => [h3Of(cell), precinct_id]))
  const { rows: profiles } = await tx.execute<{ precinct_id: number; hour: number; count: number }>(sql`
    select s.precinct_id, (h + 72) % 168 as hour, count(*)::int as count
    from incident_cell k join study_cell s using (cell) cross join lateral unnest(k.hours) h
    where ${ofCategories(selection)} and ${within} and s.precinct_id = any(${sql.param([...new Set(precinctOf.values())])}::int[])
    group by 1, 2`)
  const weekOf = new Map<number, Float64Array>()
  for (const { precinct_id, hour, count } of profiles) {
    const week = weekOf.get(precinct_id) ?? new Float64Array(HOURS_OF_WEEK)
    week[hour] = count
    weekOf.set(precinct_id, week)
  }
  const { rows: totals } = await tx.execute<{ cases: number; cells: number }>(sql`
    select (select count(*)::int from incident_cell k join study_cell using (cell) cross join lateral unnest(k.hours) h
        where ${ofCategories(selection)} and ${within}) as cases,
      (select count(*)::int from study_cell) as cells`)
  const [{ cases: allCases, cells: allCells }] = [totals[0] ?? { cases: 0, cells: 0 }]
  const ordinary = allCells === 0 ? 0 : allCases / allCells / yearHours

  const scores = new Map<string, HotspotScore>()
  for (const [asked, cell] of lifted) {
    const hours = hoursOf.get(cell) ?? []
    const ring = gridDisk(cell, 1).filter((near) => near !== cell)
    const ringMean = ring.reduce((sum, near) => sum + (hoursOf.get(near)?.length ?? 0), 0) / ring.length
    const perYear = ownShare * hours.length + (1 - ownShare) * ringMean
    const precinct = weekOf.get(precinctOf.get(cell) ?? -1) ?? new Float64Array(HOURS_OF_WEEK)
    const week = profileWeek(countWeek(hours), precinct)
    const share = hourOfWeek === null ? 1 / HOURS_OF_WEEK : (week[hourOfWeek] ?? 0)
    const expected = ((perYear * share) / yearHours) * HOURS_OF_WEEK
    const countable = hours.length >= fewestCases
    scores.set(asked, {
      cell: asked,
      expected,
      relative: ordinary === 0 ? 0 : expected / ordinary,
      cases: countable ? hours.length : null,
      hotHours: countable ? [...week.keys()].sort((a, b) => (week[b] ?? 0) - (week[a] ?? 0)).slice(0, 3) : [],
    })
  }
  return scores
}

const nothing = (cell: string): HotspotScore => ({
  cell,
  expected: 0,
  relative: 0,
  cases: null,
  hotHours: [],
})
