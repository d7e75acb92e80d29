import { sql } from 'drizzle-orm'
import type { Heat, Scope } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { h3Of } from './cell-index.ts'
import { fewestCases } from './compute-map.ts'
import { precinctsOf } from './precincts-of.ts'

/** The newest map of each resolution that counts all hours, thinned to what a heat layer draws, as this scope may see it. */
export async function readHeat(tx: Tx, scope: Scope): Promise<Heat> {
  const heads = await tx.execute<{
    id: number
    resolution: number
    source: Heat['maps'][number]['source']
    period_from: string
    period_to: string
    data_through: Date | null
  }>(sql`
    select distinct on (resolution) id, resolution, source, period_from::text, period_to::text, data_through
    from hotspot_map where hours is null and categories = '{}' order by resolution, computed_at desc`)
  const { rows } = await tx.execute<{ map_id: number; cell: string; count: number }>(sql`
    select h.map_id, h.cell::text as cell, h.count from hotspot h
    where h.map_id = any(${sql.param(heads.rows.map(({ id }) => id))}::int[]) and h.count >= ${fewestCases}
      and ${precinctsOf(scope, sql`h.precinct_id`)}
    order by h.map_id, h.cell`)
  const cells = Map.groupBy(rows, (row) => row.map_id)
  return {
    maps: heads.rows.map((head) => ({
      resolution: head.resolution,
      source: head.source,
      from: head.period_from,
      to: head.period_to,
      dataThrough: head.data_through === null ? null : new Date(head.data_through).toISOString(),
      cells: (cells.get(head.id) ?? []).map(({ cell, count }) => ({ cell: h3Of(cell), count })),
    })),
  }
}
