import type { OpenTx } from '@patrol/db'
import { newOpaqueId } from '../check-in/proof/signed-qr.ts'

/** Gives every point of an import that has no QR tag one, so that its label can be printed. */
export async function tagImportedPoints(tx: OpenTx, batchId: number, keyVersion: number): Promise<void> {
  const { rows } = await tx.$client.query<{ id: number }>(
    `select id from patrol_point p where import_batch_id = $1
       and not exists (select from tag t where t.patrol_point_id = p.id and t.kind = 'qr')`,
    [batchId],
  )
  await tx.$client.query(
    `insert into tag (patrol_point_id, kind, opaque_id, key_version)
     select id, 'qr', opaque_id, $3 from unnest($1::int[], $2::bigint[]) as t(id, opaque_id)`,
    [rows.map((row) => row.id), rows.map(() => newOpaqueId().toString()), keyVersion],
  )
}
