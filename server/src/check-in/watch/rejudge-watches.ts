import { sql } from 'drizzle-orm'
import type { WatchFinding } from '@patrol/contract'
import { inTransaction, type Db } from '@patrol/db'
import { cityScope } from '../../organisation/scope.ts'
import { listCheckIns } from '../list-check-ins.ts'
import { tellOfReviewed } from '../tell-of-reviewed.ts'
import { settleWatches } from './settle-watches.ts'

const atOnce = 200

/**
 * Judges watches again that nobody could decide, and whose tap-in or track has come meanwhile; returns how many are decided
 * now. A watch that was decided stays: what comes later can only fill in what did not matter.
 */
export async function rejudgeWatches(db: Db): Promise<number> {
  return inTransaction(db, async (tx) => {
    const { rows } = await tx.$client.query<{ id: string; now: Date }>({
      name: 'watch-tracks-came',
      text: `with clock as materialized (select city_now() as now)
        select c.id, clock.now from check_in c, clock
        where c.watch is not null and c.watch->>'outcome' = 'undecidable'
          and c.received_at > clock.now - interval '3 days'
          and (exists (
            select from check_in i where i.id = (c.watch->>'checkInId')::uuid and i.received_at > c.judged_at - interval '1 minute'
          ) or exists (
            select from breadcrumb b
            where b.officer_id = c.officer_id and b.received_at > c.judged_at - interval '1 minute'
              and b.recorded_at < c.checked_in_at and b.recorded_at > c.checked_in_at - interval '3 hours'
          ))
        order by c.id limit ${atOnce} for update of c skip locked`,
    })
    const now = rows[0]?.now
    if (now === undefined) return 0
    const ids = rows.map((row) => row.id)
    const decided = [...(await settleWatches(tx, ids))].flatMap(([id, finding]) =>
      isOpen(finding) ? [] : [id],
    )
    await tx.execute(sql`update check_in set judged_at = ${now} where id = any(${sql.param(ids)}::uuid[])`)
    const summaries = await listCheckIns(tx, {
      scope: cityScope,
      officerId: null,
      limit: atOnce,
      only: sql`c.id = any(${sql.param(decided)}::uuid[])`,
    })
    await tellOfReviewed(tx, now, summaries)
    return decided.length
  })
}

const isOpen = (finding: WatchFinding) => finding.outcome === 'undecidable'
