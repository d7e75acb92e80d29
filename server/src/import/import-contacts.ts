import { randomUUID } from 'node:crypto'
import type { ContactKind } from '@patrol/contract'
import type { Db, OpenTx } from '@patrol/db'
import {
  openContact,
  registerKeysOf,
  sealContact,
  type ContactKeys,
  type ContactSecret,
} from '../visit/seal.ts'
import { writeInChunks, type PlanImport, type Written } from './import-kind.ts'
import type { SourceRow } from './source-rows.ts'

interface ContactItem {
  kind: ContactKind
  beatId: number
  precinctId: number
  stationId: number
  secret: ContactSecret
}

/** As registers write them. */
const kinds: ReadonlyMap<string, ContactKind> = new Map([
  ['治安顧慮人口', 'concern'],
  ['concern', 'concern'],
  ['記事人口', 'recorded'],
  ['recorded', 'recorded'],
  ['諮詢對象', 'consultation'],
  ['consultation', 'consultation'],
])

/** The one fault that is not about the file. */
export class NoContactKeys extends Error {}

/**
 * Contacts of beats: `id, kind, name, address, phone, note, beat`. What a row says of a person is sealed before it reaches the
 * database; a report names lines and columns and never a value, since it is printed, logged and kept.
 */
export const planContacts: PlanImport = async (db, sources, report, { contactKeys }) => {
  if (!contactKeys) throw new NoContactKeys('Contacts need CONTACT_KEYS: without a key nothing is stored.')
  const beats = await readBeats(db)
  const items = new Map<string, ContactItem>()
  for (const source of sources) {
    for await (const row of source.rows) {
      report.read++
      const item = readContact(row, beats)
      if ('field' in item) report.bad.push({ file: 'contacts', line: row.line, ...item })
      else if (items.has(item.secret.registerId))
        report.bad.push({ file: 'contacts', line: row.line, field: 'id', reason: 'is there twice' })
      else items.set(item.secret.registerId, item)
    }
  }
  report.usable = items.size
  return (tx, batchId) =>
    writeInChunks([...items.values()], (chunk) =>
      writeContacts(tx, contactKeys, chunk, { batchId, synthetic: false }),
    )
}

type Beat = Pick<ContactItem, 'beatId' | 'precinctId' | 'stationId'>

/** By code and by name; a name that two beats share leads to neither. */
async function readBeats(db: Db): Promise<Map<string, Beat | null>> {
  const { rows } = await db.$client.query<Beat & { code: string; name: string }>(
    `select code, name, id as "beatId", precinct_id as "precinctId", station_id as "stationId"
     from organisation where kind = 'beat' and station_id is not null`,
  )
  const beats = new Map<string, Beat | null>()
  for (const { code, name, ...beat } of rows) {
    beats.set(code, beat)
    beats.set(name, beats.has(name) ? null : beat)
  }
  return beats
}

function readContact(
  row: SourceRow,
  beats: ReadonlyMap<string, Beat | null>,
): ContactItem | { field: string; reason: string } {
  const registerId = row.get('id')
  const name = row.get('name')
  const kind = kinds.get(row.get('kind') || row.get('category') || row.get('type'))
  const beat = beats.get(row.get('beat'))
  if (registerId === '') return { field: 'id', reason: 'is missing' }
  if (name === '') return { field: 'name', reason: 'is missing' }
  if (kind === undefined) return { field: 'kind', reason: 'is none of 治安顧慮人口, 記事人口, 諮詢對象' }
  if (beat === undefined) return { field: 'beat', reason: 'is no code or name of a beat' }
  if (beat === null) return { field: 'beat', reason: 'is the name of several beats: give the code' }
  return {
    kind,
    ...beat,
    secret: {
      registerId,
      name: name.slice(0, 100),
      address: row.get('address').slice(0, 300),
      phone: row.get('phone').slice(0, 50),
      note: row.get('note').slice(0, 1_000),
    },
  }
}

interface KnownRow {
  id: string
  kind: ContactKind
  beat_id: number
  register_key: Buffer
  sealed: Buffer
  key_version: number
}

/** Writes contacts, each sealed with the newest key; one that is there already, by its register's number, is written over. */
export async function writeContacts(
  tx: OpenTx,
  keys: ContactKeys,
  items: readonly ContactItem[],
  { batchId, synthetic }: { batchId: number | null; synthetic: boolean },
): Promise<Written> {
  const hashed = items.map((item) => ({ item, names: registerKeysOf(keys, item.secret.registerId) }))
  const { rows } = await tx.$client.query<KnownRow>(
    'select id, kind, beat_id, register_key, sealed, key_version from contact where register_key = any($1::bytea[])',
    [hashed.flatMap(({ names }) => names)],
  )
  const known = new Map(rows.map((row) => [row.register_key.toString('hex'), row]))
  const changes: object[] = []
  let added = 0
  for (const { item, names } of hashed) {
    const row = names.map((name) => known.get(name.toString('hex'))).find((found) => found !== undefined)
    if (row !== undefined && isSame(keys, row, item)) continue
    if (row === undefined) added++
    const id = row?.id ?? randomUUID()
    const { sealed, keyVersion } = sealContact(
      keys,
      { id, kind: item.kind, beatId: item.beatId },
      item.secret,
    )
    changes.push({
      id,
      kind: item.kind,
      beat_id: item.beatId,
      precinct_id: item.precinctId,
      station_id: item.stationId,
      sealed: `\\x${sealed.toString('hex')}`,
      key_version: keyVersion,
      register_key: `\\x${names[0]?.toString('hex')}`,
    })
  }
  await tx.$client.query(
    `insert into contact (id, kind, beat_id, precinct_id, station_id, sealed, key_version, register_key, synthetic, import_batch_id)
     select id, kind, beat_id, precinct_id, station_id, sealed, key_version, register_key, $2, $3
     from jsonb_to_recordset($1::jsonb) as c(id uuid, kind text, beat_id int, precinct_id int, station_id int, sealed bytea,
       key_version smallint, register_key bytea)
     on conflict (id) do update set kind = excluded.kind, beat_id = excluded.beat_id, precinct_id = excluded.precinct_id,
       station_id = excluded.station_id, sealed = excluded.sealed, key_version = excluded.key_version,
       register_key = excluded.register_key, retired_at = null`,
    [JSON.stringify(changes), synthetic, batchId],
  )
  return { added, changed: changes.length - added, unchanged: items.length - changes.length }
}

function isSame(keys: ContactKeys, row: KnownRow, item: ContactItem): boolean {
  if (row.kind !== item.kind || row.beat_id !== item.beatId) return false
  const { sealed, id, kind } = row
  const old = openContact(keys, { id, kind, beatId: row.beat_id, sealed, keyVersion: row.key_version })
  return JSON.stringify(old) === JSON.stringify({ ...item.secret, registerId: old.registerId })
}
