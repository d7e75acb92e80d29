import { sql } from 'drizzle-orm'
import type { RosterUnit, Scope } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { withinScope } from '../organisation/scope.ts'

const iso = (at: Date | string) => new Date(at).toISOString()

interface RosterRow extends Record<string, unknown> {
  id: number
  call_sign: string
  mode: RosterUnit['mode']
  duty_type: string
  precinct_id: number
  station_id: number
  station_name: string
  starts_at: Date
  ends_at: Date
  members: number
  patrol_route_id: number | null
  route_name: string | null
  planned_route_id: string | null
  stops: number
  load: number
  recorded_at: Date | null
}

/** The units on duty now, by station and call sign, with what each follows and holds. */
export async function listRoster(
  tx: Tx,
  { scope, now, unitIds }: { scope: Scope; now: Date; unitIds?: readonly number[] },
): Promise<RosterUnit[]> {
  const at = now.toISOString()
  const { rows } = await tx.execute<RosterRow>(sql`
    select u.id, u.call_sign, u.mode, u.duty_type, u.precinct_id, u.station_id, o.name as station_name, s.starts_at,
      s.ends_at, (select count(*)::int from unit_member m where m.unit_id = u.id) as members, u.patrol_route_id,
      r.name as route_name, p.id as planned_route_id,
      ((select count(*) from patrol_route_stop x where x.patrol_route_id = u.patrol_route_id)
        + (select count(*) from planned_stop x where x.planned_route_id = p.id))::int as stops,
      (select count(*)::int from assignment a where a.unit_id = u.id
        and a.state in ('ordered', 'accepted', 'en-route', 'on-scene')) as load,
      l.recorded_at
    from unit u join shift s on s.id = u.shift_id join organisation o on o.id = u.station_id
      left join patrol_route r on r.id = u.patrol_route_id
      left join planned_route p on p.unit_id = u.id and p.state = 'assigned'
      left join unit_position l on l.unit_id = u.id
    where s.starts_at <= ${at} and s.ends_at > ${at}
      and ${withinScope(scope, { precinctId: sql`u.precinct_id`, stationId: sql`u.station_id` })}
      ${unitIds === undefined ? sql`` : sql`and u.id = any(${sql.param(unitIds)}::int[])`}
    order by o.code, u.call_sign, u.id`)
  return rows.map(readRosterUnit)
}

function readRosterUnit(row: RosterRow): RosterUnit {
  return {
    id: row.id,
    callSign: row.call_sign,
    mode: row.mode,
    dutyType: row.duty_type,
    precinctId: row.precinct_id,
    stationId: row.station_id,
    stationName: row.station_name,
    startsAt: iso(row.starts_at),
    endsAt: iso(row.ends_at),
    members: row.members,
    route: {
      patrolRouteId: row.patrol_route_id,
      patrolRouteName: row.route_name,
      plannedRouteId: row.planned_route_id,
      stops: row.stops,
    },
    load: row.load,
    positionAt: row.recorded_at === null ? null : iso(row.recorded_at),
  }
}
