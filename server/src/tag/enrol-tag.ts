import { sql } from 'drizzle-orm'
import type { EnrolledTag, Scope, TagEnrolment, TagKeys } from '@patrol/contract'
import { inTransaction, type Db, type Tx } from '@patrol/db'
import { diversifyTagKey, TAG_KEY_SLOTS, type TagKeySlot } from '../check-in/proof/diversify-key.ts'
import { newOpaqueId, signQr } from '../check-in/proof/signed-qr.ts'
import { isOnFactoryKey, sunKeysOf, verifySunUrl } from '../check-in/proof/sun-url.ts'
import { normaliseUid } from '../check-in/proof/tag-uid.ts'
import { withinScope } from '../organisation/scope.ts'
import { ProblemError } from '../problems.ts'
import { makeProgramSheet } from './program-sheet.ts'

// A secure tag's way into use: bound to its point here, programmed by the writer (whose program asks for the keys, once),
// then tapped. Only that tap shows that the chip bears our keys, and no more those of the factory, which everybody has.

export interface TagAuthority {
  officerId: number
  scope: Scope
}

export interface TagSecrets {
  tagKeys: ReadonlyMap<number, Buffer>
  nfcMasterKey: Buffer | null
  publicOrigin: string
}

interface TagRow extends Record<string, unknown> {
  id: number
  patrol_point_id: number
  precinct_id: number
  opaque_id: string
  key_version: number
  uid: string
  secure: boolean
  active: boolean
}

/**
 * Binds a chip to a point of the scope. A chip that waits, or was revoked, is bound anew, with a new code.
 * @throws ProblemError PATROL_POINT_UNKNOWN, INVALID_INPUT (no UID), TAG_IN_USE, UNAVAILABLE (no master key)
 */
export async function enrolTag(
  db: Db,
  secrets: TagSecrets,
  enrolment: TagEnrolment,
  by: TagAuthority,
): Promise<EnrolledTag> {
  const uid = normaliseUid(enrolment.uid)
  // NTAG 424 DNA has seven bytes; the keys are diversified by them.
  if (uid === null || (enrolment.secure && uid.length !== 14)) {
    throw new ProblemError('INVALID_INPUT', {
      field: 'body/uid',
      message: 'This is no number of such a chip.',
    })
  }
  if (enrolment.secure) masterKeyOf(secrets)
  const keyVersion = Math.max(...secrets.tagKeys.keys())
  return inTransaction(db, async (tx) => {
    const points = await tx.execute<{ precinct_id: number }>(sql`
      select p.precinct_id from patrol_point p where p.id = ${enrolment.patrolPointId} and p.retired_at is null
        and ${withinScope(by.scope, { precinctId: sql`p.precinct_id`, stationId: sql`p.station_id` })}`)
    const [point] = points.rows
    if (point === undefined) throw new ProblemError('PATROL_POINT_UNKNOWN')
    const { rows } = await tx.execute<{ id: number }>(sql`
      insert into tag (patrol_point_id, kind, opaque_id, key_version, uid, secure)
      values (${enrolment.patrolPointId}, 'nfc', ${newOpaqueId()}, ${keyVersion}, ${uid}, ${enrolment.secure})
      on conflict (uid) do update set patrol_point_id = excluded.patrol_point_id, opaque_id = excluded.opaque_id,
        key_version = excluded.key_version, secure = excluded.secure, keys_taken_at = null, activated_at = null,
        revoked_at = null, retired_at = null, issued_at = clock_timestamp()
      where tag.revoked_at is not null or tag.secure and tag.activated_at is null
      returning id`)
    const [made] = rows
    if (made === undefined) throw new ProblemError('TAG_IN_USE')
    await audit(tx, 'tag:enrolled', made.id, by.officerId, point.precinct_id, { ...enrolment, uid })
    return readTag(await findTag(tx, made.id, by.scope), secrets)
  })
}

/**
 * The keys of a secure tag that waits for its programming. Told once: who asks again gets none, and must bind it anew.
 * @throws ProblemError NOT_FOUND, TAG_KEYS_TAKEN, UNAVAILABLE
 */
