import { sql } from 'drizzle-orm'
import type { Tx } from '@patrol/db'
import type { Arrival } from './find-candidates.ts'

/** One's own check-in at a point, of the last quarter of an hour and not rejected; null for any other. */
export async function findArrival(
  tx: Tx,
  { checkInId, officerId, now }: { checkInId: string; officerId: number; now: Date },
): Promise<Arrival | null> {
  const { rows } = await tx.execute<{ id: string; point_id: number }>(sql`
    select id, patrol_point_id as point_id from check_in
    where id = ${checkInId} and officer_id = ${officerId} and patrol_point_id is not null and verdict <> 'rejected'
      and claimed_at > ${now.toISOString()}::timestamptz - interval '15 minutes'`)
  const row = rows[0]
  if (row === undefined) return null
  return { occasionId: row.id, officerId, pointId: row.point_id, position: null, at: now }
}
