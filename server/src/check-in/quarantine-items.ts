import type { Db } from '@patrol/db'

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
      // The raw text goes in as a JSON string without NUL, which PostgreSQL's text cannot hold.
      JSON.stringify(
        items.map(({ raw, field, message }) => ({
          field: field.slice(0, 200),
          message,
          raw: JSON.stringify(raw).replaceAll('\\u0000', '\\ufffd').slice(0, 20_000),
        })),
      ).replaceAll('\\u0000', '\\ufffd'),
    ],
  )
}
