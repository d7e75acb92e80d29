import { randomBytes, randomUUID } from 'node:crypto'
import { latLngToCell } from 'h3-js'
import {
  device,
  incident,
  notice,
  officer,
  organisation,
  patrolPoint,
  roleGrant,
  session,
  shift,
  tag,
  unit,
  unitMember,
  windowRule,
} from '../schema/index.ts'
import type { Position } from '../schema/geometry.ts'
import type { Tx } from '../connect.ts'

let number = 0
/** Short and unique within and across test files. */
const unique = (prefix: string) => `${prefix}-${++number}-${randomBytes(4).toString('hex')}`

function first<T>(rows: readonly T[]): T {
  const row = rows[0]
  if (row === undefined) throw new Error('Nothing was inserted.')
  return row
}

/** A precinct of its own with one station, somewhere in Tainan: a test touches nothing else. */
export async function makePrecinct(tx: Tx, { position = [120.2, 23] }: { position?: Position } = {}) {
  const code = unique('P')
  const precinct = first(
    await tx
      .insert(organisation)
      .values({ kind: 'precinct', code, name: `測試分局 ${code}`, nameEn: `Test precinct ${code}`, position })
      .returning(),
  )
  const station = await makeStation(tx, precinct.id, { position })
  return { precinctId: precinct.id, stationId: station.id, precinct, station }
}

export async function makeStation(
  tx: Tx,
  precinctId: number,
  { position = [120.2, 23] }: { position?: Position } = {},
) {
  const code = unique('S')
  return first(
    await tx
      .insert(organisation)
      .values({
        kind: 'station',
        parentId: precinctId,
        precinctId,
        code,
        name: `測試派出所 ${code}`,
        nameEn: `Test station ${code}`,
        position,
      })
      .returning(),
  )
}

/** The department: the root of a scope over the whole city. */
export async function makeDepartment(tx: Tx) {
  return first(
    await tx
      .insert(organisation)
      .values({ kind: 'department', code: unique('D'), name: '測試警察局', nameEn: 'Test department' })
      .returning(),
  )
}

type GrantedRole = typeof roleGrant.$inferInsert.role

/** An officer without a usable password; `roles` are granted at `organisationId` (default: the station). */
export async function makeOfficer(
  tx: Tx,
  place: { precinctId: number | null; stationId: number | null },
  { roles = ['officer'], organisationId }: { roles?: GrantedRole[]; organisationId?: number } = {},
) {
  const login = unique('officer')
  const made = first(
    await tx
      .insert(officer)
      .values({
        login,
        name: `員警 ${login}`,
        passwordHash: 'none',
        precinctId: place.precinctId,
        stationId: place.stationId,
      })
      .returning(),
  )
  const at = organisationId ?? place.stationId ?? place.precinctId
  if (at !== null) {
    await tx.insert(roleGrant).values(roles.map((role) => ({ officerId: made.id, role, organisationId: at })))
  }
  return made
}

/** A live session of an officer; `cookie` is the header that carries it. `hashToken` is the server's. */
export async function makeSession(tx: Tx, officerId: number, hashToken: (token: string) => Buffer) {
  const token = randomBytes(32).toString('base64url')
  const made = first(
    await tx
      .insert(session)
      .values({ tokenHash: hashToken(token), officerId, expiresAt: new Date(Date.now() + 3_600_000) })
      .returning(),
  )
  return { token, cookie: `patrol=${token}`, sessionId: made.id }
}

/** A patrol point with a QR tag. */
export async function makePoint(
  tx: Tx,
  place: { precinctId: number; stationId: number },
  {
    position = [120.2, 23],
    keyVersion = 1,
    priority = 2,
    radiusMeters = 50,
  }: {
    position?: Position
    keyVersion?: number
    priority?: number
    radiusMeters?: number
  } = {},
) {
  const [lon, lat] = position
  const cell = (resolution: number) => BigInt.asIntN(64, BigInt(`0x${latLngToCell(lat, lon, resolution)}`))
  const code = unique('T')
  const point = first(
    await tx
      .insert(patrolPoint)
      .values({
        code,
        name: `測試巡邏點 ${code}`,
        category: 'test',
        priority,
        position,
        radiusMeters,
        precinctId: place.precinctId,
        stationId: place.stationId,
        h3R8: cell(8),
        h3R9: cell(9),
        h3R10: cell(10),
      })
      .returning(),
  )
  const qr = first(
    await tx
      .insert(tag)
      .values({
        patrolPointId: point.id,
        kind: 'qr',
        opaqueId: randomBytes(8).readBigInt64BE(),
        keyVersion,
      })
      .returning(),
  )
  return { point, tag: qr }
}

