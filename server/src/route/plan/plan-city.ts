/**
 * Plans the shifts of all stations that begin at one time, one station after the other: the evening of a precinct or of the
 * whole city. Each station's plan is an ordinary one, which its duty officer opens, changes and assigns.
 */
import { createHash } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { CityPlanInput, CityPlanResult, RoutePlanRequest } from '@patrol/contract'
import { inTransaction, type Db } from '@patrol/db'
import { createTravelBlocks } from '../travel-time/travel-blocks.ts'
import { readRoadGraph } from '../travel-time/read-road-graph.ts'
import { describeRoutes, readShiftInput, solveShift } from './plan-routes.ts'
import { writeRoutes, type RouteToWrite } from './write-routes.ts'

export type CityPlanContext = {
  now: Date
  osrmUrl: string
  seed: number
  requestedBy: number
  report(done: number, note: string): void
}

type ShiftRow = { id: number; precinct_id: number; station_id: number; units: number }

/**
 * Every station's plan is written as soon as it is made; begun again, those that are there stay. A station that cannot be
 * planned is told of and holds nobody up.
 * @throws Error `no-shift` where no shift with units begins then
 */
export async function planCity(
  db: Db,
  { startsAt, precinctId, settings }: CityPlanInput,
  { now, osrmUrl, seed, requestedBy, report }: CityPlanContext,
): Promise<CityPlanResult> {
  const begun = performance.now()
  const shifts = await readShifts(db, startsAt, precinctId)
  if (shifts.length === 0) throw new Error('no-shift')
  const graph = await readRoadGraph(db)
  const blocks = createTravelBlocks({ graph, osrmUrl })
  const all = shifts.reduce((sum, shift) => sum + shift.units, 0)
  const stations: CityPlanResult['stations'] = []
  let done = 0
  for (const [nr, shift] of shifts.entries()) {
    report(done / all, `${nr}/${shifts.length}`)
    const name = { precinctId: shift.precinct_id, stationId: shift.station_id, shiftId: shift.id }
    const planId = planIdOf(shift.id, seed, now)
    const request: RoutePlanRequest = {
      ...settings,
      id: planId,
      shiftId: shift.id,
      unitIds: [],
      goal: 'best-score',
      pointIds: [],
      fixedPointIds: [],
      forbiddenPairs: [],
      alternatives: 1,
    }
    try {
      const input = await readShiftInput(db, request, now)
      // Other stations of the precinct have points of their own: what is kept of one serves no other.
      const planned = await solveShift({ ...input, block: input.places }, blocks, seed + shift.id, (part) =>
        report((done + part * shift.units) / all, `${nr}/${shifts.length}`),
      )
      const routes = describeRoutes(input, planned, graph)
      await inTransaction(db, async (tx) => {
        const made = await tx.execute(sql`
          insert into route_plan (id, precinct_id, station_id, shift_id, request, seed, state, travel_source, requested_by,
            requested_at, finished_at)
          values (${planId}, ${shift.precinct_id}, ${shift.station_id}, ${shift.id}, ${JSON.stringify(request)}::jsonb,
            ${seed + shift.id}, 'ready', ${planned.source}, ${requestedBy}, ${now.toISOString()}, city_now())
          on conflict (id) do nothing returning id`)
        if (made.rows.length > 0) await writeRoutes(tx, planId, input.shift, routes)
      })
      stations.push({ ...name, planId, problem: null, ...sumUp(routes) })
    } catch (error) {
      const problem = error instanceof Error ? error.message : ''
      if (problem !== 'no-units' && problem !== 'no-points') throw error
      stations.push({ ...name, planId: null, problem, ...sumUp([]) })
    }
    done += shift.units
  }
  report(1, `${shifts.length}/${shifts.length}`)
  return {
    startsAt,
    precinctId,
    units: stations.reduce((sum, station) => sum + station.units, 0),
    precincts: new Set(stations.map((station) => station.precinctId)).size,
    seconds: (performance.now() - begun) / 1_000,
    stations,
  }
}

async function readShifts(db: Db, startsAt: string, precinctId: number | null): Promise<ShiftRow[]> {
  const { rows } = await db.execute<ShiftRow & Record<string, unknown>>(sql`
    select s.id, s.precinct_id, s.station_id, count(*)::int as units
    from shift s join unit u on u.shift_id = s.id and u.duty_type = 'patrol'
    where s.starts_at = ${startsAt} and (${precinctId}::int is null or s.precinct_id = ${precinctId})
    group by s.id order by s.precinct_id, s.station_id, s.id`)
  return rows
}

/** The same job names its plans alike when it is begun again. */
function planIdOf(shiftId: number, seed: number, now: Date): string {
  const hex = createHash('sha256').update(`${shiftId} ${seed} ${now.toISOString()}`).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

function sumUp(routes: readonly RouteToWrite[]) {
  return {
    units: routes.length,
    stops: routes.reduce((sum, route) => sum + route.stops.length, 0),
    travelSeconds: routes.reduce((sum, route) => sum + route.travelSeconds, 0),
    coverage: Math.min(
      1,
      routes.reduce((sum, route) => sum + route.coverage, 0),
    ),
  }
}
