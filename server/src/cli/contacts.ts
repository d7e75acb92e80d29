import type { Command } from 'commander'
import { inTransaction, type OpenTx } from '@patrol/db'
import type { ContactKind } from '@patrol/contract'
import { openContact, registerKeysOf, sealContact, type ContactKeys } from '../visit/seal.ts'
import { readContactKeys } from './city-keys.ts'
import { defaultDataDir, resolvePath, withDatabase } from './with-database.ts'

/** `contacts reseal`: the last step before an old key is taken out of CONTACT_KEYS. */
export function addContacts(program: Command): void {
  program
    .command('contacts')
    .description('contacts of beats: reseal, seal them all anew with the newest key of CONTACT_KEYS')
    .command('reseal')
    .option('--data-dir <folder>', 'the demonstration city, where DATABASE_URL is not set', defaultDataDir)
    .option('--json', 'one JSON object on standard output', false)
    .action(async ({ dataDir, json }: { dataDir: string; json: boolean }) => {
      const folder = resolvePath(dataDir)
      const resealed = await withDatabase({ dataDir: folder }, (db) => {
        const keys = readContactKeys(folder)
        if (keys === null) throw new Error('CONTACT_KEYS is not set: there is nothing to seal with.')
        return inTransaction(db, (tx) => resealContacts(tx, keys))
      })
      console.log(json ? JSON.stringify({ resealed }) : `Sealed anew: ${resealed}.`)
    })
}

interface SealedRow {
  id: string
  kind: ContactKind
  beat_id: number
  sealed: Buffer
  key_version: number
}

/** Seals all contacts that an older key sealed with the newest one. Returns how many. All or nothing. */
export async function resealContacts(tx: OpenTx, keys: ContactKeys): Promise<number> {
  const { rows } = await tx.$client.query<SealedRow>(
    'select id, kind, beat_id, sealed, key_version from contact where key_version <> $1 for update',
    [Math.max(...keys.keys())],
  )
  for (const { id, kind, beat_id, sealed, key_version } of rows) {
    const row = { id, kind, beatId: beat_id }
    const secret = openContact(keys, { ...row, sealed, keyVersion: key_version })
    const fresh = sealContact(keys, row, secret)
    await tx.$client.query(
      'update contact set sealed = $2, key_version = $3, register_key = $4 where id = $1',
      [id, fresh.sealed, fresh.keyVersion, registerKeysOf(keys, secret.registerId)[0]],
    )
  }
  return rows.length
}
