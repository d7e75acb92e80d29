import { sql, type SQL } from 'drizzle-orm'
import type { Alert } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { appendEvents, type NewEvent } from '../realtime/append-events.ts'
import { kindOf } from './alert-kinds.ts'
import { evaluateAlert, type AlertFacts, type StoredState } from './evaluate-alert.ts'
import { notifyOfficers } from './notify-officers.ts'

/** A row of `alert` as the engine works on it; instants in ms. */
export interface StoredAlert extends Omit<AlertFacts, 'kind' | 'escalates'> {
  id: number
  kind: string
  dedupKey: string
  precinctId: number | null
  stationId: number | null
  subject: Alert['subject']
  count: number
  acknowledgedBy: number | null
  closedBy: number | null
  heldBy: number | null
  heldReason: string | null
  suppressionId: number | null
  parentId: number | null
  parentPrecinctId: number | null
  isParent: boolean
  placedAt: number | null
  nextChangeAt: number | null
}

const instant = (column: string, name: string) =>
  `(extract(epoch from a.${column}) * 1000)::float8 as "${name}"`

const storedColumns = sql.raw(
  [
    'a.id, a.kind, a.dedup_key as "dedupKey", a.priority, a.state, a.precinct_id as "precinctId"',
    'a.station_id as "stationId", a.subject, a.count, a.acknowledged_by as "acknowledgedBy", a.asks, a.escalation',
    'a.closed_by as "closedBy", a.held_by as "heldBy", a.held_reason as "heldReason"',
    'a.suppression_id as "suppressionId", a.parent_id as "parentId", a.is_parent as "isParent"',
    '(select p.precinct_id from alert p where p.id = a.parent_id) as "parentPrecinctId"',
    instant('begins_at', 'beginsAt'),
    instant('begun_at', 'begunAt'),
    instant('asked_at', 'askedAt'),
    instant('cause_at', 'causeAt'),
    instant('cause_gone_at', 'causeGoneAt'),
    instant('acknowledged_at', 'acknowledgedAt'),
    instant('shelved_until', 'shelvedUntil'),
    instant('out_of_service_at', 'outOfServiceAt'),
    instant('suppressed_until', 'suppressedUntil'),
    instant('closed_at', 'closedAt'),
    instant('placed_at', 'placedAt'),
    instant('next_change_at', 'nextChangeAt'),
  ].join(', '),
)

/** Reads and locks alerts. `rest` is what follows `from alert a`, without the lock. */
export async function lockAlerts(
  tx: Tx,
  rest: SQL,
  { skipLocked = false }: { skipLocked?: boolean } = {},
): Promise<StoredAlert[]> {
  const lock = sql.raw(`for no key update of a${skipLocked ? ' skip locked' : ''}`)
  const { rows } = await tx.execute<StoredAlert & Record<string, unknown>>(
    sql`select ${storedColumns} from alert a ${rest} ${lock}`,
  )
  return rows
}

/** Reads alerts without a lock, such as those that placing only counts. */
export async function readStored(tx: Tx, rest: SQL): Promise<StoredAlert[]> {
  const { rows } = await tx.execute<StoredAlert & Record<string, unknown>>(
    sql`select ${storedColumns} from alert a ${rest}`,
  )
  return rows
}

/** The row as the pure function and the time make it. Parents are made of their children instead (refresh-parents.ts). */
export function moveOn(row: StoredAlert, now: number): StoredAlert {
  const isSecond = row.parentId !== null && row.parentPrecinctId === row.precinctId
  const next = evaluateAlert({ ...row, kind: kindOf(row.kind), escalates: !isSecond }, now)
  // What asks for the first time, or again after it was quiet, is given its place anew.
  const isBack = next.state === 'unack' && !isOnList(row.state)
  return { ...row, ...next, ...(isBack ? { placedAt: null, parentId: null, parentPrecinctId: null } : {}) }
}

const isOnList = (state: StoredState) => state === 'unack' || state === 'rtn-unack' || state === 'ack'

export interface AlertChange {
  before: StoredAlert
  after: StoredAlert
}

/**
 * Writes rows that this transaction has locked, each with its event, and has the parents of what changed looked at again.
 * A row that never left `pending` tells nobody.
 */
