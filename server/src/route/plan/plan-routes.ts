/** Carries a plan out: reads the shift, gets the travel times, plans, and writes the alternatives in one transaction. */
import { sql } from 'drizzle-orm'
import { randomUUID } from 'node:crypto'
import type { RoutePlanRequest } from '@patrol/contract'
import { inTransaction, type Db } from '@patrol/db'
import { createTravelBlocks, type BlockPoint, type TravelBlocks } from '../travel-time/travel-blocks.ts'
import { hourBand, type TravelMode } from '../travel-time/speeds.ts'
import type { Place } from '../travel-time/snap.ts'
import { readRoadGraph } from '../travel-time/read-road-graph.ts'
import type { RoadGraph } from '../travel-time/road-graph.ts'
import type { TravelSource } from '../travel-time/travel-times.ts'
import { driveWay } from '../travel-time/drive-way.ts'
import { planShift } from '../shift/plan-shift.ts'
import { readHistory, type RouteHistory } from './read-history.ts'
import {
  readBlock,
  readShiftHead,
  readShiftPlaces,
  readShiftUnits,
  type ShiftHead,
  type ShiftPlace,
  type ShiftUnitFacts,
} from './read-shift.ts'
import type { ShiftProblem, ShiftRoute } from '../shift/shift-problem.ts'
import { weighPoints } from '../shift/weigh-points.ts'
import { writeRoutes, type RouteToWrite } from './write-routes.ts'

/** More points than this are weighed, and the best of them are planned with. */
const MOST_POINTS = 250

/** Who plans a shift that has begun does not plan by the second: so a plan repeated within it is the same. */
const QUARTER = 900

export type ShiftInput = {
  shift: ShiftHead
  request: RoutePlanRequest
  places: ShiftPlace[]
  units: ShiftUnitFacts[]
  block: BlockPoint[]
  history: RouteHistory
  /** When units may set out, in seconds from the start of the shift. */
  startsAt: number
}

export type PlannedShift = {
  routes: ShiftRoute[]
  line: 'fixed' | 'variable'
  source: TravelSource
  /** The places that the routes' stops point to. */
  places: ShiftPlace[]
}

/**
 * Plans and stores the routes of a plan that is on record. Begun again it replaces what it proposed before.
 * @returns how many routes there are
 * @throws Error `no-shift`, `no-units`, `no-points` where the shift cannot be planned
 */
export async function planRoutes(
  db: Db,
  planId: string,
  { now, osrmUrl, report }: { now: Date; osrmUrl: string; report: (done: number, note: string) => void },
): Promise<{ routes: number }> {
  const { rows } = await db.execute<{ request: RoutePlanRequest; seed: string }>(
    sql`select request, seed from route_plan where id = ${planId} and state = 'planning'`,
  )
  const plan = rows[0]
  if (plan === undefined) return { routes: 0 }
  report(0.05, 'reading')
  const input = await readShiftInput(db, plan.request, now)
  const graph = await readRoadGraph(db)
  report(0.1, 'travel-times')
  const blocks = createTravelBlocks({ graph, osrmUrl })
  const planned = await solveShift(input, blocks, Number(plan.seed), (done) =>
    report(0.2 + 0.7 * done, 'searching'),
  )
  report(0.9, 'writing')
  const routes = describeRoutes(input, planned, graph)
  await inTransaction(db, async (tx) => {
    const { rows: held } = await tx.execute(sql`
      update route_plan set state = 'ready', travel_source = ${planned.source}, finished_at = ${now.toISOString()}
      where id = ${planId} and state = 'planning' returning id`)
    // Cancelled meanwhile: nothing is proposed any more.
    if (held.length > 0) await writeRoutes(tx, planId, input.shift, routes)
  })
  return { routes: routes.length }
}

/** Everything that a plan rests on, from the database. */
export async function readShiftInput(db: Db, request: RoutePlanRequest, now: Date): Promise<ShiftInput> {
  const shift = await readShiftHead(db, request.shiftId)
  if (shift === null) throw new Error('no-shift')
  // One after another: a thread has few connections, and on a busy machine waiting for one is what fails.
  const places = await readShiftPlaces(db, shift, request.pointIds, now)
  const units = await readShiftUnits(db, shift, request.unitIds)
  const block = await readBlock(db, shift.precinctId)
  const history = await readHistory(db, shift)
  const missing = request.fixedPointIds.filter((id) => !places.some((place) => place.id === id))
  if (missing.length > 0) places.push(...(await readShiftPlaces(db, shift, missing, now)))
  return { shift, request, places, units, block, history, startsAt: setOutAt(shift, now) }
}

/** At the start of the shift; in one that has begun, at the next full quarter of an hour. */
function setOutAt(shift: ShiftHead, now: Date): number {
  const since = (now.getTime() - shift.startsAt.getTime()) / 1_000
  return since <= 0 ? 0 : Math.ceil(since / QUARTER) * QUARTER
}

