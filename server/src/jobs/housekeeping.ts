import { sql } from 'drizzle-orm'
import type { Db } from '@patrol/db'
import { sampleFigures } from '../report/sample-figures.ts'

/** Positions are personal data: kept no longer than this. */
export const trackDays = 30

/** "Who saw which card" names officers and places; feedback and its card stay. */
const receiptDays = 180

/** Regular work that may run at any time, any number of times: samples figures, drops old tracks, forgets old tries and receipts. */
export async function keepHouse(db: Db): Promise<void> {
  await sampleFigures(db)
  await db.execute(sql`select ensure_breadcrumb_partition((city_now() at time zone 'UTC')::date + ahead)
    from generate_series(0, 2) ahead`)
  const { rows } = await db.execute<{ name: string }>(sql`
    select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'breadcrumb'::regclass
      and to_date(right(c.relname, 8), 'YYYYMMDD') < (city_now() at time zone 'UTC')::date - ${trackDays}::int`)
  for (const { name } of rows) await db.execute(sql`drop table ${sql.identifier(name)}`)
  // At most so many at a time: a table that was never cleared must not be locked for minutes.
  await db.execute(sql`
    delete from briefing_receipt where (occasion_id, kind, ref_id) in (
      select occasion_id, kind, ref_id from briefing_receipt
      where shown_at < city_now() - make_interval(days => ${receiptDays}) order by shown_at limit 20000)`)
  await db.execute(sql`delete from login_attempt where last_failed_at < clock_timestamp() - interval '1 day'`)
  await db.execute(sql`delete from wall_display
    where approved_at is null and pairing_expires_at < clock_timestamp() - interval '1 day'`)
}
