import { sql } from 'drizzle-orm'
import type { Tx } from '@patrol/db'

/** Drops the pictures whose time is over. When they were taken, by whom, and their hashes stay. */
export async function forgetPictures(tx: Tx, keepDays: number): Promise<number> {
  const { rowCount } = await tx.execute(sql`
    update check_in_photo set picture = null
    where picture is not null and received_at < city_now() - make_interval(days => ${keepDays})`)
  return rowCount ?? 0
}
