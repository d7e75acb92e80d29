import { sql } from 'drizzle-orm'
import type { PlannedRoute, RouteLines, RoutePlanRequest } from '@patrol/contract'
import { inTransaction, type Db } from '@patrol/db'
import { ProblemError } from '../../problems.ts'
import { driveWayInTurns } from '../travel-time/drive-way.ts'
import { readRoadGraph } from '../travel-time/read-road-graph.ts'
import type { RoadGraph } from '../travel-time/road-graph.ts'
import type { Place } from '../travel-time/snap.ts'
import { hourBand } from '../travel-time/speeds.ts'
import { travelSeconds } from '../travel-time/travel-times.ts'
import { predictability } from '../unpredictable/observer.ts'
import { holdRoute, tellRoute, type Decider } from './assign-route.ts'
import { readHistory } from './read-history.ts'
import { listPlannedRoutes } from './read-plan.ts'
import { readShiftHead, readShiftPlaces } from './read-shift.ts'
import { weighPoints } from '../shift/weigh-points.ts'
import { writeStops, type StopToWrite } from './write-routes.ts'

/**
 * Puts a route's stops into another order, leaves some out or takes others in. Times, length, score and predictability are
 * worked out anew; pauses stay where they were in the row, a longer stay goes with its visit. A person's order is not judged: it may run past the shift's end.
 * @throws NOT_FOUND, PLANNED_ROUTE_SETTLED, PATROL_POINT_UNKNOWN, SHIFT_NOT_OPEN
 */
export async function editStops(
  db: Db,
  routeId: string,
  pointIds: readonly number[],
  by: Decider & { osrmUrl: string },
): Promise<PlannedRoute> {
  const [route] = await listPlannedRoutes(db, sql`r.id = ${routeId}`)
  const shift = route && (await readShiftHead(db, route.shiftId))
  if (route === undefined || shift == null) throw new ProblemError('NOT_FOUND')
  const { rows } = await db.execute<{ request: RoutePlanRequest }>(
    sql`select request from route_plan where id = ${route.planId}`,
  )
  const request = rows[0]?.request
  if (request === undefined) throw new ProblemError('NOT_FOUND')
  const scored = await scorePoints(db, shift, request, pointIds, by.now)
  const unknown = pointIds.findIndex((id) => !scored.places.has(id))
  if (unknown >= 0) throw new ProblemError('PATROL_POINT_UNKNOWN', { field: `/pointIds/${unknown}` })

  const end: Place[] = request.closed && shift.station !== null ? [shift.station] : []
  const start = await readStart(db, route, shift.station, end.length)
  const before: Place[] = [...start, ...route.stops, ...end]
  const after: Place[] = [...start, ...pointIds.flatMap((id) => scored.places.get(id) ?? []), ...end]
  const graph = await readRoadGraph(db)
  const options = { mode: route.mode, at: middleOf(shift), osrmUrl: by.osrmUrl }
  const legsBefore = await timeLegs(graph, before, options)
  const legs = await timeLegs(graph, after, options)
  const way = await driveWayInTurns(graph, after, { mode: route.mode, band: hourBand(options.at) })
  const pauses = pausesOf(route, legsBefore, start.length > 0)
  // A point may be visited several times: each visit takes the next one known of it.
  const known = Map.groupBy(route.stops, (stop) => stop.pointId)
  let at = new Date(route.startsAt).getTime()
  const stops = pointIds.map((pointId, i): StopToWrite => {
    at += ((legs[i - (start.length > 0 ? 0 : 1)] ?? 0) + (pauses[i] ?? 0)) * 1_000
    const arrivesAt = new Date(at)
    const stop = known.get(pointId)?.shift()
    const serviceSeconds = stop?.serviceSeconds ?? request.visitSeconds
    at += serviceSeconds * 1_000
    return {
      pointId,
      arrivesAt,
      serviceSeconds,
      score: stop?.score ?? scored.places.get(pointId)?.score ?? 0,
      fixed: stop?.fixed ?? false,
    }
  })
  const lastLeg = end.length > 0 ? (legs.at(-1) ?? 0) : 0
  const endsAt = new Date(at + lastLeg * 1_000)
  const travel = sum(legs)
  // A point counts once, however often it is visited.
  const score = sum([...new Map(stops.map((stop) => [stop.pointId, stop.score])).values()])
  // Against the points that the plan looked at, which may have been the best of many.
  const coverage = Math.min(
    1,
    route.score > 0 ? (route.coverage * score) / route.score : score / scored.worth,
  )
  const { executions } = await readHistory(db, shift)
  const execution = stops.map(({ pointId, arrivesAt }) => ({
    point: pointId,
    at: (arrivesAt.getTime() - shift.startsAt.getTime()) / 1_000,
  }))
  const foreseen = predictability(
    executions,
    execution,
    (shift.endsAt.getTime() - shift.startsAt.getTime()) / 1_000,
  )
  const costOf = (seconds: number, count: number, points: number) =>
    (seconds + count * request.visitSeconds) / Math.max(points, 1e-9)
  const costRatio =
    (route.costRatio * costOf(travel, stops.length, score)) /
    Math.max(costOf(sum(legsBefore), route.stops.length, route.score), 1e-9)

  return inTransaction(db, async (tx) => {
    const held = await holdRoute(tx, routeId, by)
    if (held.state !== 'proposed' && held.state !== 'assigned')
      throw new ProblemError('PLANNED_ROUTE_SETTLED')
    if (held.over) throw new ProblemError('SHIFT_NOT_OPEN')
    await writeStops(tx, routeId, stops)
    await tx.execute(sql`
      update planned_route set ends_at = ${endsAt.toISOString()}, travel_seconds = ${Math.round(travel)},
        meters = ${Math.round(way.meters)}, legs = ${JSON.stringify(way.legs)}::jsonb, score = ${score}, coverage = ${coverage},
        cost_ratio = ${costRatio}, predictability = ${foreseen}
      where id = ${routeId}`)
    if (held.state === 'assigned') return tellRoute(tx, routeId, 'route:assigned', by, 'route:edited')
    const [edited] = await listPlannedRoutes(tx, sql`r.id = ${routeId}`)
    if (edited === undefined) throw new ProblemError('NOT_FOUND')
    return edited
  })
}

