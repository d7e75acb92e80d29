import { sql, type SQL } from 'drizzle-orm'
import type { PairedDisplay, Scope } from '@patrol/contract'
import { inTransaction, type Db } from '@patrol/db'
import { withinScope } from './scope.ts'

/** Approved displays with where they are: of a point, or of the subtree that a wall may show. */
const displays = (scope: Scope): SQL => sql`
  wall_display w
    join officer o on o.id = w.approved_by
    left join organisation org on org.id = w.organisation_id
    left join tag t on t.id = w.tag_id left join patrol_point p on p.id = t.patrol_point_id
    cross join lateral (
      select coalesce(p.precinct_id, org.precinct_id, case org.kind when 'precinct' then org.id end) as precinct_id,
        coalesce(p.station_id, case org.kind when 'station' then org.id end) as station_id
    ) at
  where w.approved_at is not null and w.revoked_at is null
    and ${withinScope(scope, { precinctId: sql`at.precinct_id`, stationId: sql`at.station_id` })}`

export async function listDisplays(db: Db, scope: Scope): Promise<PairedDisplay[]> {
  const { rows } = await db.execute<Omit<PairedDisplay, 'approvedAt'> & { approvedAt: Date }>(sql`
    select w.id, w.name, coalesce(p.name, org.name, '') as place, p.id is not null as "atPoint",
      w.approved_at as "approvedAt", o.name as "approvedBy"
    from ${displays(scope)} order by w.approved_at desc limit 500`)
  return rows.map((row) => ({ ...row, approvedAt: new Date(row.approvedAt).toISOString() }))
}

/** Ends a display's session, and the codes that it showed. False where this scope has no such display. */
export async function revokeDisplay(
  db: Db,
  displayId: number,
  { officerId, scope }: { officerId: number; scope: Scope },
): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const { rows } = await tx.execute<{ tag_id: number | null; precinct_id: number | null }>(sql`
      update wall_display set revoked_at = clock_timestamp()
      from (select w.id, at.precinct_id from ${displays(scope)} and w.id = ${displayId}) seen
      where wall_display.id = seen.id returning tag_id, seen.precinct_id`)
    const [display] = rows
    if (display === undefined) return false
    await tx.execute(sql`
      update tag set revoked_at = city_now() where id = ${display.tag_id} and revoked_at is null`)
    await tx.execute(sql`
      update session set revoked_at = clock_timestamp() where wall_display_id = ${displayId} and revoked_at is null`)
    await tx.execute(sql`
      insert into audit (officer_id, action, subject, precinct_id)
      values (${officerId}, 'wall-display:revoked', ${`wall-display:${displayId}`}, ${display.precinct_id})`)
    return true
  })
}
