import { sql } from 'drizzle-orm'
import type { Alert, Desk, HandoverContents, OverdueRoute, Scope } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { readAlerts } from '../alert/alert-row.ts'
import { incidentColumns } from '../dispatch/incident-status.ts'
import { listOpenAssignments } from '../dispatch/list-orders.ts'
import { readIncident, type IncidentRow } from '../incident/read-incident.ts'
import { cityScope, withinScope } from '../organisation/scope.ts'
import { drivenRoutes, overdueOnRoute } from '../report/figures.ts'
import { countMissedWindows } from '../review/list-missed-windows.ts'
import { countUndecided } from '../review/list-reviews.ts'

/** What a desk sees, whoever sits there. */
export function scopeOfDesk({ precinctId, stationId }: Desk): Scope {
  if (stationId !== null) return { city: false, precinctIds: [], stationIds: [stationId] }
  return precinctId === null ? cityScope : { city: false, precinctIds: [precinctId], stationIds: [] }
}

/** What is open at a desk at this moment: what a shift hands over. */
export async function readOpenWork(
  tx: Tx,
  { desk, officerId, now }: { desk: Desk; officerId: number; now: Date },
): Promise<HandoverContents> {
  const scope = scopeOfDesk(desk)
  const alerts = await readTopAlerts(tx, scope)
  const isQuiet = ({ state }: Alert) =>
    state === 'shelved' || state === 'suppressed' || state === 'out-of-service'
  return {
    alerts: alerts.filter((alert) => !isQuiet(alert)),
    quiet: alerts.filter(isQuiet),
    incidents: await readWaitingIncidents(tx, scope, now),
    orders: await listOpenAssignments(tx, scope),
    overdueRoutes: await readOverdueRoutes(tx, scope, now),
    reviews: await countUndecided(tx, { officerId, scope }),
    missedWindows: await countMissedWindows(tx, { officerId, scope }),
  }
}

/** One line for each row that a screen of this scope shows: what stands within another row is not told twice. */
async function readTopAlerts(tx: Tx, scope: Scope): Promise<Alert[]> {
  const within = (row: 'a' | 'p') =>
    withinScope(scope, {
      precinctId: sql.raw(`${row}.precinct_id`),
      stationId: sql.raw(`${row}.station_id`),
    })
  const rows = await readAlerts(
    tx,
    sql`where a.closed_at is null and a.state <> 'pending' and ${within('a')}
      and not exists (select from alert p where p.id = a.parent_id and p.closed_at is null and ${within('p')})
      order by a.priority, a.raised_at desc limit 500`,
  )
  return rows.flatMap((row) => (row.state === null ? [] : [{ ...row, state: row.state }]))
}

async function readWaitingIncidents(tx: Tx, scope: Scope, now: Date) {
  const within = withinScope(scope, { precinctId: sql`i.precinct_id`, stationId: sql`i.station_id` })
  const { rows } = await tx.execute<IncidentRow>(sql`
    select ${incidentColumns} from incident i
    where i.status = 'open' and i.occurred_at > ${now.toISOString()}::timestamptz - interval '1 day' and ${within}
    order by i.priority, i.occurred_at limit 200`)
  return rows.map(readIncident)
}

/** 逾時路線 as figures.ts defines it, by name. */
async function readOverdueRoutes(tx: Tx, scope: Scope, now: Date): Promise<OverdueRoute[]> {
  const within = withinScope(scope, { precinctId: sql`r.precinct_id`, stationId: sql`r.station_id` })
  const { rows } = await tx.execute<OverdueRoute & Record<string, unknown>>(sql`
    with slot as (
      select ${now.toISOString()}::timestamptz as at, (${now.toISOString()}::timestamptz at time zone 'Asia/Taipei')::date as day
    ), route as (${drivenRoutes})
    select r.unit_id as "unitId", r.call_sign as "callSign", o.name as "stationName", late.n as overdue
    from slot, route r join organisation o on o.id = r.station_id,
      lateral (select count(*)::int as n ${overdueOnRoute}) late
    where ${within} and late.n > 0 order by late.n desc, r.call_sign`)
  return rows
}
