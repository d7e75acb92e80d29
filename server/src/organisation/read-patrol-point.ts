import type { PatrolPoint } from '@patrol/contract'

/** A patrol point as read by SQL: `lon`, `lat` are `st_x`, `st_y` of its position. */
export interface PatrolPointRow extends Record<string, unknown> {
  id: number
  code: string
  name: string
  category: string
  priority: number
  lon: number
  lat: number
  radius_meters: number
  address: string | null
  village: string | null
  precinct_id: number
  station_id: number
  temporary: boolean
  synthetic: boolean
}

export function readPatrolPoint(row: PatrolPointRow): PatrolPoint {
  return {
    id: row.id,
    code: row.code,
    name: row.name,
    category: row.category,
    priority: row.priority,
    lon: row.lon,
    lat: row.lat,
    radiusMeters: row.radius_meters,
    address: row.address,
    village: row.village,
    precinctId: row.precinct_id,
    stationId: row.station_id,
    temporary: row.temporary,
    synthetic: row.synthetic,
  }
}
