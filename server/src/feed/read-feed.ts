import { cellToBoundary } from 'h3-js'
import { sql } from 'drizzle-orm'
import type { FeedCells, FeedCoverage, FeedFigures } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { generalMap } from '../hotspot/general-map.ts'

/**
 * Everything that leaves for the city's situation room, and nothing else: numbers of precincts and of H3 cells (resolution
 * 8, about 0.74 km², 530 m to a side). No officer, no call sign, no point and no position of anything: what is not written here is not sent.
 */

/** A cell is told of only with so many incidents: fewer would be somebody's address. */
export const fewestIncidents = 3

const percent = (part: number | null, whole: number | null) =>
  part === null || whole === null || whole === 0 ? null : Math.round((1_000 * part) / whole) / 10

interface SampleRow extends Record<string, unknown> {
  code: string
  name: string
  nameEn: string
  at: string
  units: number
  due: number
  done: number
  overdue: number
  ended: number | null
  onTime: number | null
  points: number | null
  seen: number | null
}

/** The last sample of each precinct's figures (report/figures.ts says what each means), and their sum. */
export async function readFeedFigures(tx: Tx): Promise<FeedFigures> {
  const { rows } = await tx.execute<SampleRow>(sql`
    select o.code, o.name, o.name_en as "nameEn",
      to_char(f.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at,
      sum(f.units_online)::int as units, sum(f.due)::int as due, sum(f.done)::int as done, sum(f.overdue)::int as overdue,
      sum(f.ended)::int as ended, sum(f.on_time)::int as "onTime", sum(f.points)::int as points,
      sum(f.seen_points)::int as seen
    from figure f join organisation o on o.id = f.precinct_id and o.kind = 'precinct'
    where f.at = (select max(at) from figure)
    group by o.id, f.at order by o.code`)
  const sum = (pick: (row: SampleRow) => number | null) =>
    rows.reduce((total, row) => total + (pick(row) ?? 0), 0)
  const numbers = (
    row: Pick<SampleRow, 'units' | 'due' | 'done' | 'overdue' | 'ended' | 'onTime' | 'points' | 'seen'>,
  ) => ({
    onlineUnits: row.units,
    due: row.due,
    done: row.done,
    overdue: row.overdue,
    coverage: percent(row.done, row.due),
    compliance: percent(row.onTime, row.ended),
    visibility: percent(row.seen, row.points),
  })
  return {
    at: rows[0]?.at ?? null,
    city: numbers({
      units: sum((row) => row.units),
      due: sum((row) => row.due),
      done: sum((row) => row.done),
      overdue: sum((row) => row.overdue),
      ended: sum((row) => row.ended),
      onTime: sum((row) => row.onTime),
      points: sum((row) => row.points),
      seen: sum((row) => row.seen),
    }),
    precincts: rows.map((row) => ({ code: row.code, name: row.name, nameEn: row.nameEn, ...numbers(row) })),
  }
}

/** The precincts' public boundaries with their coverage. */
export async function readFeedCoverage(tx: Tx): Promise<FeedCoverage> {
  const { precincts, at } = await readFeedFigures(tx)
  const { rows } = await tx.execute<{ code: string; shape: string | null }>(sql`
    select code, st_asgeojson(st_simplifypreservetopology(area, 0.0005), 5) as shape from organisation where kind = 'precinct'`)
  const shapes = new Map(rows.map(({ code, shape }) => [code, shape]))
  return {
    type: 'FeatureCollection',
    features: precincts.map(({ code, name, nameEn, coverage, due, done }) => {
      const shape = shapes.get(code)
      const properties = { at, code, name, nameEn, coverage, due, done }
      return { type: 'Feature', geometry: shape == null ? null : JSON.parse(shape), properties }
    }),
  }
}

/** Open incidents by cell, where there are enough of them. */
export async function readFeedIncidents(tx: Tx): Promise<FeedCells> {
  const { rows } = await tx.execute<{ cell: string; count: number }>(sql`
    select h3_r8::text as cell, count(*)::int as count from incident
    where status <> 'closed' and occurred_at > city_now() - interval '1 day'
    group by 1 having count(*) >= ${fewestIncidents} order by 2 desc, 1`)
  return toCells(rows)
}

/** The significant cells of the newest hotspot map of all categories and hours, where there are enough incidents in them. */
export async function readFeedHotspots(tx: Tx): Promise<FeedCells> {
  const { rows } = await tx.execute<{ cell: string; count: number }>(sql`
    select ((h.cell & ~(15::bigint << 52)) | (8::bigint << 52) | 2097151)::text as cell, sum(h.count)::int as count
    from hotspot h where h.map_id = ${generalMap} and h.significant = 1
    group by 1 having sum(h.count) >= ${fewestIncidents} order by 2 desc, 1`)
  return toCells(rows)
}

function toCells(rows: readonly { cell: string; count: number }[]): FeedCells {
  return {
    type: 'FeatureCollection',
    features: rows.map(({ cell, count }) => {
      const name = BigInt.asUintN(64, BigInt(cell)).toString(16)
      return {
        type: 'Feature',
        geometry: { type: 'Polygon', coordinates: [cellToBoundary(name, true)] },
        properties: { cell: name, count },
      }
    }),
  }
}
