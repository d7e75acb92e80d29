import { createHash } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { cellToParent } from 'h3-js'
import type { HotspotMapInput } from '@patrol/contract'
import { inTransaction, type Db } from '@patrol/db'
import { intAt, realAt } from '../route/typed-array.ts'
import { buildAdjacency, type Adjacency } from './adjacency.ts'
import { h3Of, storedCell } from './cell-index.ts'
import { countTouchedCells } from './count-cells.ts'
import { computeGi } from './gi-star.ts'
import { computeTwoSidedP, selectSignificant } from './p-values.ts'
import { permuteGiStar } from './permute-gi.ts'
import { countByCell, readDataVersion } from './read-counts.ts'
import { refreshStudyArea, studyResolution } from './study-area.ts'

/** So many of a hundred significant cells may be so by chance. */
const falseDiscoveryRate = 0.05
/** Neighbourhoods with fewer cases are never called hot: among zeros a single case would be. */
export const fewestCases = 3
/** Permutation is for what is looked at; beyond this, the strongest cells have it. */
const maxPermuted = 3_000

interface StudyCell {
  /** H3 index. */
  cell: string
  precinctId: number
  stationId: number | null
}

/**
 * Computes where incidents of a period lie closer together than chance would have it: Gi* over one ring on all cells of the
 * study area, two-sided p, Benjamini–Hochberg. Asked again on the same data, it is the same map.
 * @throws when no precinct has an area: there is no study area then
 */
export async function computeHotspotMap(
  db: Db,
  input: HotspotMapInput,
  { seed, now, report }: { seed: number; now: Date; report(progress: number, note?: string): void },
): Promise<{ mapId: number }> {
  report(0.05, 'counting')
  await countTouchedCells(db)
  const cells = await readStudyCells(db, input.resolution)
  const { version, through } = await readDataVersion(db, input.source)
  const key = createHash('sha256')
    .update(JSON.stringify([input, seed, version]))
    .digest('hex')
  const known = await db.execute<{ id: number }>(sql`select id from hotspot_map where key = ${key}`)
  if (known.rows[0] !== undefined) return { mapId: known.rows[0].id }

  const counts = await countByCell(db, input)
  const place = new Map(cells.map(({ cell }, at) => [cell, at]))
  const values = new Float64Array(cells.length)
  let outside = 0
  for (const { cell, count } of counts) {
    const fine = h3Of(cell)
    const at = place.get(input.resolution === studyResolution ? fine : cellToParent(fine, input.resolution))
    if (at === undefined) outside += count
    else values[at] = realAt(values, at) + count
  }
  report(0.3, 'adjacency')
  const adjacency = buildAdjacency(
    cells.map(({ cell }) => cell),
    1,
  )
  report(0.6, 'significance')
  const z = computeGi(values, adjacency)
  const p = computeTwoSidedP(z)
  const { significant, threshold } = selectSignificant(p, falseDiscoveryRate)
  const cases = values.reduce((sum, value) => sum + value, 0)
  const isSignificant = (at: number): boolean =>
    significant[at] === 1 && (realAt(z, at) < 0 || sumAround(values, adjacency, at) >= fewestCases)
  const shown = [...cells.keys()].filter((at) => realAt(values, at) > 0 || isSignificant(at))

  const permuted = new Map<number, number>()
  if (input.permutations > 0) {
    report(0.7, 'permutation')
    const tested = shown
      .toSorted((a, b) => Math.abs(realAt(z, b)) - Math.abs(realAt(z, a)))
      .slice(0, maxPermuted)
    permuteGiStar(values, adjacency, tested, { permutations: input.permutations, seed }).forEach((each, at) =>
      permuted.set(tested[at] ?? -1, each),
    )
  }

  report(0.9, 'writing')
  return inTransaction(db, async (tx) => {
    const made = await tx.execute<{ id: number }>(sql`
      insert into hotspot_map (key, source, categories, period_from, period_to, resolution, hours, cases, outside, cells,
        p_threshold, permutations, seed, data_through, computed_at)
      values (${key}, ${input.source}, ${sql.param(input.categories)}::text[], ${input.from}, ${input.to},
        ${input.resolution}, ${sql.param(input.hours)}::smallint[], ${cases}, ${outside}, ${cells.length}, ${threshold},
        ${input.permutations}, ${seed}, ${through?.toISOString() ?? null}, ${now.toISOString()})
      on conflict (key) do update set key = excluded.key returning id`)
    const mapId = made.rows[0]?.id
    if (mapId === undefined) throw new Error('No map was made.')
    await tx.$client.query(
      `insert into hotspot (map_id, cell, precinct_id, station_id, count, z, p, permuted_p, significant)
       select $1, * from unnest($2::bigint[], $3::int[], $4::int[], $5::int[], $6::float8[], $7::float8[], $8::float8[],
         $9::smallint[])
       on conflict do nothing`,
      [
        mapId,
        shown.map((at) => storedCell(cells[at]?.cell ?? '0')),
        shown.map((at) => cells[at]?.precinctId ?? 0),
        shown.map((at) => cells[at]?.stationId ?? null),
        shown.map((at) => realAt(values, at)),
        shown.map((at) => realAt(z, at)),
        shown.map((at) => realAt(p, at)),
        shown.map((at) => permuted.get(at) ?? null),
        shown.map((at) => (isSignificant(at) ? Math.sign(realAt(z, at)) : 0)),
      ],
    )
    return { mapId }
  })
}

function sumAround(values: Float64Array, { offsets, neighbours }: Adjacency, cell: number): number {
  let sum = realAt(values, cell)
  for (let at = intAt(offsets, cell); at < intAt(offsets, cell + 1); at++) {
    sum += realAt(values, intAt(neighbours, at))
  }
  return sum
}

/** All cells of the study area in the order of their index, so that neighbours are near in memory. */
async function readStudyCells(db: Db, resolution: 8 | 9): Promise<StudyCell[]> {
  const read = async () => {
    const { rows } = await db.execute<{ cell: string; precinct_id: number; station_id: number | null }>(
      resolution === studyResolution
        ? sql`select cell::text as cell, precinct_id, station_id from study_cell order by cell`
        : // A coarse cell on a border belongs to the precinct that has most of it.
          sql`select h3_parent(cell, 9, 8)::text as cell, mode() within group (order by precinct_id) as precinct_id,
                mode() within group (order by station_id) as station_id
              from study_cell group by h3_parent(cell, 9, 8) order by h3_parent(cell, 9, 8)`,
    )
    return rows
  }
  let rows = await read()
  if (rows.length === 0 && (await refreshStudyArea(db)) > 0) rows = await read()
  if (rows.length === 0) {
    throw new Error(
      'No precinct has an area yet: import boundaries first. / 尚無分局轄區範圍，請先匯入轄區圖。',
    )
  }
  return rows.map((row) => ({
    cell: h3Of(row.cell),
    precinctId: row.precinct_id,
    stationId: row.station_id,
  }))
}
