import { sql } from 'drizzle-orm'
import type { BeatContacts, ContactKind } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { withinNeed, type NeedToKnow } from './need-to-know.ts'
import { openContact, type ContactKeys } from './seal.ts'

interface ContactRow extends Record<string, unknown> {
  id: string
  kind: ContactKind
  beat_id: number
  sealed: Buffer
  key_version: number
  last_visited_on: string | null
  synthetic: boolean
}

/** The contacts of one's beats, masked: those longest unvisited first. */
export async function listContacts(tx: Tx, keys: ContactKeys, need: NeedToKnow): Promise<BeatContacts> {
  const { rows } = await tx.execute<ContactRow>(sql`
    select c.id, c.kind, c.beat_id, c.sealed, c.key_version, c.last_visited_on::text, c.synthetic
    from contact c where c.retired_at is null and ${withinNeed(need)}
    order by c.last_visited_on nulls first, c.created_at, c.id limit 2000`)
  const beats = await tx.execute<{ id: number; name: string; name_en: string }>(sql`
    select o.id, o.name, o.name_en from organisation o
    where o.id = any(${sql.param([...need.beatIds, ...rows.map((row) => row.beat_id)])}::int[]) order by o.code`)
  return {
    beats: beats.rows.map(({ id, name, name_en }) => ({ id, name, nameEn: name_en })),
    contacts: rows.map((row) => ({
      id: row.id,
      kind: row.kind,
      beatId: row.beat_id,
      maskedName: maskName(
        openContact(keys, { ...row, beatId: row.beat_id, keyVersion: row.key_version }).name,
      ),
      lastVisitedOn: row.last_visited_on,
      synthetic: row.synthetic,
    })),
  }
}

/** 王小明 → 王○○, whatever the length of the name. */
function maskName(name: string): string {
  const [first = '○'] = name.trim()
  return `${first}○○`
}
