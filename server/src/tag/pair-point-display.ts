import { sql } from 'drizzle-orm'
import type { Scope } from '@patrol/contract'
import { inTransaction, type Db } from '@patrol/db'
import { newOpaqueId } from '../check-in/proof/signed-qr.ts'
import { hash, normalise } from '../organisation/pair-wall-display.ts'
import { withinScope } from '../organisation/scope.ts'

/**
 * Approves the display that shows this pairing code for one patrol point: it gets a tag of its own, whose rotating codes it
 * may ask for, and nothing else. False when no display waits with the code; 'beyond' when the point is not within the scope.
 */
export async function approvePointDisplay(
  db: Db,
  tagKeys: ReadonlyMap<number, Buffer>,
  { code, name, patrolPointId }: { code: string; name: string; patrolPointId: number },
  by: { officerId: number; scope: Scope },
): Promise<boolean | 'beyond'> {
  return inTransaction(db, async (tx) => {
    const points = await tx.execute<{ precinct_id: number }>(sql`
      select p.precinct_id from patrol_point p where p.id = ${patrolPointId} and p.retired_at is null
        and ${withinScope(by.scope, { precinctId: sql`p.precinct_id`, stationId: sql`p.station_id` })}`)
    const [point] = points.rows
    if (point === undefined) return 'beyond'
    const { rows } = await tx.execute<{ id: number; tag_id: number }>(sql`
      with waiting as (
        select id from wall_display
        where pairing_code_hash = ${hash(normalise(code))} and approved_at is null
          and pairing_expires_at > clock_timestamp()
        for update
      ), made as (
        insert into tag (patrol_point_id, kind, opaque_id, key_version)
        select ${patrolPointId}::int, 'display', ${newOpaqueId()}::bigint, ${Math.max(...tagKeys.keys())}::smallint
        from waiting limit 1 returning id
      )
      update wall_display w set approved_by = ${by.officerId}, approved_at = clock_timestamp(), name = ${name},
        tag_id = made.id
      from waiting, made where w.id = waiting.id returning w.id, w.tag_id`)
    const [display] = rows
    if (display === undefined) return false
    await tx.execute(sql`
      insert into audit (officer_id, action, subject, precinct_id, details)
      values (${by.officerId}, 'point-display:approved', ${`wall-display:${display.id}`}, ${point.precinct_id},
        ${JSON.stringify({ name, patrolPointId, tagId: display.tag_id })}::jsonb)`)
    return true
  })
}
