import { sql, type SQL } from 'drizzle-orm'
import type { IncidentSource } from '@patrol/contract'
import type { Tx } from '@patrol/db'

/** What is counted. */
export interface Selection {
  source: IncidentSource
  /** Empty: all. */
  categories: readonly string[]
  /** Days in Asia/Taipei, the last one included. */
  from: string
  to: string
  /** Hours of the week; null for all. */
  hours: readonly number[] | null
}

/** The rows of `incident_cell` (alias `k`) of a source and its categories. */
export function ofCategories({ source, categories }: Pick<Selection, 'source' | 'categories'>): SQL {
  return categories.length === 0
    ? sql`k.source = ${source}`
    : sql`k.source = ${source} and k.category = any(${sql.param([...categories])}::text[])`
}

/** Is an entry `h` of `hours` within the days and hours? */
export function withinPeriod({ from, to, hours }: Pick<Selection, 'from' | 'to' | 'hours'>): SQL {
  return sql`h >= (${from}::date - date '1970-01-01') * 24 and h < (${to}::date + 1 - date '1970-01-01') * 24
    ${hours === null ? sql`` : sql`and (h + 72) % 168 = any(${sql.param([...hours])}::int[])`}`
}

export interface CellCount extends Record<string, unknown> {
  /** Stored cell of resolution 9. */
  cell: string
  count: number
}

/** Incidents per cell of resolution 9, those outside the study area too. */
export async function countByCell(tx: Tx, selection: Selection): Promise<CellCount[]> {
  const { rows } = await tx.execute<CellCount>(sql`
    select k.cell::text as cell, count(*)::int as count
    from incident_cell k cross join lateral unnest(k.hours) h
    where ${ofCategories(selection)} and ${withinPeriod(selection)}
    group by k.cell`)
  return rows
}

/** Changes with every incident of the source that comes, changes or goes: names the state of the data an answer is of. */
export async function readDataVersion(
  tx: Tx,
  source: IncidentSource,
): Promise<{ version: string; through: Date | null }> {
  const { rows } = await tx.execute<{ version: string; through: Date | null }>(sql`
    select concat_ws('-', count(*), max(id), max(import_batch_id), (select count(*) from study_cell),
        (select count(*) from incident_cell_touched)) as version, max(occurred_at) as through
    from incident where source = ${source}`)
  const row = rows[0]
  return { version: row?.version ?? '', through: row?.through == null ? null : new Date(row.through) }
}
