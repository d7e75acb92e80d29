import { sql } from 'drizzle-orm'
import type { Audience, Message, MessageCommand, Scope } from '@patrol/contract'
import { audit, message, type OpenTx } from '@patrol/db'
import { covers, type Place } from '../organisation/scope.ts'
import { ProblemError } from '../problems.ts'
import { appendEvents } from '../realtime/append-events.ts'
import { findMessage } from './list-messages.ts'

/**
 * Sends a word to those on duty in an audience. The same id again is the same message.
 * @throws NOT_FOUND for an audience beyond the scope
 */
export async function sendMessage(
  tx: OpenTx,
  { id, to, text, urgent }: MessageCommand,
  { officerId, scope, now }: { officerId: number; scope: Scope; now: Date },
): Promise<Message> {
  const place = await findPlace(tx, to)
  if (place === null || !covers(scope, place)) throw new ProblemError('NOT_FOUND', { field: 'body/to' })
  const unitId = to.kind === 'unit' ? to.id : null
  const added = await tx
    .insert(message)
    .values({ id, senderId: officerId, audience: to.kind, unitId, ...place, text, urgent, sentAt: now })
    .onConflictDoNothing()
    .returning()
  if (added.length > 0) await deliver(tx, { id, unitId, place, officerId, now })
  const made = await findMessage(tx, id, officerId)
  // Somebody else's id.
  if (made === null) throw new ProblemError('NOT_FOUND', { field: 'body/id' })
  return made
}

async function deliver(
  tx: OpenTx,
  given: { id: string; unitId: number | null; place: Place; officerId: number; now: Date },
): Promise<void> {
  const { id, unitId, place, officerId, now } = given
  const at = now.toISOString()
  await tx.execute(sql`
    insert into message_recipient (message_id, officer_id, unit_id)
    select distinct on (m.officer_id) ${id}::uuid, m.officer_id, u.id
    from unit u join shift s on s.id = u.shift_id join unit_member m on m.unit_id = u.id
    where s.starts_at <= ${at} and s.ends_at > ${at}
      and (${unitId}::int is null or u.id = ${unitId})
      and (${place.precinctId}::int is null or u.precinct_id = ${place.precinctId})
      and (${place.stationId}::int is null or u.station_id = ${place.stationId})
    order by m.officer_id, s.starts_at desc`)
  const made = await findMessage(tx, id, officerId)
  if (made === null) throw new Error('A message that was just sent is not there.')
  const { sentAt, urgent, recipients, read } = made
  const data = { id, sentAt, urgent, recipients, read }
  await appendEvents(tx, now, [{ type: 'message:sent', ...place, data }])
  await tx.insert(audit).values({
    at: now,
    officerId,
    action: 'message:send',
    subject: `message:${id}`,
    precinctId: place.precinctId,
    details: { recipients },
  })
}

async function findPlace(tx: OpenTx, to: Audience): Promise<Place | null> {
  if (to.kind === 'city') return { precinctId: null, stationId: null }
  const { rows } = await tx.execute<{ precinct_id: number; station_id: number | null }>(
    to.kind === 'unit'
      ? sql`select precinct_id, station_id from unit where id = ${to.id}`
      : to.kind === 'station'
        ? sql`select precinct_id, id as station_id from organisation where id = ${to.id} and kind = 'station'`
        : sql`select id as precinct_id, null::int as station_id from organisation where id = ${to.id} and kind = 'precinct'`,
  )
  const row = rows[0]
  return row === undefined ? null : { precinctId: row.precinct_id, stationId: row.station_id }
}