export async function writeAlerts(tx: Tx, now: Date, changes: readonly AlertChange[]): Promise<void> {
  const real = changes.filter(({ before, after }) => JSON.stringify(before) !== JSON.stringify(after))
  if (real.length === 0) return
  await tx.execute(sql`
    update alert a set state = n.state, priority = n.priority, subject = n.subject, count = n.count, asks = n.asks,
      escalation = n.escalation, begins_at = n."beginsAt", begun_at = n."begunAt", asked_at = n."askedAt",
      cause_at = n."causeAt", cause_gone_at = n."causeGoneAt", acknowledged_at = n."acknowledgedAt",
      acknowledged_by = n."acknowledgedBy", shelved_until = n."shelvedUntil",
      out_of_service_at = n."outOfServiceAt", suppressed_until = n."suppressedUntil",
      suppression_id = n."suppressionId", held_by = n."heldBy", held_reason = n."heldReason",
      closed_at = n."closedAt", closed_by = n."closedBy", parent_id = n."parentId", placed_at = n."placedAt",
      next_change_at = n."nextChangeAt", changed_at = ${now.toISOString()},
      escalated_at = case when n.escalation > a.escalation then ${now.toISOString()}::timestamptz else a.escalated_at end
    from jsonb_to_recordset(${JSON.stringify(real.map(({ after }) => toRecord(after)))}::jsonb) as n(
      id int, state text, priority smallint, subject jsonb, count int, asks smallint, escalation smallint,
      "beginsAt" timestamptz, "begunAt" timestamptz, "askedAt" timestamptz, "causeAt" timestamptz,
      "causeGoneAt" timestamptz, "acknowledgedAt" timestamptz, "acknowledgedBy" int, "shelvedUntil" timestamptz,
      "outOfServiceAt" timestamptz, "suppressedUntil" timestamptz, "suppressionId" int, "heldBy" int,
      "heldReason" text, "closedAt" timestamptz, "closedBy" int, "parentId" int, "placedAt" timestamptz,
      "nextChangeAt" timestamptz)
    where a.id = n.id`)
  await wakeParents(tx, now, real)
  for (const { before, after } of real) {
    for (let level = before.escalation + 1; level <= after.escalation; level++) {
      await notifyOfficers(tx, now, { alertId: after.id, level })
    }
  }
  await tellAlerts(
    tx,
    now,
    real.map(({ before, after }) => ({ id: after.id, was: before.state })),
  )
}

async function wakeParents(tx: Tx, now: Date, changes: readonly AlertChange[]): Promise<void> {
  const ids = new Set(
    changes.flatMap(({ before, after }) => [before.parentId, after.parentId]).filter((id) => id !== null),
  )
  if (ids.size === 0) return
  await tx.execute(sql`
    update alert set next_change_at = least(next_change_at, ${now.toISOString()})
    where id = any(${sql.param([...ids])}::int[]) and closed_at is null`)
}

/** Appends the event of each alert: what was unknown to screens is raised, what is over is closed, the rest has changed. */
export async function tellAlerts(
  tx: Tx,
  now: Date,
  changed: readonly { id: number; was: StoredState | null }[],
): Promise<void> {
  const was = new Map(changed.map((one) => [one.id, one.was]))
  const alerts = await readAlerts(tx, sql`where a.id = any(${sql.param([...was.keys()])}::int[])`)
  await appendEvents(
    tx,
    now,
    alerts.flatMap((data): NewEvent[] => {
      const before = was.get(data.id) ?? null
      const isUnknown = before === null || before === 'pending'
      if (data.state === null || (isUnknown && data.state === 'closed')) return []
      const type = isUnknown ? 'alert:raised' : data.state === 'closed' ? 'alert:closed' : 'alert:changed'
      const { precinctId, stationId } = data
      return [{ type, precinctId, stationId, data: { ...data, state: data.state } }]
    }),
  )
}

const times = [
  'beginsAt',
  'begunAt',
  'askedAt',
  'causeAt',
  'causeGoneAt',
  'acknowledgedAt',
  'shelvedUntil',
  'outOfServiceAt',
  'suppressedUntil',
  'closedAt',
  'placedAt',
  'nextChangeAt',
] as const

function toRecord(row: StoredAlert) {
  const instants = times.map((name) => {
    const at = row[name]
    return [name, at === null ? null : new Date(at).toISOString()]
  })
  return { ...row, ...Object.fromEntries(instants) }
}

/** An alert on its way to the wire; null instead of the state that no screen knows. */
type WireRow = Omit<Alert, 'state'> & { state: Alert['state'] | null }

/** Alerts in their wire shape, `told` and names included; of one that is still pending the state is null. */
export async function readAlerts(tx: Tx, rest: SQL): Promise<WireRow[]> {
  const iso = (column: string) =>
    sql.raw(`to_char(a.${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`)
  const { rows } = await tx.execute<WireRow & Record<string, unknown>>(sql`
    select a.id, a.kind, a.priority, nullif(a.state, 'pending') as state, a.precinct_id as "precinctId",
      a.station_id as "stationId", a.subject, a.count, a.parent_id as "parentId", a.is_parent as "isParent",
      ${iso('raised_at')} as "raisedAt", ${iso('changed_at')} as "changedAt", ${iso('asked_at')} as "askedAt",
      ${iso('acknowledged_at')} as "acknowledgedAt", ack.name as "acknowledgedBy",
      case when a.state = 'suppressed' then ${iso('suppressed_until')} else ${iso('shelved_until')} end as "quietUntil",
      held.name as "heldBy", coalesce(plan.reason, a.held_reason) as "heldReason", a.escalation,
      ${iso('escalated_at')} as "escalatedAt",
      array(select distinct o.name from alert_notice n join officer o on o.id = n.officer_id
        where n.alert_id = a.id and n.at >= a.asked_at order by 1) as told
    from alert a
      left join officer ack on ack.id = a.acknowledged_by
      left join officer held on held.id = a.held_by
      left join alert_suppression plan on plan.id = a.suppression_id and a.state = 'suppressed'
    ${rest}`)
  return rows
}
