import { randomBytes, randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Scope, Tracker, TrackerEnrolment } from '@patrol/contract'
import { inTransaction, type Db, type Tx } from '@patrol/db'
import { withinScope } from '../organisation/scope.ts'
import { hashPairingId } from './identify-device.ts'

export interface Enroller {
  officerId: number
  scope: Scope
}

/** Officers whose trackers this scope may handle, as a condition on `officer o`. */
const withinOfficers = (scope: Scope) =>
  withinScope(scope, { precinctId: sql`o.precinct_id`, stationId: sql`o.station_id` })

/**
 * Enrols a tracker for an officer, with a new pairing id or, where one is given, by its public id.
 * @returns what to show once; 'unknown' for an officer beyond the scope, 'taken' for a public id in use.
 */
export async function pairTracker(
  db: Db,
  { officerId, label, publicId }: TrackerEnrolment,
  by: Enroller,
): Promise<{ id: string; pairingId: string | null } | 'unknown' | 'taken'> {
  const id = randomUUID()
  const pairingId = publicId === undefined ? randomBytes(24).toString('base64url') : null
  return inTransaction(db, async (tx) => {
    const { rows } = await tx.execute<{ precinct_id: number | null }>(sql`
      select o.precinct_id from officer o
      where o.id = ${officerId} and o.disabled_at is null and ${withinOfficers(by.scope)}`)
    const officer = rows[0]
    if (officer === undefined) return 'unknown'
    const { rowCount } = await tx.execute(sql`
      insert into device (id, kind, label, officer_id, approved_by, approved_at, pairing_hash, public_id)
      values (${id}, 'tracker', ${label}, ${officerId}, ${by.officerId}, clock_timestamp(),
        ${pairingId === null ? null : hashPairingId(pairingId)}, ${publicId ?? null})
      on conflict (public_id) do nothing`)
    if (rowCount === 0) return 'taken'
    await writeAudit(tx, 'tracker:enrolled', id, by.officerId, officer.precinct_id, {
      officerId,
      label,
      ...(publicId === undefined ? {} : { publicId }),
    })
    return { id, pairingId }
  })
}

/** Ends a tracker for good; its public id may be enrolled anew. False when there is no such open one in the scope. */
export async function revokeTracker(db: Db, id: string, by: Enroller): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const { rows } = await tx.execute<{
      precinct_id: number | null
      officer_id: number
      public_id: string | null
    }>(sql`
      with gone as (
        select d.id, d.public_id, o.precinct_id, o.id as officer_id from device d join officer o on o.id = d.officer_id
        where d.id = ${id} and d.kind = 'tracker' and d.revoked_at is null and ${withinOfficers(by.scope)}
        for update of d
      )
      update device d set revoked_at = clock_timestamp(), public_id = null from gone where d.id = gone.id
      returning gone.precinct_id, gone.officer_id, gone.public_id`)
    const device = rows[0]
    if (device === undefined) return false
    await writeAudit(tx, 'tracker:revoked', id, by.officerId, device.precinct_id, {
      officerId: device.officer_id,
      ...(device.public_id === null ? {} : { publicId: device.public_id }),
    })
    return true
  })
}

/** The trackers of the officers in a scope, newest first. */
export async function listTrackers(db: Db, scope: Scope): Promise<Tracker[]> {
  const { rows } = await db.execute<TrackerRow>(sql`
    select d.id, d.label, d.officer_id, o.name, d.public_id, d.enrolled_at, d.revoked_at
    from device d join officer o on o.id = d.officer_id
    where d.kind = 'tracker' and ${withinOfficers(scope)}
    order by d.enrolled_at desc limit 5000`)
  return rows.map((row) => ({
    id: row.id,
    label: row.label,
    officerId: row.officer_id,
    officerName: row.name,
    publicId: row.public_id,
    enrolledAt: new Date(row.enrolled_at).toISOString(),
    revokedAt: row.revoked_at === null ? null : new Date(row.revoked_at).toISOString(),
  }))
}

interface TrackerRow extends Record<string, unknown> {
  id: string
  label: string
  officer_id: number
  name: string
  public_id: string | null
  enrolled_at: Date
  revoked_at: Date | null
}

async function writeAudit(
  tx: Tx,
  action: string,
  deviceId: string,
  officerId: number,
  precinctId: number | null,
  details: object,
): Promise<void> {
  await tx.execute(sql`
    insert into audit (officer_id, action, subject, precinct_id, details)
    values (${officerId}, ${action}, ${`device:${deviceId}`}, ${precinctId}, ${JSON.stringify(details)}::jsonb)`)
}
