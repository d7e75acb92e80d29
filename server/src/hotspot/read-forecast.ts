import { sql } from 'drizzle-orm'
import type { HotspotForecast, Scope } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { h3Of } from './cell-index.ts'
import { precinctsOf } from './precincts-of.ts'

interface ForecastRow extends Record<string, unknown> {
  id: number
  source: HotspotForecast['source']
  categories: string[]
  period_from: string
  period_to: string
  cases: number
  area_km2: number
  city_km2: number
  model: HotspotForecast['model']
  track_record: HotspotForecast['trackRecord']
  data_through: Date | null
  computed_at: Date
}

/** The newest forecast of a source and set of categories, with the cells of this scope; null where none was made yet. */
export async function readHotspotForecast(
  tx: Tx,
  { source, categories, scope }: { source: string; categories: readonly string[]; scope: Scope },
): Promise<HotspotForecast | null> {
  const { rows } = await tx.execute<ForecastRow>(sql`
    select *, period_from::text, period_to::text from hotspot_forecast
    where source = ${source} and categories @> ${sql.param([...categories])}::text[]
      and cardinality(categories) = ${categories.length}
    order by computed_at desc, id desc limit 1`)
  const row = rows[0]
  if (row === undefined) return null
  const cells = await tx.execute<{ cell: string; rank: number; score: number }>(sql`
    select c.cell::text as cell, c.rank, c.score from hotspot_forecast_cell c
    where c.forecast_id = ${row.id} and c.precinct_id is not null and ${precinctsOf(scope, sql`c.precinct_id`)}
    order by c.rank`)
  return {
    id: row.id,
    source: row.source,
    categories: row.categories,
    from: row.period_from,
    to: row.period_to,
    cases: row.cases,
    areaKm2: row.area_km2,
    cityKm2: row.city_km2,
    model: row.model,
    trackRecord: row.track_record,
    dataThrough: row.data_through === null ? null : new Date(row.data_through).toISOString(),
    computedAt: new Date(row.computed_at).toISOString(),
    cells: cells.rows.map(({ cell, rank, score }) => ({ cell: h3Of(cell), rank, score })),
  }
}
