import { createHash } from 'node:crypto'
import { sql, type SQL } from 'drizzle-orm'
import type { Device, DeviceEnrolment, Scope } from '@patrol/contract'
import { inTransaction, type Db, type Tx } from '@patrol/db'
import { withinScope } from './scope.ts'

/** Nobody needs more devices that wait for approval; more is somebody playing. */
const pendingLimit = 5

const ownKinds = sql`d.kind in ('phone', 'm-police')`

/** Devices whose officer this scope watches over, as a condition on `officer o`. */
const within = (scope: Scope) =>
  withinScope(scope, { precinctId: sql`o.precinct_id`, stationId: sql`o.station_id` })

/**
 * Puts a device on the list for approval. The same key again is the same device, so a phone may ask as often as it likes,
 * and learns that way whether it has been approved.
 */
export async function enrolDevice(
  db: Db,
  officer: { id: number; precinctId: number | null },
  { kind, label, publicKey }: DeviceEnrolment,
): Promise<Device | 'too-many'> {
  const id = idOfKey(publicKey)
  const key = { kty: publicKey.kty, crv: publicKey.crv, x: publicKey.x, y: publicKey.y }
  return inTransaction(db, async (tx) => {
    const known = await findDevice(tx, sql`d.id = ${id}`)
    if (known !== null) return known
    const { rows } = await tx.execute<{ n: number }>(sql`
      select count(*)::int as n from device d
      where d.officer_id = ${officer.id} and ${ownKinds} and approved_at is null and revoked_at is null`)
    if ((rows[0]?.n ?? 0) >= pendingLimit) return 'too-many'
    const { rowCount } = await tx.execute(sql`
      insert into device (id, kind, label, officer_id, public_key)
      values (${id}, ${kind}, ${label.trim()}, ${officer.id}, ${JSON.stringify(key)}::jsonb) on conflict do nothing`)
    if (rowCount === 1)
      await audit(tx, 'device:enrolled', id, officer.id, officer.precinctId, { kind, label })
    const made = await findDevice(tx, sql`d.id = ${id}`)
    if (made === null) throw new Error('The device was not stored.')
    return made
  })
}

/** Approves a waiting device of the scope. 'own' where the approver enrolled it: another has to look. */
export async function approveDevice(
  db: Db,
  id: string,
  by: { officerId: number; scope: Scope },
): Promise<Device | 'own' | null> {
  return inTransaction(db, async (tx) => {
    const device = await findDevice(tx, sql`d.id = ${id} and d.revoked_at is null and ${within(by.scope)}`)
    if (device === null) return null
    if (device.officerId === by.officerId) return 'own'
    const { rows } = await tx.execute<{ precinct_id: number | null }>(sql`
      update device d set approved_by = ${by.officerId}, approved_at = city_now() from officer o
      where d.id = ${id} and o.id = d.officer_id and d.approved_at is null and d.revoked_at is null
      returning o.precinct_id`)
    const [row] = rows
    if (row !== undefined) await audit(tx, 'device:approved', id, by.officerId, row.precinct_id, {})
    return findDevice(tx, sql`d.id = ${id}`)
  })
}

/** Ends a device from now on; what it signed before stays good. */
export async function revokeDevice(
  db: Db,
  id: string,
  by: { officerId: number; scope: Scope },
): Promise<Device | null> {
  return inTransaction(db, async (tx) => {
    const device = await findDevice(tx, sql`d.id = ${id} and ${within(by.scope)}`)
    if (device === null) return null
    const { rows } = await tx.execute<{ precinct_id: number | null }>(sql`
      update device d set revoked_at = city_now() from officer o
      where d.id = ${id} and o.id = d.officer_id and d.revoked_at is null returning o.precinct_id`)
    const [row] = rows
    if (row !== undefined) await audit(tx, 'device:revoked', id, by.officerId, row.precinct_id, {})
    return findDevice(tx, sql`d.id = ${id}`)
  })
}

/** The devices of a scope, those that wait first. */
export async function listDevices(db: Db, scope: Scope): Promise<Device[]> {
  const { rows } = await db.execute<DeviceRow>(sql`
    select ${columns} from device d join officer o on o.id = d.officer_id
    where ${ownKinds} and ${within(scope)}
    order by d.approved_at is null and d.revoked_at is null desc, d.enrolled_at desc limit 5000`)
  return rows.map(readDevice)
}

const columns = sql`d.id, d.kind, d.label, d.officer_id, o.name, d.enrolled_at, d.approved_at, d.revoked_at`

interface DeviceRow extends Record<string, unknown> {
  id: string
  kind: Device['kind']
  label: string
  officer_id: number
  name: string
  enrolled_at: Date
  approved_at: Date | null
  revoked_at: Date | null
}

async function findDevice(tx: Tx, which: SQL): Promise<Device | null> {
  const { rows } = await tx.execute<DeviceRow>(sql`
    select ${columns} from device d join officer o on o.id = d.officer_id where ${ownKinds} and ${which}`)
  const [row] = rows
  return row === undefined ? null : readDevice(row)
}

function readDevice(row: DeviceRow): Device {
  const iso = (at: Date | null) => (at === null ? null : new Date(at).toISOString())
  return {
    id: row.id,
    kind: row.kind,
    label: row.label,
    state: row.revoked_at !== null ? 'revoked' : row.approved_at !== null ? 'approved' : 'pending',
    officerId: row.officer_id,
    officerName: row.name,
    enrolledAt: new Date(row.enrolled_at).toISOString(),
    approvedAt: iso(row.approved_at),
    revokedAt: iso(row.revoked_at),
  }
}

/** A UUID (version 8) from the key's hash: the key is the device. */
function idOfKey({ x, y }: DeviceEnrolment['publicKey']): string {
  const hash = createHash('sha256').update(`${x}.${y}`).digest().subarray(0, 16)
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x80, 6)
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8)
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

async function audit(
  tx: Tx,
  action: string,
  id: string,
  officerId: number,
  precinctId: number | null,
  details: object,
): Promise<void> {
  await tx.execute(sql`
    insert into audit (officer_id, action, subject, precinct_id, details)
    values (${officerId}, ${action}, ${`device:${id}`}, ${precinctId}, ${JSON.stringify(details)}::jsonb)`)
}
