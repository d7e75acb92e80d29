import { sql } from 'drizzle-orm'
import type { PlannedRoute, RoutePlanRequest } from '@patrol/contract'
import { inTransaction, type Db, type Tx } from '@patrol/db'
import { createTravelBlocks } from '../travel-time/travel-blocks.ts'
import { readRoadGraph } from '../travel-time/read-road-graph.ts'
import type { Place } from '../travel-time/snap.ts'
import { travelSeconds, type TravelOptions } from '../travel-time/travel-times.ts'
import { endRoutes, tellRoute } from './assign-route.ts'
import { describeRoutes } from './plan-routes.ts'
import { planShift } from '../shift/plan-shift.ts'
import { listPlannedRoutes } from './read-plan.ts'
import { readBlock, readShiftHead, readShiftPlaces, readShiftUnits } from './read-shift.ts'
import { weighPoints } from '../shift/weigh-points.ts'
import { writeRoutes } from './write-routes.ts'

/** What a call takes at the place, until the unit says that it is over. */
const ON_SCENE_SECONDS = 30 * 60
/** A position older than this says little about where a unit is. */
const FRESH_SECONDS = 600
const ITERATIONS = 1_500

/**
 * Plans the rest of a unit's route anew from where it is now: what it has visited is left out, fixed stops stay, and what does
 * not fit the shift any more is dropped. A unit that was sent somewhere goes on from there, half an hour after it arrives; once
 * it is free, what was dropped for that comes back where it fits. The unit follows the new route at once.
 * @returns the new route, or why there is none
 */
export async function replanUnit(
  db: Db,
  unitId: number,
  { officerId, now, osrmUrl, seed }: { officerId: number; now: Date; osrmUrl: string; seed: number },
): Promise<{ routeId: string } | { reason: 'no-route' | 'nothing-left' | 'shift-over' }> {
  const [route] = await listPlannedRoutes(db, sql`r.unit_id = ${unitId} and r.state = 'assigned'`)
  if (route === undefined) return { reason: 'no-route' }
  const shift = await readShiftHead(db, route.shiftId)
  if (shift === null || shift.endsAt <= now) return { reason: 'shift-over' }
  const [unit] = await readShiftUnits(db, shift, [unitId])
  const { rows } = await db.execute<{ request: RoutePlanRequest }>(
    sql`select request from route_plan where id = ${route.planId}`,
  )
  const request = rows[0]?.request
  if (unit === undefined || request === undefined) return { reason: 'no-route' }
  const visits = await readVisits(db, unitId, new Date(route.startsAt))
  const order = await readOrder(db, unitId)
  const dropped = order === null ? [] : await listDropped(db, route, order.acceptedAt)
  const left = [...route.stops, ...dropped].filter(
    (stop, i, all) => (visits.get(stop.pointId) ?? -1) < countsFrom(all, i),
  )
  if (left.length === 0) return { reason: 'nothing-left' }
  const fixed = new Set(left.filter((stop) => stop.fixed).map((stop) => stop.pointId))
  const places = await readShiftPlaces(db, shift, [...new Set(left.map((stop) => stop.pointId))], now)
  const scores = weighPoints(places, request.weights)
  const here = (await readPosition(db, unitId, now)) ?? shift.station
  const mode = unit.mode
  const awayUntil = order?.open === true ? await readFreeAt(db, order, here, { mode, at: now, osrmUrl }) : now
  const from = order?.open === true ? order.place : here
  const ends = [from, shift.station].filter((place): place is Place => place !== null)
  const blocks = createTravelBlocks({ graph: await readRoadGraph(db), osrmUrl })
  const table = await blocks.table({
    precinctId: shift.precinctId,
    block: await readBlock(db, shift.precinctId),
    points: places.map((place) => place.id),
    extra: ends,
    mode: unit.mode,
    at: now,
  })
  const sinceStart = (at: number) => (at - shift.startsAt.getTime()) / 1_000
  const startsAt = Math.max(0, sinceStart(awayUntil.getTime()))
  const shiftSeconds = sinceStart(shift.endsAt.getTime())
  const gapSeconds = request.gapMinutes * 60
  const restOf = (pointId: number) => {
    const visitedAt = visits.get(pointId)
    if (visitedAt === undefined) return []
    return [{ opensAt: sinceStart(visitedAt) + gapSeconds, closesAt: shiftSeconds, visits: 1 }]
  }
  const planned = planShift({
    shiftSeconds,
    points: places.map((place, i) => ({
      ...place,
      windows: place.windows.length > 0 ? place.windows : restOf(place.id),
      score: scores[i]?.score ?? 0,
      highRisk: false,
      required: fixed.has(place.id),
    })),
    units: [unit],
    tables: new Map([[unit.mode, table.seconds]]),
    start: from === null ? -1 : places.length,
    end: request.closed && shift.station !== null ? places.length + ends.length - 1 : -1,
    startsAt,
    goal: 'best-score',
    line: 'fixed',
    tolerance: 0,
    visitSeconds: request.visitSeconds,
    highRiskVisits: 1,
    gapSeconds,
    // As many rounds as are left of the route.
    mostRounds: Math.max(
      ...[...Map.groupBy(left, ({ pointId }) => pointId).values()].map((each) => each.length),
    ),
    forbiddenPairs: [],
    alternatives: 1,
    iterations: ITERATIONS,
    seed,
    history: [],
    fill: 1,
  })
  const input = {
    shift,
    request: { ...request, fixedPointIds: [...fixed] },
    units: [unit],
  }
  const graph = await readRoadGraph(db)
  const [made] = describeRoutes(
    input,
    { routes: planned, line: route.line, source: table.source, places },
    graph,
    { from, to: request.closed ? shift.station : null },
  )
  if (made === undefined) return { reason: 'nothing-left' }
  return inTransaction(db, async (tx) => {
    const { rows: held } = await tx.execute(sql`
      select id from planned_route where id = ${route.id} and state = 'assigned' for update`)
    if (held.length === 0) return { reason: 'no-route' as const }
    await endRoutes(tx, unitId, 'superseded', now)
    await writeRoutes(tx, route.planId, shift, [made])
    await tx.execute(sql`
      update planned_route set state = 'assigned', assigned_by = ${officerId}, assigned_at = ${now.toISOString()}
      where id = ${made.id}`)
    await tellRoute(tx, made.id, 'route:assigned', { officerId, now }, 'route:replanned')
    return { routeId: made.id }
  })
}

