import { sql } from 'drizzle-orm'
import type { ContactDetails, ContactKind, OpeningPurpose } from '@patrol/contract'
import type { OpenTx } from '@patrol/db'
import { withinNeed, type NeedToKnow } from './need-to-know.ts'
import { openContact, type ContactKeys } from './seal.ts'

/** The phone shows it for so long. */
const forgetAfterSeconds = 120
/** Nobody visits more doors in an hour; whoever opens more is reading the register. */
const mostPerHour = 60

interface ContactRow extends Record<string, unknown> {
  id: string
  kind: ContactKind
  beat_id: number
  precinct_id: number
  sealed: Buffer
  key_version: number
  allowed: boolean
  opened: number
}

/**
 * Opens one contact, on record with its purpose before anybody reads it. Null where there is none that the reader needs to
 * know, which is on record too. Call it in a transaction and answer after its commit.
 */
export async function openForReading(
  tx: OpenTx,
  keys: ContactKeys,
  {
    contactId,
    officerId,
    need,
    purpose,
    now,
  }: { contactId: string; officerId: number; need: NeedToKnow; purpose: OpeningPurpose; now: Date },
): Promise<ContactDetails | 'too-many' | null> {
  const { rows } = await tx.execute<ContactRow>(sql`
    select c.id, c.kind, c.beat_id, c.precinct_id, c.sealed, c.key_version, ${withinNeed(need)} as allowed,
      (select count(*)::int from audit a where a.officer_id = ${officerId} and a.action = 'contact:opened'
        and a.at > ${now.toISOString()}::timestamptz - interval '1 hour') as opened
    from contact c where c.id = ${contactId} and c.retired_at is null`)
  const row = rows[0]
  if (row === undefined) return null
  const action = !row.allowed
    ? 'contact:refused'
    : row.opened < mostPerHour
      ? 'contact:opened'
      : 'contact:too-many'
  await tx.execute(sql`
    insert into audit (at, officer_id, action, subject, precinct_id, details)
    values (${now.toISOString()}, ${officerId}, ${action}, ${`contact:${row.id}`}, ${row.precinct_id},
      ${JSON.stringify({ purpose })}::jsonb)`)
  if (action === 'contact:refused') return null
  if (action === 'contact:too-many') return 'too-many'
  const { name, address, phone, note } = openContact(keys, {
    ...row,
    beatId: row.beat_id,
    keyVersion: row.key_version,
  })
  return { id: row.id, name, address, phone, note, forgetAfterSeconds }
}
