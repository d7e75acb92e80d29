import { sql } from 'drizzle-orm'
import { cellToChildren } from 'h3-js'
import type { HotspotCell, HotspotMap, Scope } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { h3Of, storedCell } from './cell-index.ts'
import { fewestCases } from './compute-map.ts'
import { HOURS_OF_WEEK } from './hour-of-week.ts'
import { precinctsOf } from './precincts-of.ts'
import { ofCategories, withinPeriod, type Selection } from './read-counts.ts'
import { readVillages } from './read-villages.ts'
import { countWeek, profileWeek } from './week-profile.ts'

interface MapRow extends Record<string, unknown> {
  id: number
  source: HotspotMap['source']
  categories: string[]
  period_from: string
  period_to: string
  resolution: number
  hours: number[] | null
  cases: number
  outside: number
  cells: number
  p_threshold: number
  permutations: number
  seed: number
  data_through: Date | null
  computed_at: Date
}

interface CellRow extends Record<string, unknown> {
  cell: string
  precinct_id: number
  station_id: number | null
  count: number | null
  z: number
  p: number
  permuted_p: number | null
  significant: number
}

/**
 * A computed map as this scope may see it: the cells of its precincts, further narrowed to `precinctIds` where given. The query
 * itself gives no count below three, and no cell that has only such a one. @returns null where there is no such map
 */
export async function readHotspotMap(
  tx: Tx,
  mapId: number,
  { scope, precinctIds }: { scope: Scope; precinctIds?: readonly number[] | undefined },
): Promise<HotspotMap | null> {
  const heads = await tx.execute<MapRow>(sql`
    select *, period_from::text, period_to::text from hotspot_map where id = ${mapId}`)
  const head = heads.rows[0]
  if (head === undefined) return null
  const visible = sql`${precinctsOf(scope, sql`h.precinct_id`)}
    ${precinctIds === undefined ? sql`` : sql`and h.precinct_id = any(${sql.param([...precinctIds])}::int[])`}`
  const { rows } = await tx.execute<CellRow>(sql`
    select h.cell::text as cell, h.precinct_id, h.station_id, case when h.count >= ${fewestCases} then h.count end as count,
      h.z, h.p, h.permuted_p, h.significant
    from hotspot h where h.map_id = ${mapId} and ${visible} and (h.count >= ${fewestCases} or h.significant <> 0)
    order by h.significant desc, h.z desc, h.cell`)
  const hidden = await tx.execute<{ cases: number }>(sql`
    select coalesce(sum(h.count), 0)::int as cases from hotspot h
    where h.map_id = ${mapId} and ${visible} and h.count < ${fewestCases}`)
  const selection: Selection = {
    source: head.source,
    categories: head.categories,
    from: head.period_from,
    to: head.period_to,
    hours: head.hours,
  }
  const cells = rows.map((row): ListedCell => ({
    cell: h3Of(row.cell),
    precinctId: row.precinct_id,
    stationId: row.station_id,
    count: row.count,
    z: row.z,
    p: row.p,
    permutedP: row.permuted_p,
    significant: row.significant,
  }))
  const weeks = await readWeeks(tx, selection, head.resolution, cells)
  const counted = cells.filter(({ count }) => count !== null).map(({ cell }) => cell)
  const villages = await readVillages(tx, counted)
  return {
    id: head.id,
    source: head.source,
    categories: head.categories,
    from: head.period_from,
    to: head.period_to,
    resolution: head.resolution,
    hours: head.hours,
    cases: head.cases,
    outside: head.outside,
    studyCells: head.cells,
    pThreshold: head.p_threshold,
    permutations: head.permutations,
    seed: head.seed,
    dataThrough: head.data_through === null ? null : new Date(head.data_through).toISOString(),
    computedAt: new Date(head.computed_at).toISOString(),
    hiddenCases: hidden.rows[0]?.cases ?? 0,
    cells: cells.map((cell) => ({
      ...cell,
      village: villages.get(cell.cell) ?? null,
      week: weeks.get(cell.cell) ?? null,
    })),
  }
}

type ListedCell = Omit<HotspotCell, 'week' | 'village'>

/** Per listed cell of three cases or more: 168 digits for the cases that its hours may expect (contract/hotspot.ts). */
async function readWeeks(
  tx: Tx,
  selection: Selection,
  resolution: number,
  cells: readonly ListedCell[],
): Promise<Map<string, string>> {
  const counted = cells.filter(({ count }) => count !== null)
  if (counted.length === 0) return new Map()
  const precincts = [...new Set(counted.map(({ precinctId }) => precinctId))]
  const profiles = await tx.execute<{ precinct_id: number; hour: number; count: number }>(sql`
    select s.precinct_id, (h + 72) % 168 as hour, count(*)::int as count
    from incident_cell k join study_cell s using (cell) cross join lateral unnest(k.hours) h
    where ${ofCategories(selection)} and ${withinPeriod(selection)} and s.precinct_id = any(${sql.param(precincts)}::int[])
    group by 1, 2`)
  const precinctWeeks = new Map(precincts.map((id) => [id, new Float64Array(HOURS_OF_WEEK)]))
  for (const { precinct_id, hour, count } of profiles.rows) {
    const week = precinctWeeks.get(precinct_id)
    if (week) week[hour] = count
  }

  const parentOf = new Map<string, string>()
  for (const { cell } of counted) {
    if (resolution === 9) parentOf.set(storedCell(cell), cell)
    else for (const child of cellToChildren(cell, 9)) parentOf.set(storedCell(child), cell)
  }
  const own = await tx.execute<{ cell: string; hours: number[] }>(sql`
    select k.cell::text as cell, array_agg(h) as hours from incident_cell k cross join lateral unnest(k.hours) h
    where ${ofCategories(selection)} and ${withinPeriod(selection)} and k.cell = any(${sql.param([...parentOf.keys()])}::bigint[])
    group by k.cell`)
  const ownWeeks = new Map<string, Float64Array>()
  for (const { cell, hours } of own.rows) {
    const parent = parentOf.get(cell) ?? ''
    ownWeeks.set(parent, countWeek(hours, ownWeeks.get(parent)))
  }
  const mean = counted.reduce((sum, { count }) => sum + (count ?? 0), 0) / counted.length / HOURS_OF_WEEK
  return new Map(
    counted.map(({ cell, precinctId, count }) => {
      const profile = profileWeek(
        ownWeeks.get(cell) ?? new Float64Array(HOURS_OF_WEEK),
        precinctWeeks.get(precinctId) ?? new Float64Array(HOURS_OF_WEEK),
      )
      return [cell, Array.from(profile, (share) => digitOf(((count ?? 0) * share) / mean)).join('')]
    }),
  )
}

/** Steps of √2, from half the mean: fine enough to tell a cell's own hours apart, however hot it is. */
function digitOf(relative: number): string {
  const step = relative >= 0.5 ? Math.floor(2 * Math.log2(relative) + 1e-9) + 3 : 0
  return Math.min(step, 35).toString(36)
}
