import { sql, type SQL } from 'drizzle-orm'
import type { PlannedRoute, RoutePlan } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { visitedStops } from '../../organisation/visited-stops.ts'

interface RouteRow extends Record<string, unknown> {
  id: string
  route_plan_id: string
  precinct_id: number
  station_id: number
  shift_id: number
  unit_id: number
  call_sign: string
  mode: PlannedRoute['mode']
  alternative: number
  line: PlannedRoute['line']
  direction: PlannedRoute['direction']
  starts_at: Date
  ends_at: Date
  travel_seconds: number
  meters: number
  score: number
  coverage: number
  cost_ratio: number
  predictability: number | null
  match: PlannedRoute['match']
  state: PlannedRoute['state']
  stops: (PlannedRoute['stops'][number] & { visitedAt: string | null })[]
}

const iso = (at: Date | string) => new Date(at).toISOString()

/** Routes with their stops. `where` speaks of `r`, the planned_route. */
export async function listPlannedRoutes(tx: Tx, where: SQL): Promise<PlannedRoute[]> {
  const { rows } = await tx.execute<RouteRow>(sql`
    with visited as (${visitedStops(sql`r.state = 'assigned' and (${where})`)})
    select r.id, r.route_plan_id, r.precinct_id, r.station_id, r.shift_id, r.unit_id, u.call_sign, r.mode, r.alternative,
      r.line, r.direction, r.starts_at, r.ends_at, r.travel_seconds, r.meters, r.score, r.coverage, r.cost_ratio,
      r.predictability, r.match, r.state,
      coalesce((
        select jsonb_agg(jsonb_build_object('sequence', s.sequence, 'pointId', p.id, 'code', p.code, 'name', p.name,
          'lon', st_x(p.position), 'lat', st_y(p.position), 'arrivesAt', s.arrives_at,
          'serviceSeconds', s.service_seconds, 'score', s.score, 'fixed', s.fixed,
          'visitedAt', v.visited_at) order by s.sequence)
        from planned_stop s join patrol_point p on p.id = s.patrol_point_id
          left join visited v on v.planned_route_id = s.planned_route_id and v.sequence = s.sequence
        where s.planned_route_id = r.id
      ), '[]') as stops
    from planned_route r join unit u on u.id = r.unit_id
    where ${where} order by r.alternative, r.unit_id, r.id`)
  return rows.map((row) => ({
    id: row.id,
    planId: row.route_plan_id,
    precinctId: row.precinct_id,
    stationId: row.station_id,
    shiftId: row.shift_id,
    unitId: row.unit_id,
    callSign: row.call_sign,
    mode: row.mode,
    alternative: row.alternative,
    line: row.line,
    direction: row.direction,
    startsAt: iso(row.starts_at),
    endsAt: iso(row.ends_at),
    travelSeconds: row.travel_seconds,
    meters: row.meters,
    score: row.score,
    coverage: row.coverage,
    costRatio: row.cost_ratio,
    predictability: row.predictability,
    match: row.match,
    state: row.state,
    stops: row.stops.map((stop) => ({
      ...stop,
      arrivesAt: iso(stop.arrivesAt),
      visitedAt: stop.visitedAt === null ? null : iso(stop.visitedAt),
    })),
  }))
}

interface PlanRow extends Record<string, unknown> {
  id: string
  precinct_id: number
  station_id: number
  shift_id: number
  state: RoutePlan['state']
  problem: string | null
  travel_source: RoutePlan['travelSource']
  request: RoutePlan['request']
  requested_at: Date
  job_id: number | null
  job_state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled' | null
  job_error: string | null
  progress: number | null
}

/** Plans with their routes, the newest first. `where` speaks of `p`, the route_plan. */
export async function listRoutePlans(tx: Tx, where: SQL, limit = 20): Promise<RoutePlan[]> {
  const { rows } = await tx.execute<PlanRow>(sql`
    select p.id, p.precinct_id, p.station_id, p.shift_id, p.state, p.problem, p.travel_source, p.request, p.requested_at,
      j.id as job_id, j.state as job_state, j.error as job_error, j.progress
    from route_plan p left join lateral (
      select * from job where job.kind = 'routes:plan' and job.input->>'planId' = p.id::text
        and job.requested_at > p.requested_at - interval '1 minute' order by job.id desc limit 1
    ) j on true where ${where} order by p.requested_at desc, p.id limit ${limit}`)
  const ids = rows.map((row) => row.id)
  const routes = await listPlannedRoutes(tx, sql`r.route_plan_id = any(${sql.param(ids)}::uuid[])`)
  return rows.map((row) => ({
    id: row.id,
    precinctId: row.precinct_id,
    stationId: row.station_id,
    shiftId: row.shift_id,
    // A job that was cancelled, or whose worker died each time, had no chance to say so in the plan.
    state:
      row.state === 'planning' && (row.job_state === 'cancelled' || row.job_state === 'failed')
        ? row.job_state
        : row.state,
    problem: row.problem ?? reasonOf(row.job_error),
    jobId: row.job_id,
    progress: row.state === 'ready' ? 1 : (row.progress ?? 0),
    travelSource: row.travel_source,
    request: row.request,
    requestedAt: iso(row.requested_at),
    routes: routes.filter((route) => route.planId === row.id),
  }))
}

/** Why the job failed, in words that screens know; what the machine says of itself stays on the job. */
function reasonOf(error: string | null): string | null {
  if (error === null) return null
  return ['no-shift', 'no-units', 'no-points'].includes(error) ? error : 'failed'
}
