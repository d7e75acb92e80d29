import { sql } from 'drizzle-orm'
import { isValidCell } from 'h3-js'
import type { HotspotDosageOrder, Scope } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { ProblemError } from '../problems.ts'
import { storedCell } from './cell-index.ts'
import { precinctsOf } from './precincts-of.ts'

/** Asks for visits to a hotspot of one's own precincts. @returns its id. @throws NOT_FOUND for a cell of nobody or of others */
export async function orderDosage(
  tx: Tx,
  order: HotspotDosageOrder,
  { scope, officerId }: { scope: Scope; officerId: number },
): Promise<number> {
  if (order.endsOn < order.startsOn) {
    throw new ProblemError('INVALID_INPUT', { field: 'body/endsOn', message: 'It ends before it starts.' })
  }
  if (!isValidCell(order.cell)) throw new ProblemError('INVALID_INPUT', { field: 'body/cell' })
  const { rows } = await tx.execute<{ id: number; precinct_id: number }>(sql`
    insert into hotspot_dosage (cell, precinct_id, station_id, source, categories, hours, starts_on, ends_on, ordered_by,
      ordered_at)
    select s.cell, s.precinct_id, s.station_id, ${order.source}, ${sql.param(order.categories)}::text[],
      ${sql.param(order.hours ?? null)}::smallint[], ${order.startsOn}::date, ${order.endsOn}::date, ${officerId}::int, city_now()
    from study_cell s where s.cell = ${storedCell(order.cell)}::bigint and ${precinctsOf(scope, sql`s.precinct_id`)}
    returning id, precinct_id`)
  const row = rows[0]
  if (row === undefined) throw new ProblemError('NOT_FOUND')
  await tx.execute(sql`
    insert into audit (officer_id, action, subject, precinct_id, details)
    values (${officerId}, 'hotspot-dosage:ordered', ${`hotspot-dosage:${row.id}`}, ${row.precinct_id},
      ${JSON.stringify(order)}::jsonb)`)
  return row.id
}

/** Takes the request back. @throws NOT_FOUND for one of others or that has ended */
export async function endDosage(
  tx: Tx,
  dosageId: number,
  { scope, officerId }: { scope: Scope; officerId: number },
): Promise<void> {
  const { rows } = await tx.execute<{ precinct_id: number }>(sql`
    update hotspot_dosage d set ended_at = city_now(), ended_by = ${officerId}
    where d.id = ${dosageId} and d.ended_at is null and ${precinctsOf(scope, sql`d.precinct_id`)} returning precinct_id`)
  const row = rows[0]
  if (row === undefined) throw new ProblemError('NOT_FOUND')
  await tx.execute(sql`
    insert into audit (officer_id, action, subject, precinct_id)
    values (${officerId}, 'hotspot-dosage:ended', ${`hotspot-dosage:${dosageId}`}, ${row.precinct_id})`)
}
