import { sql } from 'drizzle-orm'
import type { Scope, WallPrecinct } from '@patrol/contract'
import type { Tx } from '@patrol/db'

/** The precincts of a scope, without their tallies. A station's screen shows the cell of its precinct. */
export async function listPrecincts(tx: Tx, scope: Scope): Promise<Omit<WallPrecinct, 'tally'>[]> {
  const seen = scope.city
    ? sql`true`
    : sql`(o.id = any(${sql.param(scope.precinctIds)}::int[]) or o.id in (
        select precinct_id from organisation where id = any(${sql.param(scope.stationIds)}::int[])))`
  const { rows } = await tx.execute<Omit<WallPrecinct, 'tally'> & Record<string, unknown>>(sql`
    select o.id, o.code, o.name, o.name_en as "nameEn", st_x(o.position) as lon, st_y(o.position) as lat
    from organisation o where o.kind = 'precinct' and ${seen} order by o.code`)
  return rows
}
