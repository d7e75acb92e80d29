import { sql } from 'drizzle-orm'
import { inTransaction, type Db, type OpenTx } from '@patrol/db'

/** One counter at a time: two would only wait for each other's rows. */
const countLock = 7_791_009
/** With more touched cells than this, one pass over all incidents is cheaper than a look-up for each. */
const maxTouched = 50_000

export interface Counted {
  /** Cells (per source and category) that were counted. */
  cells: number
  full: boolean
}

/**
 * Brings `incident_cell` up to date from what was touched, each touched cell counted afresh from its incidents: so a count
 * never drifts, and running it twice, late or on two workers changes nothing. Far behind, it counts everything.
 *
 * Here as below the index `incident_by_cell` gives the incidents in the order of the groups and, within them, of time:
 * asked for in that order before they are gathered, nothing is sorted.
 */
export async function countTouchedCells(db: Db): Promise<Counted> {
  return inTransaction(db, async (tx) => {
    await lock(tx)
    // As of this statement; who touches a cell later leaves word again.
    const { rowCount } = await tx.$client.query(`
      create temporary table touched on commit drop as
        with taken as (delete from incident_cell_touched returning source, category, cell)
        select distinct source, category, cell from taken`)
    const touched = rowCount ?? 0
    if (touched === 0) return { cells: 0, full: false }
    if (touched > maxTouched) return { cells: await replaceAll(tx), full: true }
    await tx.$client.query('analyze touched')
    await tx.$client.query(`
      with counted as materialized (
        select t.source, t.category, t.cell, i.hours from touched t
        left join lateral (
          select array_agg(incident_hour(occurred_at)) as hours
          from (select occurred_at from incident
                where source = t.source and category = t.category and h3_r9 = t.cell order by occurred_at) o
        ) i on true
      ), emptied as (
        delete from incident_cell k using counted c
        where (k.source, k.category, k.cell) = (c.source, c.category, c.cell) and c.hours is null
      )
      insert into incident_cell as known (source, category, cell, hours)
      select source, category, cell, hours from counted where hours is not null
      on conflict (source, category, cell) do update set hours = excluded.hours
        where known.hours <> excluded.hours`)
    return { cells: touched, full: false }
  })
}

/** Counts all incidents anew. Rows that were right are not touched, so that readers never find it empty or wait. */
export async function countAllCells(db: Db): Promise<Counted> {
  return inTransaction(db, async (tx) => {
    await lock(tx)
    await tx.$client.query('delete from incident_cell_touched')
    return { cells: await replaceAll(tx), full: true }
  })
}

async function replaceAll(tx: OpenTx): Promise<number> {
  await tx.$client.query(`set local work_mem = '128MB'`)
  await tx.$client.query(`
    create temporary table counted on commit drop as
      select source, category, h3_r9 as cell, array_agg(incident_hour(occurred_at)) as hours
      from (select source, category, h3_r9, occurred_at from incident
            order by source, category, h3_r9, occurred_at) i
      group by source, category, h3_r9`)
  await tx.$client.query('analyze counted')
  await tx.$client.query(`
    delete from incident_cell k where not exists (select from counted c
      where (c.source, c.category, c.cell) = (k.source, k.category, k.cell))`)
  await tx.$client.query(`
    insert into incident_cell (source, category, cell, hours)
    select source, category, cell, c.hours from counted c left join incident_cell k using (source, category, cell)
    where k.hours is distinct from c.hours
    on conflict (source, category, cell) do update set hours = excluded.hours`)
  const { rows } = await tx.execute<{ cells: number }>(sql`select count(*)::int as cells from counted`)
  return rows[0]?.cells ?? 0
}

async function lock(tx: OpenTx): Promise<void> {
  await tx.$client.query('select pg_advisory_xact_lock($1)', [countLock])
}
