import type { Incident } from '@patrol/contract'

/** An incident as read by SQL: `lon`, `lat` are `st_x`, `st_y` of its position. */
export interface IncidentRow extends Record<string, unknown> {
  id: string | number
  source: Incident['source']
  category: string
  subtype: string | null
  priority: number
  status: Incident['status']
  occurred_at: Date
  lon: number
  lat: number
  address: string | null
  precinct_id: number | null
  station_id: number | null
}

export function readIncident(row: IncidentRow): Incident {
  return {
    id: Number(row.id),
    source: row.source,
    category: row.category,
    subtype: row.subtype,
    priority: row.priority,
    status: row.status,
    occurredAt: new Date(row.occurred_at).toISOString(),
    lon: row.lon,
    lat: row.lat,
    address: row.address,
    precinctId: row.precinct_id,
    stationId: row.station_id,
  }
}
