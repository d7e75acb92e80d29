import { latLngToCell } from 'h3-js'
import type { OpenTx } from '../../transaction.ts'
import { planIncidents, type Anchor } from './plan-incidents.ts'

const perStatement = 5_000

/** Writes the made-up year of incidents, each marked so. Nothing where incidents are on record. Returns how many. */
export async function seedIncidents(tx: OpenTx, now: Date): Promise<number> {
  const { rows: known } = await tx.$client.query('select from incident limit 1')
  if (known.length > 0) return 0
  const { rows: anchors } = await tx.$client.query<Anchor>(
    `select st_x(position) as lon, st_y(position) as lat, substring(name from '^\\S+[里村]') as village, precinct_id as "precinctId", station_id as "stationId"
     from patrol_point where retired_at is null order by code`,
  )
  const planned = planIncidents(anchors, now).map((incident, nth) => ({
    ...incident,
    externalId: `demo-${nth}`,
    cells: [8, 9, 10].map((resolution) => cellOf(incident.lat, incident.lon, resolution)),
  }))
  for (let from = 0; from < planned.length; from += perStatement) {
    await tx.$client.query(
      `insert into incident (source, external_id, category, priority, occurred_at, position, address, precinct_id, station_id,
         h3_r8, h3_r9, h3_r10, status, details, received_at)
       select source, "externalId", category, priority, "occurredAt", st_setsrid(st_makepoint(lon, lat), 4326),
         village, "precinctId", "stationId", cells[1], cells[2], cells[3], 'closed', '{"synthetic": true}', "occurredAt"
       from jsonb_to_recordset($1::jsonb) as i(source text, "externalId" text, category text, priority smallint,
         "occurredAt" timestamptz, lon float8, lat float8, village text, "precinctId" int, "stationId" int, cells bigint[])`,
      [JSON.stringify(planned.slice(from, from + perStatement))],
    )
  }
  return planned.length
}

/** As PostgreSQL's signed bigint, in digits: more than a number of JSON holds. */
const cellOf = (lat: number, lon: number, resolution: number) =>
  BigInt.asIntN(64, BigInt(`0x${latLngToCell(lat, lon, resolution)}`)).toString()
