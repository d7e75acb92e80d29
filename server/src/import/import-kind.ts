import type { Db, OpenTx } from '@patrol/db'
import type { ContactKeys } from '../visit/seal.ts'
import type { ImportReport } from './report.ts'
import type { Source } from './source-rows.ts'

export interface ImportOptions {
  /** Names the register: the same source and id are the same thing, however often it is imported. */
  source: string
  /** Version of the key that signs new labels. */
  keyVersion: number
  /** Contacts only; null where there are none. */
  contactKeys?: ContactKeys | null
  /** Routes only: the first so many of each district. */
  routesPerDistrict?: number | undefined
}

export interface Written {
  added: number
  changed: number
  unchanged: number
}

/** Checks everything without writing, fills the report, and returns what writes the usable rows in a transaction. */
export type PlanImport = (
  db: Db,
  sources: readonly Source[],
  report: ImportReport,
  options: ImportOptions,
) => Promise<(tx: OpenTx, batchId: number) => Promise<Written>>

/** Rows go to the database in pieces of so many: enough to be fast, little enough to hold. */
const chunkSize = 5_000

export async function writeInChunks<T>(
  items: readonly T[],
  write: (chunk: readonly T[]) => Promise<Written>,
): Promise<Written> {
  const total: Written = { added: 0, changed: 0, unchanged: 0 }
  for (let from = 0; from < items.length; from += chunkSize) {
    const written = await write(items.slice(from, from + chunkSize))
    total.added += written.added
    total.changed += written.changed
    total.unchanged += written.unchanged
  }
  return total
}

/** From the rows of `insert … on conflict … do update … where it differs returning xmax = 0 as added`. */
export function tally(rows: readonly { added: boolean }[], given: number): Written {
  const added = rows.filter((row) => row.added).length
  return { added, changed: rows.length - added, unchanged: given - rows.length }
}
