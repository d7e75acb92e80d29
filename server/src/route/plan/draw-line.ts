import type { PlannedRoute } from '@patrol/contract'
import type { Db } from '@patrol/db'
import { driveLeg } from '../travel-time/drive-leg.ts'
import { readRoadGraph } from '../travel-time/read-road-graph.ts'
import type { Place } from '../travel-time/snap.ts'
import { hourBand } from '../travel-time/speeds.ts'

export type RouteLine = {
  /** One per leg, from stop to stop; the first comes from the station. */
  legs: { line: [lon: number, lat: number][]; onRoad: boolean }[]
}

/** The way of a route on the map: along roads where they are known, else straight from stop to stop. */
export async function drawLine(
  db: Db,
  route: PlannedRoute,
  station: Place | null,
  closed: boolean,
): Promise<RouteLine> {
  const graph = await readRoadGraph(db)
  const ends = station === null ? [] : [station]
  const way: Place[] = [...ends, ...route.stops, ...(closed ? ends : [])]
  const options = { mode: route.mode, band: hourBand(new Date(route.startsAt)) }
  const legs: RouteLine['legs'] = []
  for (let i = 1; i < way.length; i++) {
    const [from, to] = [way[i - 1], way[i]]
    if (from === undefined || to === undefined) continue
    const { line, onRoad } = driveLeg(graph, from, to, options)
    legs.push({ line, onRoad })
    // A gateway answers others between the legs.
    if (i % 8 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  return { legs }
}
