import { sql } from 'drizzle-orm'
import type { RouteMatch } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import type { DrawnLeg } from '../travel-time/drive-way.ts'
import type { TravelMode } from '../travel-time/speeds.ts'
import type { ShiftHead } from './read-shift.ts'

export type StopToWrite = {
  pointId: number
  arrivesAt: Date
  serviceSeconds: number
  score: number
  fixed: boolean
}

export type RouteToWrite = {
  id: string
  unitId: number
  mode: TravelMode
  alternative: number
  line: 'fixed' | 'variable'
  direction: 'forward' | 'reverse'
  startsAt: Date
  endsAt: Date
  travelSeconds: number
  meters: number
  score: number
  coverage: number
  costRatio: number
  predictability: number | null
  match: RouteMatch | null
  /** The way on the map. */
  legs: DrawnLeg[]
  stops: StopToWrite[]
}

/** Writes proposed routes with their stops, in the caller's transaction. */
export async function writeRoutes(
  tx: Tx,
  planId: string,
  { id: shiftId, precinctId, stationId }: Pick<ShiftHead, 'id' | 'precinctId' | 'stationId'>,
  routes: readonly RouteToWrite[],
): Promise<void> {
  await tx.execute(sql`
    insert into planned_route (id, route_plan_id, precinct_id, station_id, shift_id, unit_id, alternative, mode, line,
      direction, starts_at, ends_at, travel_seconds, meters, score, coverage, cost_ratio, predictability, match, legs)
    select r.id, ${planId}::uuid, ${precinctId}::int, ${stationId}::int, ${shiftId}::int, r."unitId", r.alternative, r.mode,
      r.line, r.direction, r."startsAt", r."endsAt", r."travelSeconds", r.meters, r.score, r.coverage, r."costRatio",
      r.predictability, r.match, r.legs
    from jsonb_to_recordset(${JSON.stringify(routes)}::jsonb) as r(id uuid, "unitId" int, alternative smallint, mode text,
      line text, direction text, "startsAt" timestamptz, "endsAt" timestamptz, "travelSeconds" int, meters int, score real,
      coverage real, "costRatio" real, predictability real, match jsonb, legs jsonb)`)
  for (const { id, stops } of routes) await writeStops(tx, id, stops)
}

/** Replaces the stops of a route by these, in their order. */
export async function writeStops(tx: Tx, routeId: string, stops: readonly StopToWrite[]): Promise<void> {
  await tx.execute(sql`delete from planned_stop where planned_route_id = ${routeId}`)
  await tx.execute(sql`
    insert into planned_stop (planned_route_id, sequence, patrol_point_id, arrives_at, service_seconds, score, fixed)
    select ${routeId}::uuid, s.nr, (s.stop->>'pointId')::int, (s.stop->>'arrivesAt')::timestamptz,
      (s.stop->>'serviceSeconds')::int, (s.stop->>'score')::real, (s.stop->>'fixed')::boolean
    from jsonb_array_elements(${JSON.stringify(stops)}::jsonb) with ordinality as s(stop, nr)`)
}
