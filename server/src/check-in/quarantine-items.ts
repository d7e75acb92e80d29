import type { Db } from '@patrol/db'
import { writeJsonb } from '../unusable.ts'

export interface RefusedItem {
  raw: unknown
  field: string
  message: string
}

/** Keeps what an authenticated device sent and no schema accepts, for an engineer to look at. */
export async function quarantineItems(
  db: Db,
  officerId: number,
  receivedAt: Date,
  items: readonly RefusedItem[],
): Promise<void> {
  await db.$client.query(
    `insert into quarantine (officer_id, received_at, field, message, raw)
     select $1, $2, i->>'field', i->>'message', i->>'raw' from jsonb_array_elements($3::jsonb) i`,
    [
      officerId,
      receivedAt,
      writeJsonb(
        items.map(({ raw, field, message }) => ({
          field: field.slice(0, 200),
          message: message.slice(0, 1_000),
          raw: writeRaw(raw).slice(0, 20_000),
        })),
      ),
    ],
  )
}

function writeRaw(raw: unknown): string {
  try {
    return typeof raw === 'string' ? raw : JSON.stringify(raw)
  } catch {
    return '(nested too deeply to be written)'
  }
}
