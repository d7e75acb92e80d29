import { sql } from 'drizzle-orm'
import type { Db } from '@patrol/db'
import { sampleFigures } from '../report/sample-figures.ts'

/** Positions are personal data: kept no longer than this. */
export const trackDays = 30

/** Regular work that may run at any time, any number of times: samples figures, drops old tracks, forgets old tries. */
export async function keepHouse(db: Db): Promise<void> {
  await sampleFigures(db)
  await db.execute(sql`select ensure_breadcrumb_partition((city_now() at time zone 'UTC')::date + ahead)
    from generate_series(0, 2) ahead`)
  const { rows } = await db.execute<{ name: string }>(sql`
    select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'breadcrumb'::regclass
      and to_date(right(c.relname, 8), 'YYYYMMDD') < (city_now() at time zone 'UTC')::date - ${trackDays}::int`)
  for (const { name } of rows) await db.execute(sql`drop table ${sql.identifier(name)}`)
  await db.execute(sql`delete from login_attempt where last_failed_at < clock_timestamp() - interval '1 day'`)
  await db.execute(sql`delete from wall_display
    where approved_at is null and pairing_expires_at < clock_timestamp() - interval '1 day'`)
}
