import { sql, type SQL } from 'drizzle-orm'
import type { RouteLines } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { routeVersion } from '../../organisation/route-version.ts'

interface LineRow extends Record<string, unknown> {
  id: string
  version: string
  legs: RouteLines['legs'] | null
  places: [lon: number, lat: number][]
}

type NamedLines = RouteLines & { id: string; version: string }

/**
 * The ways of routes on the map, as they were worked out together with their travel times: nothing is searched here. Of a route
 * from before ways were kept it is the straight line from stop to stop. `where` speaks of `r`, the planned_route.
 */
export async function listRouteLines(tx: Tx, where: SQL): Promise<NamedLines[]> {
  const { rows } = await tx.execute<LineRow>(sql`
    select r.id, ${routeVersion(sql`r.id`)} as version, r.legs, case when r.legs is null then (
        select jsonb_agg(jsonb_build_array(st_x(p.position), st_y(p.position)) order by s.sequence)
        from planned_stop s join patrol_point p on p.id = s.patrol_point_id where s.planned_route_id = r.id
      ) else '[]' end as places
    from planned_route r where ${where} order by r.id`)
  return rows.map(({ id, version, legs, places }) => ({ id, version, legs: legs ?? straightLegs(places) }))
}

const straightLegs = (places: LineRow['places']): RouteLines['legs'] =>
  places.slice(1).map((to, i) => ({ line: [places[i] ?? to, to], onRoad: false }))
