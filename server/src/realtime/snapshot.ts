import { sql } from 'drizzle-orm'
import type {
  Alert,
  CheckInSummary,
  Incident,
  Scope,
  Tally,
  UnitPosition,
  WallPoint,
  WallPrecinct,
  WallSnapshot,
  WindowState,
} from '@patrol/contract'
import { inTransaction, type Db, type OpenTx } from '@patrol/db'
import { readAlerts } from '../alert/alert-row.ts'
import { listCheckIns } from '../check-in/list-check-ins.ts'
import { listOpenAssignments } from '../dispatch/list-orders.ts'
import { readIncident, type IncidentRow } from '../incident/read-incident.ts'
import { listPrecincts } from '../organisation/list-precincts.ts'
import { readPatrolPoint, type PatrolPointRow } from '../organisation/read-patrol-point.ts'
import { withinScope } from '../organisation/scope.ts'
import { readSeries } from '../report/read-series.ts'

const feedLength = 20

/**
 * Everything a screen of this scope shows, as of one instant: one repeatable-read transaction, so that the rows,
 * the log's head and the events still waiting for their position belong together.
 */
export async function buildSnapshot(db: Db, scope: Scope, speed: number): Promise<WallSnapshot> {
  return inTransaction(
    db,
    async (tx) => {
      const head = await readHead(tx)
      return {
        ...head,
        speed,
        scope,
        precincts: await readPrecincts(tx, scope, head.serviceOn),
        points: await readPoints(tx, scope, head.serviceOn),
        units: await readUnits(tx, scope),
        alerts: await readOpenAlerts(tx, scope),
        feed: await readFeed(tx, scope),
        incidents: await readOpenIncidents(tx, scope),
        assignments: await listOpenAssignments(tx, scope),
        series: await readSeries(tx, scope),
      }
    },
    { begin: 'begin isolation level repeatable read read only' },
  )
}

async function readHead(tx: OpenTx) {
  const { rows } = await tx.$client.query<{ pos: string; now: Date; service_on: string; ahead: string[] }>(`
    select pos, city_now() as now, to_char(city_now() at time zone 'Asia/Taipei', 'YYYY-MM-DD') as service_on,
      array(select event_id::text from outbox) as ahead
    from event_head`)
  const row = rows[0]
  if (row === undefined) throw new Error('The event log has no head.')
  return { pos: Number(row.pos), ahead: row.ahead, now: row.now.toISOString(), serviceOn: row.service_on }
}

export const emptyTally = (): Tally => ({
  pending: 0,
  open: 0,
  grace: 0,
  fulfilled: 0,
  missed: 0,
  corrected: 0,
  'made-up': 0,
  excused: 0,
  unexcused: 0,
})

async function readPrecincts(tx: OpenTx, scope: Scope, serviceOn: string): Promise<WallPrecinct[]> {
  const within = withinScope(scope, { precinctId: sql`precinct_id`, stationId: sql`station_id` })
  const { rows } = await tx.execute<{ precinct_id: number; state: WindowState; n: number }>(sql`
    select precinct_id, state, count(*)::int as n from patrol_window
    where service_on = ${serviceOn} and ${within} group by precinct_id, state`)
  const precincts = await listPrecincts(tx, scope)
  return precincts.map((precinct) => {
    const tally = emptyTally()
    for (const row of rows) if (row.precinct_id === precinct.id) tally[row.state] = row.n
    return { ...precinct, tally }
  })
}

interface PointRow extends PatrolPointRow {
  window_id: string | null
  state: NonNullable<WallPoint['window']>['state'] | null
  starts_at: Date | null
  ends_at: Date | null
}