/** The station's points and those asked for, with their scores as the plan weighed them. */
async function scorePoints(
  db: Db,
  shift: Parameters<typeof readShiftPlaces>[1],
  request: RoutePlanRequest,
  pointIds: readonly number[],
  now: Date,
) {
  const places = await readShiftPlaces(db, shift, request.pointIds, now)
  const others = pointIds.filter((id) => !places.some((place) => place.id === id))
  if (others.length > 0) places.push(...(await readShiftPlaces(db, shift, others, now)))
  const weighed = weighPoints(places, request.weights).map(({ score }) => score)
  return {
    places: new Map(places.map((place, i) => [place.id, { ...place, score: weighed[i] ?? 0 }])),
    worth: sum(weighed),
  }
}

/** Where the route starts: the station, or where the unit was when it was planned anew on its way. */
async function readStart(db: Db, route: PlannedRoute, station: Place | null, ends: number): Promise<Place[]> {
  const { rows } = await db.execute<{ legs: RouteLines['legs'] | null }>(
    sql`select legs from planned_route where id = ${route.id}`,
  )
  const legs = rows[0]?.legs ?? null
  if (legs === null) return station === null ? [] : [station]
  const [lon, lat] = legs[0]?.line[0] ?? []
  const comesFromElsewhere = legs.length - ends === route.stops.length
  return comesFromElsewhere && lon !== undefined && lat !== undefined ? [{ lon, lat }] : []
}

/** Seconds of each leg along these places. */
async function timeLegs(
  graph: RoadGraph | null,
  places: readonly Place[],
  options: { mode: PlannedRoute['mode']; at: Date; osrmUrl: string },
): Promise<number[]> {
  const seconds: number[] = []
  for (const [i, to] of places.slice(1).entries()) {
    const leg = await travelSeconds(graph, places[i] ?? to, [to], options)
    seconds.push(leg.seconds[0] ?? 0)
    // A gateway answers others between the legs.
    await new Promise((resolve) => setImmediate(resolve))
  }
  return seconds
}

/** How long the unit was to linger before each stop. */
function pausesOf(route: PlannedRoute, legs: readonly number[], fromStation: boolean): number[] {
  let free = new Date(route.startsAt).getTime()
  return route.stops.map((stop, i) => {
    const arrival = free + (legs[i - (fromStation ? 0 : 1)] ?? 0) * 1_000
    const at = new Date(stop.arrivesAt).getTime()
    free = at + stop.serviceSeconds * 1_000
    return Math.max(0, Math.round((at - arrival) / 1_000))
  })
}

const middleOf = ({ startsAt, endsAt }: { startsAt: Date; endsAt: Date }) =>
  new Date((startsAt.getTime() + endsAt.getTime()) / 2)
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
