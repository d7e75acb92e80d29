import { sql } from 'drizzle-orm'
import type { Desk, Handover, HandoverSigning, HandoverTaking, Scope } from '@patrol/contract'
import { audit, handover, type OpenTx } from '@patrol/db'
import { covers } from '../organisation/scope.ts'
import { ProblemError } from '../problems.ts'
import { appendEvents } from '../realtime/append-events.ts'
import { findHandover } from './list-handovers.ts'
import { readOpenWork } from './read-open-work.ts'

/** Who signs; that it is they was proven before (organisation/check-password.ts). */
export interface Signer {
  officerId: number
  scope: Scope
  now: Date
}

/**
 * The desk with its precinct, as it is stored: a station's is above it. @throws NOT_FOUND beyond the scope, and for what is
 * no station or precinct
 */
export async function findDesk(tx: OpenTx, { precinctId, stationId }: Desk, scope: Scope): Promise<Desk> {
  const id = stationId ?? precinctId
  const kind = stationId === null ? 'precinct' : 'station'
  const { rows } = await tx.execute<{ precinct_id: number }>(sql`
    select coalesce(precinct_id, id) as precinct_id from organisation where id = ${id} and kind = ${kind}`)
  const desk = { precinctId: rows[0]?.precinct_id ?? null, stationId }
  if ((id !== null && rows.length === 0) || !covers(scope, desk)) throw new ProblemError('NOT_FOUND')
  return desk
}

/**
 * The first signature: writes down what is open at the desk now, with the remarks of who leaves. The same id again is the same
 * handover. @throws NOT_FOUND, HANDOVER_WAITING while nobody has taken the one before
 */
export async function signHandover(
  tx: OpenTx,
  { id, desk: asked, notes }: Omit<HandoverSigning, 'password'>,
  by: Signer,
): Promise<Handover> {
  const desk = await findDesk(tx, asked, by.scope)
  const contents = await readOpenWork(tx, { desk, ...by })
  const added = await tx
    .insert(handover)
    .values({ id, ...desk, notes: notes.trim(), contents, leavingId: by.officerId, leftAt: by.now })
    .onConflictDoNothing()
    .returning({ id: handover.id })
  const made = await findHandover(tx, id, by)
  if (added.length === 0) {
    if (made?.own === true) return made
    throw new ProblemError('HANDOVER_WAITING')
  }
  if (made === null) throw new Error('A handover that was just signed is not there.')
  await tell(tx, made, by, 'handover:sign')
  return made
}

/** The second signature. @throws NOT_FOUND, HANDOVER_OWN, HANDOVER_TAKEN */
export async function takeHandover(
  tx: OpenTx,
  id: string,
  { notes }: Omit<HandoverTaking, 'password'>,
  by: Signer,
): Promise<Handover> {
  await tx.execute(sql`select 1 from handover where id = ${id} for update`)
  const found = await findHandover(tx, id, by)
  if (found === null) throw new ProblemError('NOT_FOUND')
  if (found.own) throw new ProblemError('HANDOVER_OWN')
  if (found.taken !== null) throw new ProblemError('HANDOVER_TAKEN', { about: found.taken.by })
  await tx.execute(sql`
    update handover set taking_id = ${by.officerId}, taken_at = ${by.now.toISOString()}, taking_notes = ${notes.trim()}
    where id = ${id}`)
  const taken = await findHandover(tx, id, by)
  if (taken === null) throw new Error('A locked handover is gone.')
  await tell(tx, taken, by, 'handover:take')
  return taken
}

async function tell(tx: OpenTx, { id, desk }: Handover, { officerId, now }: Signer, action: string) {
  await appendEvents(tx, now, [{ type: 'handover:signed', ...desk, data: { id } }])
  await tx.insert(audit).values({
    at: now,
    officerId,
    action,
    subject: `handover:${id}`,
    precinctId: desk.precinctId,
    details: { stationId: desk.stationId },
  })
}