async function readPoints(tx: OpenTx, scope: Scope, serviceOn: string): Promise<WallPoint[]> {
  const within = withinScope(scope, { precinctId: sql`p.precinct_id`, stationId: sql`p.station_id` })
  const { rows } = await tx.execute<PointRow>(sql`
    select p.id, p.code, p.name, p.category, p.priority, st_x(p.position) as lon, st_y(p.position) as lat,
      p.radius_meters, p.address, p.village, p.precinct_id, p.station_id, p.temporary, p.synthetic,
      w.id as window_id, w.state, w.starts_at, w.ends_at
    from patrol_point p left join (
      select distinct on (patrol_point_id) patrol_point_id, id, state, starts_at, ends_at
      from patrol_window
      where service_on between ${serviceOn}::date - 1 and ${serviceOn}::date
        and state <> 'pending' and (service_on = ${serviceOn} or state in ('open', 'grace'))
      order by patrol_point_id, state in ('open', 'grace') desc, starts_at desc, id desc
    ) w on w.patrol_point_id = p.id
    where p.retired_at is null and ${within} order by p.id`)
  return rows.map((row) => ({
    ...readPatrolPoint(row),
    window:
      row.state === null || row.starts_at === null || row.ends_at === null
        ? null
        : {
            id: Number(row.window_id),
            state: row.state,
            startsAt: new Date(row.starts_at).toISOString(),
            endsAt: new Date(row.ends_at).toISOString(),
          },
  }))
}

export interface UnitRow extends Record<string, unknown> {
  id: number
  call_sign: string
  mode: 'car' | 'motorcycle' | 'foot'
  precinct_id: number
  station_id: number
  starts_at: Date
  ends_at: Date
  lon: number | null
  lat: number | null
  heading_degrees: number | null
  speed_mps: number | null
  accuracy_meters: number | null
  recorded_at: Date | null
}

async function readUnits(tx: OpenTx, scope: Scope): Promise<WallSnapshot['units']> {
  const within = withinScope(scope, { precinctId: sql`u.precinct_id`, stationId: sql`u.station_id` })
  const { rows } = await tx.execute<UnitRow>(sql`
    select u.id, u.call_sign, u.mode, u.precinct_id, u.station_id, s.starts_at, s.ends_at,
      l.lon, l.lat, l.heading_degrees, l.speed_mps, l.accuracy_meters, l.recorded_at
    from unit u join shift s on s.id = u.shift_id left join unit_position l on l.unit_id = u.id
    where s.starts_at <= city_now() and s.ends_at > city_now() and ${within} order by u.id`)
  return rows.map(readPlacedUnit)
}

/** A unit with its position, as the snapshot and the playback select them. */
export function readPlacedUnit(row: UnitRow): WallSnapshot['units'][number] {
  return {
    id: row.id,
    callSign: row.call_sign,
    mode: row.mode,
    precinctId: row.precinct_id,
    stationId: row.station_id,
    startsAt: new Date(row.starts_at).toISOString(),
    endsAt: new Date(row.ends_at).toISOString(),
    position: readPosition(row),
  }
}

function readPosition(row: UnitRow): UnitPosition | null {
  if (row.lon === null || row.lat === null || row.recorded_at === null) return null
  return {
    unitId: row.id,
    lon: row.lon,
    lat: row.lat,
    headingDegrees: row.heading_degrees,
    speedMps: row.speed_mps,
    accuracyMeters: row.accuracy_meters,
    recordedAt: new Date(row.recorded_at).toISOString(),
  }
}

async function readOpenAlerts(tx: OpenTx, scope: Scope): Promise<Alert[]> {
  const within = withinScope(scope, { precinctId: sql`a.precinct_id`, stationId: sql`a.station_id` })
  // Those that stand for others come first: what they stand for can be asked for.
  const alerts = await readAlerts(
    tx,
    sql`where a.closed_at is null and a.state <> 'pending' and ${within}
      order by a.parent_id is not null, a.priority, a.raised_at desc limit 500`,
  )
  return alerts.flatMap((alert) => (alert.state === null ? [] : [{ ...alert, state: alert.state }]))
}

async function readFeed(tx: OpenTx, scope: Scope): Promise<CheckInSummary[]> {
  return listCheckIns(tx, { scope, officerId: null, limit: feedLength })
}

async function readOpenIncidents(tx: OpenTx, scope: Scope): Promise<Incident[]> {
  const within = withinScope(scope, { precinctId: sql`i.precinct_id`, stationId: sql`i.station_id` })
  const { rows } = await tx.execute<IncidentRow>(sql`
    select i.id, i.source, i.category, i.subtype, i.priority, i.status, i.occurred_at, st_x(i.position) as lon,
      st_y(i.position) as lat, i.address, i.precinct_id, i.station_id
    from incident i
    where i.status <> 'closed' and i.occurred_at > city_now() - interval '1 day' and ${within}
    order by i.occurred_at desc limit 200`)
  return rows.map(readIncident)
}
