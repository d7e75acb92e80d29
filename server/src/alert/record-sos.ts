import { sql } from 'drizzle-orm'
import type { SosCall, SosReceipt } from '@patrol/contract'
import { inTransaction, type Db, type Tx } from '@patrol/db'
import { toReal } from '../unusable.ts'
import { raiseSos } from './raise-sos.ts'

/**
 * Stores a call for help and raises its alert, once for each id; returns when it is committed.
 * Null where the id is somebody else's call, or nobody has the number of the officer.
 */
export async function recordSos(
  db: Db,
  call: SosCall,
  { sentBy, now }: { sentBy: number; now: Date },
): Promise<SosReceipt | null> {
  const officerId = call.officerId ?? sentBy
  const { position } = call
  return inTransaction(db, async (tx) => {
    const place = position && `SRID=4326;POINT(${position.lon} ${position.lat})`
    const { rows } = await tx.execute<{ precinct_id: number | null }>(sql`
      insert into sos_call (id, officer_id, uploaded_by, called_at, received_at, position, accuracy_meters)
      select ${call.id}, o.id, ${sentBy}, ${call.calledAt}::timestamptz, ${now.toISOString()}::timestamptz,
        ${place}::geometry, ${toReal(position?.accuracyMeters)}::real
      from officer o where o.id = ${officerId}
      on conflict do nothing
      returning (select precinct_id from officer where id = ${officerId})`)
    const [made] = rows
    if (made !== undefined) {
      const alertId = await raiseSos(tx, now, { officerId, place: position })
      await tx.execute(sql`update sos_call set alert_id = ${alertId} where id = ${call.id}`)
      await tx.execute(sql`
        insert into audit (officer_id, action, subject, precinct_id, details)
        values (${officerId}, 'sos:called', ${`sos:${call.id}`}, ${made.precinct_id},
          ${JSON.stringify({ sentBy, calledAt: call.calledAt })}::jsonb)`)
    }
    return findSos(tx, call.id, sentBy)
  })
}

interface SosRow extends Record<string, unknown> {
  received_at: Date
  acknowledged_at: Date | null
  acknowledged_by: string | null
  closed: boolean
}

/** A call of this officer, or that this officer's log-in brought; else null. */
export async function findSos(db: Db | Tx, id: string, officerId: number): Promise<SosReceipt | null> {
  const { rows } = await db.execute<SosRow>(sql`
    select c.received_at, a.acknowledged_at, o.name as acknowledged_by, a.closed_at is not null as closed
    from sos_call c left join alert a on a.id = c.alert_id left join officer o on o.id = a.acknowledged_by
    where c.id = ${id} and (c.officer_id = ${officerId} or c.uploaded_by = ${officerId})`)
  const [row] = rows
  if (row === undefined) return null
  return {
    id,
    stored: true,
    receivedAt: new Date(row.received_at).toISOString(),
    acknowledgedAt: row.acknowledged_at === null ? null : new Date(row.acknowledged_at).toISOString(),
    acknowledgedBy: row.acknowledged_by,
    closed: row.closed,
  }
}
