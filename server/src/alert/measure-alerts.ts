import { sql } from 'drizzle-orm'
import type { AlertPerformance, Scope } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { withinScope } from '../organisation/scope.ts'

/** DESIGN §6, per operator. */
export const alertTargets = {
  meanPerTenMinutes: 1,
  peakPerTenMinutes: 10,
  chattering: 0,
  /** Fewer than. */
  standing: 5,
  /** About, in percent, of P1, P2, P3. */
  priorityShares: [5, 15, 80],
} as const

interface Row extends Record<string, unknown> {
  rows: number
  peak: number
  operators: number
  chattering: number
  standing: number
  p1: number
  p2: number
  p3: number
  escalated: number
  supervised: number
  ackP50: number | null
  ackP90: number | null
  shelved: number
}

/**
 * Measures the alerts against the targets, from the alert rows themselves. A row counts when it asked for a person and no
 * other row of the same screen stood for it; operators are those who answered one in the period, at least one.
 */
export async function measureAlerts(
  tx: Tx,
  { scope, from, to, now }: { scope: Scope; from: Date; to: Date; now: Date },
): Promise<AlertPerformance> {
  const within = withinScope(scope, { precinctId: sql`a.precinct_id`, stationId: sql`a.station_id` })
  // A row of the whole city stands for rows that a precinct's screen shows by themselves.
  const alone = scope.city
    ? sql`a.parent_id is null`
    : sql`(a.parent_id is null or exists (select from alert p where p.id = a.parent_id and p.precinct_id is null))`
  const period = { from: from.toISOString(), to: to.toISOString(), at: now.toISOString() }
  const mine = sql`
    mine as materialized (
      select a.*, ${alone} as alone from alert a
      where a.begun_at >= ${period.from} and a.begun_at < ${period.to} and ${within}
    ), slot as (
      select date_bin('10 minutes', begun_at, timestamptz '2001-01-01') as at, count(*) as n from mine where alone group by 1
    )`
  const { rows } = await tx.execute<Row>(sql`
    with ${mine}, gap as (
      select dedup_key, begun_at - lag(begun_at, 2) over (partition by dedup_key order by begun_at) as three from mine
      where not is_parent
    )
    select count(*) filter (where alone)::int as rows, coalesce((select max(n) from slot), 0)::int as peak,
      greatest(1, count(distinct acknowledged_by))::int as operators,
      (select count(distinct dedup_key)::int from gap where three < interval '1 minute') as chattering,
      (select count(*)::int from alert a where a.closed_at is null and a.state in ('unack', 'rtn-unack', 'ack')
        and a.begun_at < ${period.at}::timestamptz - interval '1 day' and ${alone} and ${within}) as standing,
      count(*) filter (where alone and priority = 1)::int as p1, count(*) filter (where alone and priority = 2)::int as p2,
      count(*) filter (where alone and priority = 3)::int as p3,
      count(*) filter (where escalation >= 1 and not is_parent)::int as escalated,
      count(*) filter (where escalation >= 2 and not is_parent)::int as supervised,
      (select count(*)::int from alert a where a.state = 'shelved' and ${within}) as shelved,
      percentile_cont(0.5) within group (order by extract(epoch from acknowledged_at - asked_at))
        filter (where not is_parent and acknowledged_at >= asked_at) as "ackP50",
      percentile_cont(0.9) within group (order by extract(epoch from acknowledged_at - asked_at))
        filter (where not is_parent and acknowledged_at >= asked_at) as "ackP90"
    from mine`)
  const hours = await tx.execute<{ at: string; count: number; peak: number }>(sql`
    with ${mine}
    select to_char(date_bin('1 hour', slot.at, timestamptz '2001-01-01') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at,
      sum(n)::int as count, max(n)::int as peak
    from slot group by 1 order by 1`)
  const kinds = await tx.execute<{ kind: string; count: number }>(sql`
    with ${mine} select kind, count(*)::int as count from mine where not is_parent group by 1 order by 2 desc, 1 limit 10`)
  const row = rows[0]
  if (row === undefined) throw new Error('Nothing was measured.')
  const slots = Math.max(1, (to.getTime() - from.getTime()) / 600_000)
  const share = (n: number) => (row.rows === 0 ? null : (100 * n) / row.rows)
  return {
    from: period.from,
    to: period.to,
    operators: row.operators,
    rows: row.rows,
    meanPerTenMinutes: row.rows / slots / row.operators,
    peakPerTenMinutes: row.peak / row.operators,
    chattering: row.chattering,
    standing: row.standing,
    shelved: row.shelved,
    priorityShares: [share(row.p1), share(row.p2), share(row.p3)],
    acknowledgeSeconds: { p50: row.ackP50, p90: row.ackP90 },
    escalated: { dutyOfficer: row.escalated, supervisor: row.supervised },
    hours: hours.rows,
    kinds: kinds.rows,
    targets: { ...alertTargets, priorityShares: [...alertTargets.priorityShares] },
  }
}