type LastOrder = { place: Place; acceptedAt: Date; onSceneAt: Date | null; open: boolean }

/** The order that the unit took last; null for none. */
async function readOrder(tx: Tx, unitId: number): Promise<LastOrder | null> {
  const { rows } = await tx.execute<{
    lon: number
    lat: number
    accepted_at: Date
    on_scene_at: Date | null
    open: boolean
  }>(sql`
    select st_x(position) as lon, st_y(position) as lat, accepted_at, on_scene_at,
      state in ('accepted', 'en-route', 'on-scene') as open
    from assignment where unit_id = ${unitId} and accepted_at is not null order by accepted_at desc limit 1`)
  const row = rows[0]
  if (row === undefined) return null
  const { lon, lat, open } = row
  const onSceneAt = row.on_scene_at === null ? null : new Date(row.on_scene_at)
  return { place: { lon, lat }, acceptedAt: new Date(row.accepted_at), onSceneAt, open }
}

/** When a unit that is away on an order may go on. */
async function readFreeAt(
  db: Db,
  { place, onSceneAt }: LastOrder,
  here: Place | null,
  options: TravelOptions & { at: Date },
): Promise<Date> {
  const { at: now } = options
  const drive = onSceneAt !== null || here === null ? null : await travelSeconds(db, here, [place], options)
  const arrival = onSceneAt?.getTime() ?? now.getTime() + (drive?.seconds[0] ?? 0) * 1_000
  return new Date(Math.max(now.getTime(), arrival + ON_SCENE_SECONDS * 1_000))
}

/** Stops of the same plan that were left out when this order came. */
async function listDropped(tx: Tx, route: PlannedRoute, since: Date): Promise<PlannedRoute['stops']> {
  const replaced = await listPlannedRoutes(
    tx,
    sql`r.unit_id = ${route.unitId} and r.route_plan_id = ${route.planId} and r.state = 'superseded'
      and r.ended_at >= ${since.toISOString()}`,
  )
  const kept = new Set(route.stops.map((stop) => stop.pointId))
  const dropped = replaced.flatMap((each) => each.stops).filter((stop) => !kept.has(stop.pointId))
  // Planned anew twice since, the same visit is in both.
  return [...new Map(dropped.map((stop) => [`${stop.pointId} ${stop.arrivesAt}`, stop])).values()]
}

/** Points that the unit signed at since then, and when it did last, in ms. */
async function readVisits(tx: Tx, unitId: number, since: Date): Promise<Map<number, number>> {
  const { rows } = await tx.execute<{ id: number; at: Date }>(sql`
    select patrol_point_id as id, max(checked_in_at) as at from check_in where unit_id = ${unitId}
      and patrol_point_id is not null and verdict <> 'rejected' and checked_in_at >= ${since.toISOString()}
    group by patrol_point_id`)
  return new Map(rows.map(({ id, at }) => [id, new Date(at).getTime()]))
}

/**
 * From when a check-in is the visit of this stop, in ms: of a point that the route visits several times, the middle between
 * it and the one before. The phone counts alike (organisation/visited-stops.ts).
 */
function countsFrom(stops: PlannedRoute['stops'], at: number): number {
  const stop = stops[at]
  const before = stops.slice(0, at).findLast((each) => each.pointId === stop?.pointId)
  if (stop === undefined || before === undefined) return 0
  return (Date.parse(before.arrivesAt) + Date.parse(stop.arrivesAt)) / 2
}

/** Where the unit is: by its position, or by the point where it signed last. */
async function readPosition(tx: Tx, unitId: number, now: Date): Promise<Place | null> {
  const { rows } = await tx.execute<{ lon: number; lat: number }>(sql`
    select lon, lat from (
      select lon, lat, recorded_at as at from unit_position where unit_id = ${unitId}
        and recorded_at > ${now.toISOString()}::timestamptz - make_interval(secs => ${FRESH_SECONDS})
      union all
      (select st_x(p.position), st_y(p.position), c.checked_in_at from check_in c
         join patrol_point p on p.id = c.patrol_point_id
       where c.unit_id = ${unitId} and c.verdict <> 'rejected' and c.checked_in_at <= ${now.toISOString()}
       order by c.checked_in_at desc limit 1)
    ) as known order by at desc limit 1`)
  return rows[0] ?? null
}
