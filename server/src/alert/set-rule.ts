import { sql } from 'drizzle-orm'
import type { AlertRule, RuleSetting, Scope } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { withinScope } from '../organisation/scope.ts'
import { alertKinds, kindOf } from './alert-kinds.ts'

/** Every kind with its bounds, and what the city and the precincts of this scope have set. */
export async function listRules(tx: Tx, scope: Scope): Promise<AlertRule[]> {
  const { rows } = await tx.execute<AlertRule['settings'][number] & Record<string, unknown>>(sql`
    select r.kind, r.precinct_id as "precinctId", r.enabled, r.thresholds, o.name as "changedBy",
      to_char(r.changed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "changedAt"
    from alert_rule r left join officer o on o.id = r.changed_by
    where r.precinct_id is null or ${withinScope(scope, { precinctId: sql`r.precinct_id`, stationId: sql`null::int` })}
    order by r.precinct_id nulls first`)
  return Object.keys(alertKinds).map((kind) => {
    const { nature, priority, canBeQuiet, thresholds } = kindOf(kind)
    return {
      kind,
      nature,
      priority,
      canBeQuiet,
      thresholds: Object.entries(thresholds).map(([name, bounds]) => ({ name, ...bounds })),
      settings: rows.filter((row) => row.kind === kind),
    }
  })
}

/** Sets what differs from the default for the city or one precinct. */
export async function saveRule(tx: Tx, now: Date, officerId: number, rule: RuleSetting): Promise<void> {
  await tx.execute(sql`
    insert into alert_rule (kind, precinct_id, enabled, thresholds, changed_by, changed_at)
    values (${rule.kind}, ${rule.precinctId}, ${rule.enabled}, ${JSON.stringify(rule.thresholds)}::jsonb, ${officerId},
      ${now.toISOString()})
    on conflict (kind, precinct_id) do update set enabled = excluded.enabled, thresholds = excluded.thresholds,
      changed_by = excluded.changed_by, changed_at = excluded.changed_at`)
}
