import { sql } from 'drizzle-orm'
import { inTransaction, type Db, type OpenTx } from '@patrol/db'
import { readRules, type Rules } from './alert-rules.ts'
import { clearAlerts, raiseAlerts } from './raise-alert.ts'
import { districtVoid, hotspotVoid } from './rules/coverage-void.ts'
import { failingLabel, highRiskOverdue } from './rules/point-rules.ts'
import { routeAtRisk } from './rules/route-at-risk.ts'
import type { Rule } from './rules/rule.ts'
import { gpsOff, offArea, uploadBacklog } from './rules/unit-rules.ts'
import { urgentCallSilentUnit } from './rules/urgent-call-silent-unit.ts'

/** One look at the rules at a time per database. */
const rulesLock = 7_791_005

const allRules: readonly Rule[] = [
  urgentCallSilentUnit,
  routeAtRisk,
  uploadBacklog,
  hotspotVoid,
  districtVoid,
  gpsOff,
  offArea,
  failingLabel,
  highRiskOverdue,
]

/** When each rule was last looked at, ms of the city's time; lost with the process, which costs one more look. */
const lookedAt = new WeakMap<Db, Map<string, number>>()

/**
 * Looks at every rule whose turn it is: what it finds is raised, what it finds no more is cleared, each rule in a transaction
 * of its own so that one that fails takes none with it. `now` is given by tests, and makes it every rule's turn.
 */
export async function runRules(db: Db, { now }: { now?: Date } = {}): Promise<void> {
  const looks = lookedAt.get(db) ?? new Map<string, number>()
  lookedAt.set(db, looks)
  const faults: unknown[] = []
  for (const rule of allRules) {
    try {
      await inTransaction(db, (tx) => runRule(tx, rule, { looks, now }))
    } catch (error) {
      faults.push(error)
    }
  }
  if (faults.length > 0) throw new AggregateError(faults, 'Rules failed.')
}

async function runRule(
  tx: OpenTx,
  rule: Rule,
  { looks, now: given }: { looks: Map<string, number>; now: Date | undefined },
): Promise<void> {
  const { rows } = await tx.$client.query<{ ok: boolean; now: Date }>(
    'select pg_try_advisory_xact_lock($1) as ok, coalesce($2::timestamptz, city_now()) as now',
    [rulesLock, given?.toISOString() ?? null],
  )
  const first = rows[0]
  if (first?.ok !== true) return
  const { now } = first
  const waited = now.getTime() - (looks.get(rule.kind) ?? -Infinity)
  if (given === undefined && waited >= 0 && waited < rule.everySeconds * 1_000) return
  looks.set(rule.kind, now.getTime())
  const rules = await readRules(tx)
  await hold(tx, now, rule, rules)
}

async function hold(tx: OpenTx, now: Date, rule: Rule, rules: Rules): Promise<void> {
  const found = await rule.find(tx, { now, rules })
  const causes = found.filter(({ kind, precinctId }) => rules.of(kind, precinctId).enabled)
  const keys = new Set(causes.map(({ dedupKey }) => dedupKey))
  const { rows } = await tx.execute<{ dedup_key: string }>(sql`
    select dedup_key from alert where kind = ${rule.kind} and closed_at is null and not is_parent
      and cause_gone_at is null`)
  await raiseAlerts(tx, now, causes)
  await clearAlerts(
    tx,
    now,
    rows.map((row) => row.dedup_key).filter((key) => !keys.has(key)),
  )
}
