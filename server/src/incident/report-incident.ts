import { latLngToCell } from 'h3-js'
import { sql } from 'drizzle-orm'
import type { Incident, IncidentReport } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { appendEvents } from '../realtime/append-events.ts'
import { readIncident, type IncidentRow } from './read-incident.ts'

/** An H3 cell of a position as PostgreSQL's signed bigint. */
export function cellAt(lat: number, lon: number, resolution: number): bigint {
  return BigInt.asIntN(64, BigInt(`0x${latLngToCell(lat, lon, resolution)}`))
}

/** Takes in one live incident, such as a 110 call, with its event. A repeat of source and externalId changes nothing. */
export async function reportIncident(tx: Tx, report: IncidentReport, now: Date): Promise<Incident> {
  const { lon, lat } = report
  const cells = [8, 9, 10].map((resolution) => cellAt(lat, lon, resolution).toString())
  const added = await tx.execute<IncidentRow>(sql`
    insert into incident (source, external_id, category, subtype, priority, occurred_at, position, address,
      precinct_id, h3_r8, h3_r9, h3_r10, status, received_at)
    values (${report.source}, ${report.externalId}, ${report.category}, ${report.subtype ?? null},
      ${report.priority ?? 2}, ${report.occurredAt}, st_setsrid(st_makepoint(${lon}, ${lat}), 4326),
      ${report.address ?? null},
      (select id from organisation where kind = 'precinct'
        and st_covers(area, st_setsrid(st_makepoint(${lon}, ${lat}), 4326)) limit 1),
      ${cells[0]}, ${cells[1]}, ${cells[2]}, 'open', ${now.toISOString()})
    on conflict (source, external_id) do nothing
    returning id, source, category, subtype, priority, status, occurred_at, st_x(position) as lon,
      st_y(position) as lat, address, precinct_id, station_id`)
  const row = added.rows[0]
  if (row === undefined) return knownIncident(tx, report)
  const data = readIncident(row)
  await appendEvents(tx, now, [
    { type: 'incident:reported', precinctId: data.precinctId, stationId: data.stationId, data },
  ])
  return data
}

async function knownIncident(tx: Tx, { source, externalId }: IncidentReport): Promise<Incident> {
  const { rows } = await tx.execute<IncidentRow>(sql`
    select id, source, category, subtype, priority, status, occurred_at, st_x(position) as lon,
      st_y(position) as lat, address, precinct_id, station_id
    from incident where source = ${source} and external_id = ${externalId}`)
  const row = rows[0]
  if (row === undefined) throw new Error('An incident is neither new nor known.')
  return readIncident(row)
}
