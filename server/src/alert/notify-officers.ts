import { sql } from 'drizzle-orm'
import type { Tx } from '@patrol/db'

/** Whose phone is told at each step of the ladder. */
const roleAt = ['duty-officer', 'supervisor'] as const

/**
 * Puts a notice before whoever is next on the ladder: of the alert's station or precinct, or of the whole city where they
 * have none. Their phones and consoles ask for it (`GET /api/v1/alert-notices`).
 */
export async function notifyOfficers(
  tx: Tx,
  now: Date,
  { alertId, level }: { alertId: number; level: number },
): Promise<void> {
  const role = roleAt[level - 1]
  if (role === undefined) return
  await tx.execute(sql`
    with told as (
      select g.officer_id, org.kind from alert a, role_grant g
        join organisation org on org.id = g.organisation_id join officer o on o.id = g.officer_id
      where a.id = ${alertId} and g.role = ${role} and o.disabled_at is null
        and (org.kind = 'department' or org.id = a.precinct_id or org.id = a.station_id)
    )
    insert into alert_notice (alert_id, officer_id, level, at)
    select distinct ${alertId}::int, officer_id, ${level}::smallint, ${now.toISOString()}::timestamptz from told
    where kind <> 'department' or not exists (select from told near where near.kind <> 'department')`)
}