export async function takeTagKeys(
  db: Db,
  secrets: TagSecrets,
  tagId: number,
  by: TagAuthority,
): Promise<TagKeys> {
  const masterKey = masterKeyOf(secrets)
  return inTransaction(db, async (tx) => {
    const tag = await findTag(tx, tagId, by.scope)
    if (!tag.secure) throw new ProblemError('NOT_FOUND')
    const { rowCount } = await tx.execute(sql`
      update tag set keys_taken_at = city_now()
      where id = ${tagId} and keys_taken_at is null and activated_at is null and revoked_at is null`)
    if (rowCount === 0) throw new ProblemError('TAG_KEYS_TAKEN')
    await audit(tx, 'tag:keys-taken', tagId, by.officerId, tag.precinct_id, { uid: tag.uid })
    const purposes: TagKeySlot[] = ['application', 'metaRead', 'fileRead']
    return {
      keys: purposes.map((purpose) => ({
        slot: TAG_KEY_SLOTS[purpose],
        purpose,
        key: diversifyTagKey(masterKey, purpose, tag.uid).toString('hex').toUpperCase(),
      })),
    }
  })
}

/**
 * Takes a secure tag into use, by a tap of it.
 * @throws ProblemError NOT_FOUND, TAG_ON_FACTORY_KEY, TAG_PROOF_WRONG, UNAVAILABLE
 */
export async function activateTag(
  db: Db,
  secrets: TagSecrets,
  { tagId, url }: { tagId: number; url: string },
  by: TagAuthority,
): Promise<EnrolledTag> {
  const keys = sunKeysOf(masterKeyOf(secrets))
  return inTransaction(db, async (tx) => {
    const tag = await findTag(tx, tagId, by.scope)
    if (!tag.secure) throw new ProblemError('NOT_FOUND')
    if (isOnFactoryKey(url, keys)) throw new ProblemError('TAG_ON_FACTORY_KEY')
    const tap = verifySunUrl(url, keys)
    // The code is under the MAC: it shows that the chip was programmed for this binding, and not for an earlier one.
    if (!tap.valid || tap.uid !== tag.uid || !url.includes(`/c/${codeOf(tag, secrets)}?`)) {
      throw new ProblemError('TAG_PROOF_WRONG')
    }
    await tx.execute(sql`
      update tag set activated_at = city_now() where id = ${tagId} and activated_at is null`)
    await audit(tx, 'tag:activated', tagId, by.officerId, tag.precinct_id, { uid: tag.uid })
    return readTag(await findTag(tx, tagId, by.scope), secrets)
  })
}

/** Ends a tag or label from now on. @throws ProblemError NOT_FOUND */
export async function revokeTag(db: Db, tagId: number, by: TagAuthority): Promise<void> {
  await inTransaction(db, async (tx) => {
    const tag = await findTag(tx, tagId, by.scope)
    await tx.execute(sql`update tag set revoked_at = city_now() where id = ${tagId} and revoked_at is null`)
    await audit(tx, 'tag:revoked', tagId, by.officerId, tag.precinct_id, { uid: tag.uid })
  })
}

async function findTag(tx: Tx, tagId: number, scope: Scope): Promise<TagRow> {
  const { rows } = await tx.execute<TagRow>(sql`
    select t.id, t.patrol_point_id, p.precinct_id, t.opaque_id, t.key_version, t.uid, t.secure,
      (not t.secure or t.activated_at is not null) and t.revoked_at is null as active
    from tag t join patrol_point p on p.id = t.patrol_point_id
    where t.id = ${tagId}
      and ${withinScope(scope, { precinctId: sql`p.precinct_id`, stationId: sql`p.station_id` })}
    for update of t`)
  const [row] = rows
  if (row === undefined) throw new ProblemError('NOT_FOUND')
  return row
}

function readTag(row: TagRow, secrets: TagSecrets): EnrolledTag {
  return {
    id: row.id,
    patrolPointId: row.patrol_point_id,
    uid: row.uid,
    secure: row.secure,
    active: row.active,
    sheet: makeProgramSheet(secrets.publicOrigin, codeOf(row, secrets), row.secure),
  }
}

function codeOf(row: TagRow, { tagKeys }: TagSecrets): string {
  const key = tagKeys.get(row.key_version)
  if (key === undefined) throw new Error(`TAG_KEYS has no version ${row.key_version}.`)
  return signQr(BigInt(row.opaque_id), row.key_version, key)
}

function masterKeyOf({ nfcMasterKey }: TagSecrets): Buffer {
  if (nfcMasterKey === null) {
    throw new ProblemError('UNAVAILABLE', { message: 'Secure tags need NFC_MASTER_KEY in the settings.' })
  }
  return nfcMasterKey
}

async function audit(
  tx: Tx,
  action: string,
  tagId: number,
  officerId: number,
  precinctId: number,
  details: object,
): Promise<void> {
  await tx.execute(sql`
    insert into audit (officer_id, action, subject, precinct_id, details)
    values (${officerId}, ${action}, ${`tag:${tagId}`}, ${precinctId}, ${JSON.stringify(details)}::jsonb)`)
}
