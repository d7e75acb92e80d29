import { sql } from 'drizzle-orm'
import type { Alert, CheckInSummary, Incident, PlaybackScene, Scope, WallPoint } from '@patrol/contract'
import { inTransaction, type Db, type OpenTx } from '@patrol/db'
import { readPatrolPoint, type PatrolPointRow } from '../organisation/read-patrol-point.ts'
import { withinScope } from '../organisation/scope.ts'
import { readPlacedUnit, type UnitRow } from '../realtime/snapshot.ts'
import { listWindowsAt, pickCurrentWindows, tallyPrecincts } from './windows-at.ts'

const feedLength = 20
/** A unit that has been silent longer is not shown: nobody knew where it was. */
const silentAfter = '15 minutes'

/**
 * The city as a screen of this scope showed it at `at`; see the contract for what is as known then and what is as it was.
 * One repeatable-read transaction: what is settled meanwhile cannot make the parts disagree.
 */
export async function readScene(db: Db, scope: Scope, at: Date): Promise<PlaybackScene> {
  const instant = at.toISOString()
  return inTransaction(
    db,
    async (tx) => {
      const serviceOn = taipeiDay(at)
      const windows = await listWindowsAt(tx, scope, instant, serviceOn)
      const current = pickCurrentWindows(windows, serviceOn)
      const points = await listPoints(tx, scope, instant)
      return {
        at: instant,
        serviceOn,
        scope,
        precincts: await tallyPrecincts(tx, scope, windows, serviceOn),
        points: points.map((point): WallPoint => ({ ...point, window: current.get(point.id) ?? null })),
        units: await listUnits(tx, scope, instant),
        alerts: await listLast<Alert>(
          tx,
          scope,
          instant,
          'alert',
          '7 days',
          (alert) => alert.state !== 'closed',
        ),
        feed: await listFeed(tx, scope, instant),
        incidents: await listLast<Incident>(
          tx,
          scope,
          instant,
          'incident',
          '1 day',
          (incident) => incident.status !== 'closed',
        ),
      }
    },
    { begin: 'begin isolation level repeatable read read only' },
  )
}

/** The day in Taipei, which has had no summer time since 1979. */
export function taipeiDay(at: Date): string {
  return new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 10)
}

async function listPoints(tx: OpenTx, scope: Scope, at: string) {
  const within = withinScope(scope, { precinctId: sql`p.precinct_id`, stationId: sql`p.station_id` })
  const { rows } = await tx.execute<PatrolPointRow>(sql`
    select p.id, p.code, p.name, p.category, p.priority, st_x(p.position) as lon, st_y(p.position) as lat,
      p.radius_meters, p.address, p.village, p.precinct_id, p.station_id, p.temporary, p.synthetic
    from patrol_point p where (p.retired_at is null or p.retired_at > ${at}) and ${within} order by p.id`)
  return rows.map(readPatrolPoint)
}

async function listUnits(tx: OpenTx, scope: Scope, at: string) {
  const within = withinScope(scope, { precinctId: sql`u.precinct_id`, stationId: sql`u.station_id` })
  const { rows } = await tx.execute<UnitRow>(sql`
    select u.id, u.call_sign, u.mode, u.precinct_id, u.station_id, s.starts_at, s.ends_at,
      l.lon, l.lat, l.heading_degrees, l.speed_mps, l.accuracy_meters, l.recorded_at
    from unit u join shift s on s.id = u.shift_id left join lateral (
      select b.lon, b.lat, b.heading_degrees, b.speed_mps, b.accuracy_meters, b.recorded_at from breadcrumb b
      where b.unit_id = u.id and b.recorded_at <= ${at} and b.recorded_at > ${at}::timestamptz - ${silentAfter}::interval
      order by b.recorded_at desc limit 1) l on true
    where s.starts_at <= ${at} and s.ends_at > ${at} and ${within} order by u.id`)
  return rows.map(readPlacedUnit)
}

/**
 * What the log last said of each thing of a kind (`alert`, `incident`) before an instant, where it was still open.
 * The condition on the type is that of the log's small index for it (db/schema/event.ts).
 */
async function listLast<T extends { id: number }>(
  tx: OpenTx,
  scope: Scope,
  at: string,
  kind: 'alert' | 'incident',
  lookBack: string,
  isOpen: (data: T) => boolean,
): Promise<T[]> {
  const { rows } = await tx.execute<{ data: T }>(sql`
    select distinct on (e.data->>'id') e.data from event e
    where split_part(e.type, ':', 1) in ('alert', 'incident') and split_part(e.type, ':', 1) = ${kind}
      and e.at <= ${at} and e.at > ${at}::timestamptz - ${lookBack}::interval
      and ${withinScope(scope, { precinctId: sql`e.precinct_id`, stationId: sql`e.station_id` })}
    order by e.data->>'id', e.at desc, e.pos desc`)
  return rows.map((row) => row.data).filter(isOpen)
}

async function listFeed(tx: OpenTx, scope: Scope, at: string): Promise<CheckInSummary[]> {
  const { rows } = await tx.execute<{ data: CheckInSummary }>(sql`
    select e.data from event e
    where e.type = 'check-in:recorded' and e.at <= ${at} and e.at > ${at}::timestamptz - interval '1 day'
      and ${withinScope(scope, { precinctId: sql`e.precinct_id`, stationId: sql`e.station_id` })}
    order by e.at desc, e.pos desc limit ${feedLength}`)
  return rows.map((row) => row.data)
}
