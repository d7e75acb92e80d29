import { sql } from 'drizzle-orm'
import { inTransaction, type Db } from '@patrol/db'
import { newOpaqueId, readableCode, signQr } from '../check-in/proof/signed-qr.ts'

/** A new label has to be printed and carried to the box; so long the old one is good. */
export const defaultGraceDays = 30

/**
 * Gives a point a new QR label under the newest key, with an id of its own. The old ones are retired after `graceDays`, or
 * ended at once where they were copied. Scans are judged by their own time, so what was read before in good faith stays good.
 * @param officerId null from the command line
 */
export async function reissueLabel(
  db: Db,
  tagKeys: ReadonlyMap<number, Buffer>,
  {
    patrolPointId,
    revokeNow,
    graceDays = defaultGraceDays,
    officerId,
  }: { patrolPointId: number; revokeNow: boolean; graceDays?: number; officerId: number | null },
): Promise<{ tagId: number; code: string; readableCode: string }> {
  const keyVersion = Math.max(...tagKeys.keys())
  const key = tagKeys.get(keyVersion)
  if (key === undefined) throw new Error('There is no key that signs labels.')
  const opaqueId = newOpaqueId()
  return inTransaction(db, async (tx) => {
    // The point first, so that two re-issues at once come one after the other.
    await tx.execute(sql`select 1 from patrol_point where id = ${patrolPointId} for no key update`)
    await tx.execute(
      revokeNow
        ? sql`update tag set revoked_at = city_now()
            where patrol_point_id = ${patrolPointId} and kind = 'qr' and revoked_at is null`
        : sql`update tag set retired_at = city_now() + make_interval(days => ${graceDays})
            where patrol_point_id = ${patrolPointId} and kind = 'qr' and revoked_at is null and retired_at is null`,
    )
    const { rows } = await tx.execute<{ id: number }>(sql`
      insert into tag (patrol_point_id, kind, opaque_id, key_version)
      values (${patrolPointId}, 'qr', ${opaqueId}, ${keyVersion}) returning id`)
    const [made] = rows
    if (made === undefined) throw new Error('The label was not stored.')
    await tx.execute(sql`
      insert into audit (officer_id, action, subject, precinct_id, details)
      select ${officerId}, 'label:reissued', ${`tag:${made.id}`}, precinct_id,
        ${JSON.stringify({ patrolPointId, revokeNow, graceDays: revokeNow ? 0 : graceDays })}::jsonb
      from patrol_point where id = ${patrolPointId}`)
    return {
      tagId: made.id,
      code: signQr(opaqueId, keyVersion, key),
      readableCode: readableCode(opaqueId),
    }
  })
}
