import { sql } from 'drizzle-orm'
import type { Db } from '@patrol/db'
import type { SendPush } from '../push/send-push.ts'

/**
 * Wakes the phones of those before whom the ladder has put a notice. Claimed before it is sent, so that of two workers one
 * does; after a crash between the two the notice itself still stands. Older than five minutes it would only confuse.
 */
export async function pushNotices(db: Db, sendPush: SendPush): Promise<void> {
  const { rows } = await db.execute<{ officer_id: number; kind: 'sos' | 'alert' }>(sql`
    update alert_notice n set pushed_at = clock_timestamp()
    from alert a
    where a.id = n.alert_id and n.pushed_at is null and n.at > city_now() - interval '5 minutes'
    returning n.officer_id, case a.kind when 'sos' then 'sos' else 'alert' end as kind`)
  for (const kind of ['sos', 'alert'] as const) {
    const ids = rows.filter((row) => row.kind === kind).map((row) => row.officer_id)
    if (ids.length > 0) await sendPush(sql`select unnest(${sql.param(ids)}::int[])`, kind)
  }
}
