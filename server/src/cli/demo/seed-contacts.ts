import type { ContactKind } from '@patrol/contract'
import { inTransaction, type Db } from '@patrol/db'
import { demoStation } from '@patrol/db/seed'
import { writeContacts } from '../../import/import-contacts.ts'
import type { ContactKeys } from '../../visit/seal.ts'

const perBeat = 9
const kinds: readonly ContactKind[] = ['concern', 'recorded', 'consultation']
const surnames = '陳林黃張李王吳劉蔡楊'

/**
 * Made-up persons in the beats of the demo station, with 示範 in every field, so that nobody takes them for real. Again changes
 * nothing.
 */
export async function seedContacts(db: Db, keys: ContactKeys): Promise<void> {
  const { rows } = await db.$client.query<{
    id: number
    name: string
    precinct_id: number
    station_id: number
  }>(
    `select b.id, b.name, b.precinct_id, b.station_id from organisation b join organisation s on s.id = b.station_id
     where b.kind = 'beat' and s.code = $1 order by b.code`,
    [demoStation],
  )
  const items = rows.flatMap((beat, nr) =>
    Array.from({ length: perBeat }, (_, i) => ({
      kind: kinds[i % kinds.length] ?? ('consultation' as const),
      beatId: beat.id,
      precinctId: beat.precinct_id,
      stationId: beat.station_id,
      secret: {
        registerId: `demo-${beat.id}-${i}`,
        name: `${surnames[(nr + i) % surnames.length]}示範${i + 1}`,
        address: `${beat.name.replace('警勤區', '')}示範路 ${10 + i} 號（虛構）`,
        phone: `0900-000-${String(100 + i)}`,
        note: '示範資料，並無此人',
      },
    })),
  )
  await inTransaction(db, (tx) => writeContacts(tx, keys, items, { batchId: null, synthetic: true }))
}
