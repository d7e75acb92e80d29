import { createHash, randomBytes, randomInt } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Scope, WallApproval, WallPairing } from '@patrol/contract'
import type { Db } from '@patrol/db'
import { covers, widestGrant, type Grant } from './scope.ts'

/** Without look-alikes: it is read off one screen and typed on another. */
const alphabet = '23456789ABCDEFGHJKMNPQRSTUVWXYZ'
const validMinutes = 10
export const hash = (text: string) => createHash('sha256').update(text).digest()
export const normalise = (code: string) => code.toUpperCase().replace(/[\s-]/g, '')

/** A display asks to be paired: the code goes on its screen, the claim stays with it. */
export async function requestPairing(db: Db): Promise<WallPairing> {
  const code = Array.from({ length: 6 }, () => alphabet[randomInt(alphabet.length)]).join('')
  const claim = randomBytes(32).toString('base64url')
  const { rows } = await db.execute<{ id: number; pairing_expires_at: Date }>(sql`
    insert into wall_display (name, pairing_code_hash, claim_hash, pairing_expires_at)
    values ('', ${hash(code)}, ${hash(claim)}, clock_timestamp() + ${`${validMinutes} minutes`}::interval)
    returning id, pairing_expires_at`)
  const row = rows[0]
  if (row === undefined) throw new Error('The display was not stored.')
  return {
    displayId: row.id,
    code,
    claim,
    expiresAt: new Date(row.pairing_expires_at).toISOString(),
  }
}

/**
 * Somebody on a console approves the display that shows this code, for a subtree of what they may see themselves.
 * False when no display waits with the code; 'beyond' when the subtree is not within the approver's own.
 */
export async function approvePairing(
  db: Db,
  approval: WallApproval,
  approver: { officerId: number; scope: Scope; grants: readonly Grant[] },
): Promise<boolean | 'beyond'> {
  const organisationId = approval.organisationId ?? widestGrant(approver.grants)
  const place = await db.execute<{
    id: number
    kind: string
    precinct_id: number | null
    station_id: number | null
  }>(sql`
    select id, kind, precinct_id, station_id from organisation where id = ${organisationId}`)
  const organisation = place.rows[0]
  if (organisation === undefined) return 'beyond'
  const own = {
    precinctId: organisation.kind === 'precinct' ? organisation.id : organisation.precinct_id,
    stationId: organisation.kind === 'station' ? organisation.id : organisation.station_id,
  }
  if (!covers(approver.scope, own)) return 'beyond'
  const { rows } = await db.execute<{ id: number }>(sql`
    update wall_display set approved_by = ${approver.officerId}, approved_at = clock_timestamp(),
      name = ${approval.name}, organisation_id = ${organisation.id}
    where pairing_code_hash = ${hash(normalise(approval.code))} and approved_at is null
      and pairing_expires_at > clock_timestamp()
    returning id`)
  const display = rows[0]
  if (display === undefined) return false
  await db.execute(sql`
    insert into audit (officer_id, action, subject, precinct_id, details)
    values (${approver.officerId}, 'wall-display:approved', ${`wall-display:${display.id}`}, ${own.precinctId},
      ${JSON.stringify({ name: approval.name, organisationId: organisation.id })}::jsonb)`)
  return true
}

/** The display asks whether it was approved. A claim opens one session, once. */
export async function claimPairing(
  db: Db,
  { displayId, claim }: { displayId: number; claim: string },
): Promise<'approved' | 'pending' | 'unknown'> {
  const { rows } = await db.execute<{ approved: boolean }>(sql`
    update wall_display set claimed_at = case when approved_at is null then null else clock_timestamp() end
    where id = ${displayId} and claim_hash = ${hash(claim)} and claimed_at is null and revoked_at is null
      and (approved_at is not null or pairing_expires_at > clock_timestamp())
    returning approved_at is not null as approved`)
  const row = rows[0]
  if (row === undefined) return 'unknown'
  return row.approved ? 'approved' : 'pending'
}