/** A secure NFC tag of a point, in use; its chip is made by the server's `server/test/secure-tag.ts`. */
export async function makeSecureTag(tx: Tx, patrolPointId: number, { uid }: { uid?: string } = {}) {
  return first(
    await tx
      .insert(tag)
      .values({
        patrolPointId,
        kind: 'nfc',
        opaqueId: randomBytes(8).readBigInt64BE(),
        keyVersion: 1,
        uid: uid ?? `04${randomBytes(6).toString('hex').toUpperCase()}`,
        secure: true,
        activatedAt: new Date(),
      })
      .returning(),
  )
}

/** An enrolled device with this public key (JWK), approved an hour ago unless told otherwise. */
export async function makeDevice(
  tx: Tx,
  officerId: number,
  publicKey: object,
  {
    kind = 'phone',
    approvedAt = new Date(Date.now() - 3_600_000),
  }: { kind?: 'phone' | 'm-police'; approvedAt?: Date | null } = {},
) {
  return first(
    await tx
      .insert(device)
      .values({
        id: randomUUID(),
        kind,
        label: unique('device'),
        officerId,
        publicKey,
        approvedAt,
        approvedBy: approvedAt && officerId,
      })
      .returning(),
  )
}

/** A unit on duty from an hour ago for eight hours (or as given), with these officers. */
export async function makeUnit(
  tx: Tx,
  place: { precinctId: number; stationId: number },
  officerIds: readonly number[],
  {
    startsAt = new Date(Date.now() - 3_600_000),
    endsAt = new Date(Date.now() + 7 * 3_600_000),
  }: { startsAt?: Date; endsAt?: Date } = {},
) {
  const spell = first(
    await tx
      .insert(shift)
      .values({ ...place, band: 'day', startsAt, endsAt })
      .returning(),
  )
  const made = first(
    await tx
      .insert(unit)
      .values({ ...place, shiftId: spell.id, callSign: unique('U'), mode: 'car' })
      .returning(),
  )
  if (officerIds.length > 0) {
    await tx.insert(unitMember).values(officerIds.map((officerId) => ({ unitId: made.id, officerId })))
  }
  return { unit: made, shift: spell }
}

export async function makeWindowRule(
  tx: Tx,
  patrolPointId: number,
  values: Partial<typeof windowRule.$inferInsert> = {},
) {
  return first(
    await tx
      .insert(windowRule)
      .values({ patrolPointId, startMinute: 0, durationMinutes: 60, validFrom: '2020-01-01', ...values })
      .returning(),
  )
}

/** A UUIDv7, as the phone makes it. */
export function newUuidV7(at = Date.now()): string {
  const bytes = Buffer.from(randomUUID().replaceAll('-', ''), 'hex')
  bytes.writeUIntBE(at, 0, 6)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** A burglary five minutes ago, closed, unless told otherwise. */
export async function makeIncident(
  tx: Tx,
  precinctId: number | null,
  position: Position,
  values: Partial<typeof incident.$inferInsert> = {},
) {
  const [lon, lat] = position
  const cell = (resolution: number) => BigInt.asIntN(64, BigInt(`0x${latLngToCell(lat, lon, resolution)}`))
  return first(
    await tx
      .insert(incident)
      .values({
        source: '110',
        externalId: unique('I'),
        category: '住宅竊盜',
        occurredAt: new Date(Date.now() - 300_000),
        position,
        precinctId,
        h3R8: cell(8),
        h3R9: cell(9),
        h3R10: cell(10),
        ...values,
      })
      .returning(),
  )
}

/** A notice to the whole city that holds since an hour ago, unless told otherwise. */
export async function makeNotice(
  tx: Tx,
  createdBy: number,
  values: Partial<typeof notice.$inferInsert> = {},
) {
  const since = new Date(Date.now() - 3_600_000)
  return first(
    await tx
      .insert(notice)
      .values({ title: unique('通報'), body: '', validFrom: since, createdAt: since, createdBy, ...values })
      .returning(),
  )
}

/** A beat of a station. */
export async function makeBeat(tx: Tx, place: { precinctId: number; stationId: number }) {
  const code = unique('B')
  return first(
    await tx
      .insert(organisation)
      .values({
        kind: 'beat',
        parentId: place.stationId,
        ...place,
        code,
        name: `測試警勤區 ${code}`,
        nameEn: `Test beat ${code}`,
      })
      .returning(),
  )
}
