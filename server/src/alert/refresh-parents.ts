import { sql } from 'drizzle-orm'
import type { Tx } from '@patrol/db'
import { lockAlerts, writeAlerts, type StoredAlert } from './alert-row.ts'
import { climb } from './evaluate-alert.ts'
import { evaluateParent, type Child } from './evaluate-parent.ts'

/** Parents of parents: group, flood of the precinct, flood of the city. */
const deepest = 3

/** Makes every parent that waits for it what its children are; level by level, since a parent may be a child as well. */
export async function refreshParents(tx: Tx, now: Date): Promise<void> {
  for (let level = 0; level < deepest; level++) {
    const parents = await lockAlerts(
      tx,
      sql`where a.is_parent and a.closed_at is null and a.next_change_at <= ${now.toISOString()}
        and not exists (select from alert c where c.parent_id = a.id and c.is_parent and c.closed_at is null
          and c.next_change_at <= ${now.toISOString()})
        order by a.id`,
    )
    if (parents.length === 0) return
    const children = await readChildren(
      tx,
      parents.map(({ id }) => id),
    )
    await writeAlerts(
      tx,
      now,
      parents.map((before) => ({
        before,
        after: moveParent(before, children.get(before.id) ?? [], now.getTime()),
      })),
    )
  }
}

function moveParent(row: StoredAlert, children: readonly Child[], now: number): StoredAlert {
  const next = evaluateParent(row, children, now)
  const begins = next.state === 'unack' && row.state !== 'unack' && row.state !== 'rtn-unack'
  const askedAt = begins ? now : row.askedAt
  // The precinct's own row calls its duty officer; a row of the whole city stands for rows that do so themselves.
  const escalates = row.precinctId !== null && row.parentPrecinctId !== row.precinctId
  const ladder = climb({ ...next, askedAt, escalates, level: begins ? 0 : row.escalation }, now)
  const later = [next.nextChangeAt, ladder.until].filter((at) => at !== null)
  return {
    ...row,
    ...next,
    askedAt,
    asks: begins ? row.asks + 1 : row.asks,
    closedAt: next.state === 'closed' ? now : null,
    escalation: ladder.level,
    nextChangeAt: later.length === 0 ? null : Math.min(...later),
  }
}

async function readChildren(tx: Tx, parentIds: readonly number[]): Promise<Map<number, Child[]>> {
  const { rows } = await tx.execute<
    Child & { parentId: number; isParent: boolean } & Record<string, unknown>
  >(sql`
    select a.parent_id as "parentId", a.state, a.priority, a.acknowledged_by as "acknowledgedBy",
      case when a.is_parent then a.count else 1 end as count,
      (extract(epoch from a.acknowledged_at) * 1000)::float8 as "acknowledgedAt"
    from alert a where a.parent_id = any(${sql.param([...parentIds])}::int[]) and a.closed_at is null`)
  return Map.groupBy(rows, (row) => row.parentId)
}
