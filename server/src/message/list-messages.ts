import { sql, type SQL } from 'drizzle-orm'
import type { Inbox, Message, MessageDetails, Scope } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { withinScope } from '../organisation/scope.ts'

const iso = (at: Date | string) => new Date(at).toISOString()
const isoOrNull = (at: Date | string | null) => (at === null ? null : iso(at))

interface MessageRow extends Record<string, unknown> {
  id: string
  sent_at: Date
  urgent: boolean
  recipients: number
  read: number
  text: string
  audience: Message['audience']
  addressee: string | null
  sender: string
}

const rowsWhere = (condition: SQL) => sql`
  select m.id, m.sent_at, m.urgent, m.text, m.audience, o.name as sender,
    case m.audience when 'unit' then (select call_sign from unit where id = m.unit_id)
      when 'station' then (select name from organisation where id = m.station_id)
      when 'precinct' then (select name from organisation where id = m.precinct_id) end as addressee,
    (select count(*)::int from message_recipient r where r.message_id = m.id) as recipients,
    (select count(r.read_at)::int from message_recipient r where r.message_id = m.id) as read
  from message m join officer o on o.id = m.sender_id where ${condition}`

const within = (scope: Scope) =>
  withinScope(scope, { precinctId: sql`m.precinct_id`, stationId: sql`m.station_id` })

/** The newest messages to audiences of this scope. */
export async function listMessages(tx: Tx, scope: Scope, limit: number): Promise<Message[]> {
  const { rows } = await tx.execute<MessageRow>(
    sql`${rowsWhere(within(scope))} order by m.sent_at desc, m.id limit ${limit}`,
  )
  return rows.map(readMessage)
}

/** One that this officer sent; null when there is none. */
export async function findMessage(tx: Tx, id: string, senderId: number): Promise<Message | null> {
  const { rows } = await tx.execute<MessageRow>(rowsWhere(sql`m.id = ${id} and m.sender_id = ${senderId}`))
  return rows[0] === undefined ? null : readMessage(rows[0])
}

/** With who has read it and who has not. */
export async function describeMessage(tx: Tx, id: string, scope: Scope): Promise<MessageDetails | null> {
  const { rows } = await tx.execute<MessageRow>(rowsWhere(sql`m.id = ${id} and ${within(scope)}`))
  if (rows[0] === undefined) return null
  const readers = await tx.execute<{ name: string; call_sign: string; read_at: Date | null }>(sql`
    select o.name, u.call_sign, r.read_at from message_recipient r
      join officer o on o.id = r.officer_id join unit u on u.id = r.unit_id
    where r.message_id = ${id} order by r.read_at nulls first, u.call_sign, o.name`)
  return {
    ...readMessage(rows[0]),
    readers: readers.rows.map((row) => ({
      name: row.name,
      callSign: row.call_sign,
      readAt: isoOrNull(row.read_at),
    })),
  }
}

/** What an officer was sent in the last three days. */
export async function readInbox(tx: Tx, officerId: number, now: Date): Promise<Inbox> {
  const { rows } = await tx.execute<{
    id: string
    text: string
    urgent: boolean
    sender: string
    sent_at: Date
    read_at: Date | null
  }>(sql`
    select m.id, m.text, m.urgent, o.name as sender, m.sent_at, r.read_at
    from message_recipient r join message m on m.id = r.message_id join officer o on o.id = m.sender_id
    where r.officer_id = ${officerId} and m.sent_at > ${now.toISOString()}::timestamptz - interval '3 days'
    order by m.sent_at desc, m.id limit 200`)
  return {
    messages: rows.map(({ sent_at: sentAt, read_at: readAt, ...row }) => ({
      ...row,
      sentAt: iso(sentAt),
      readAt: isoOrNull(readAt),
    })),
  }
}

function readMessage({ sent_at: sentAt, addressee: to, ...row }: MessageRow): Message {
  const { id, urgent, recipients, read, text, audience, sender } = row
  return { id, sentAt: iso(sentAt), urgent, recipients, read, text, audience, to, sender }
}