/** The plan itself, from what was read: no database, only travel times. */
export async function solveShift(
  { shift, request, places, units, block, history, startsAt }: ShiftInput,
  blocks: TravelBlocks,
  seed: number,
  report: (done: number) => void = () => undefined,
): Promise<PlannedShift> {
  if (units.length === 0) throw new Error('no-units')
  if (places.length === 0) throw new Error('no-points')
  const fixed = new Set(request.fixedPointIds)
  const weighed = weighPoints(places, request.weights)
  const chosen = places
    .map((place, i) => ({ place, score: weighed[i]?.score ?? 0, required: fixed.has(place.id) }))
    .sort((a, b) => Number(b.required) - Number(a.required) || b.score - a.score || a.place.id - b.place.id)
    .slice(0, MOST_POINTS)
  const points = chosen.map(({ place }) => place)
  const at = new Date((shift.startsAt.getTime() + shift.endsAt.getTime()) / 2)
  const extra: Place[] = shift.station === null ? [] : [shift.station]
  const tables = new Map<TravelMode, Float64Array>()
  let source: TravelSource = 'estimate'
  for (const mode of new Set(units.map((unit) => unit.mode))) {
    const ids = points.map((point) => point.id)
    const table = await blocks.table({ precinctId: shift.precinctId, block, points: ids, extra, mode, at })
    tables.set(mode, table.seconds)
    source = table.source
  }
  const start = shift.station === null ? -1 : points.length
  const index = new Map(points.map((point, i) => [point.id, i]))
  const line = request.line === 'alternate' ? nextLine(history) : request.line
  const problem: ShiftProblem = {
    shiftSeconds: (shift.endsAt.getTime() - shift.startsAt.getTime()) / 1_000,
    points: chosen.map(({ place, score, required }) => ({
      id: place.id,
      score,
      required,
      highRisk: place.priority === 1,
      windows: place.windows,
      beatId: place.beatId,
      wantedSkills: place.wantedSkills,
    })),
    units,
    tables,
    start,
    end: request.closed ? start : -1,
    startsAt,
    goal: request.goal,
    line,
    tolerance: request.tolerancePercent / 100,
    visitSeconds: request.visitSeconds,
    highRiskVisits: request.highRiskVisits,
    gapSeconds: request.gapMinutes * 60,
    forbiddenPairs: request.forbiddenPairs.flatMap(([a = -1, b = -1]) => {
      const [i, j] = [index.get(a), index.get(b)]
      return i === undefined || j === undefined ? [] : [[i, j] as const]
    }),
    alternatives: request.alternatives,
    iterations: request.iterations,
    seed,
    history: history.executions,
  }
  return { routes: planShift(problem, report), line, source, places: points }
}

/** Lines take turns from shift to shift, the first is variable. */
function nextLine({ lastLine }: RouteHistory): 'fixed' | 'variable' {
  return lastLine === 'variable' ? 'fixed' : 'variable'
}

/**
 * Routes with times, lengths and their way on the map, ready to be written.
 * @param ends where they start and where they end; null for anywhere
 */
export function describeRoutes(
  { shift, request, units }: Pick<ShiftInput, 'shift' | 'request' | 'units'>,
  { routes, line, places }: PlannedShift,
  graph: RoadGraph | null,
  ends: { from: Place | null; to: Place | null } = {
    from: shift.station,
    to: request.closed ? shift.station : null,
  },
): RouteToWrite[] {
  const instant = (seconds: number) => new Date(shift.startsAt.getTime() + Math.round(seconds) * 1_000)
  const band = hourBand(new Date((shift.startsAt.getTime() + shift.endsAt.getTime()) / 2))
  return routes.flatMap((route): RouteToWrite[] => {
    const unit = units[route.unit]
    if (unit === undefined || route.stops.length === 0) return []
    const stops = route.stops.flatMap((stop) => {
      const place = places[stop.point]
      return place === undefined ? [] : [{ ...stop, place }]
    })
    const visited = [ends.from, ...stops.map(({ place }) => place), ends.to].flatMap((place) => place ?? [])
    const { legs, meters } = driveWay(graph, visited, { mode: unit.mode, band })
    return [
      {
        id: randomUUID(),
        unitId: unit.id,
        mode: unit.mode,
        alternative: route.alternative,
        line,
        direction: route.direction,
        startsAt: instant(route.startsAt),
        endsAt: instant(route.endsAt),
        travelSeconds: Math.round(route.travelSeconds),
        meters: Math.round(meters),
        score: route.score,
        coverage: route.coverage,
        costRatio: route.costRatio,
        predictability: route.predictability,
        match: route.match,
        legs,
        stops: stops.map(({ place, at, stay, score, required }) => ({
          pointId: place.id,
          arrivesAt: instant(at),
          serviceSeconds: Math.round(stay),
          score,
          fixed: required && request.fixedPointIds.includes(place.id),
        })),
      },
    ]
  })
}
