import { cellToLatLng, polygonToCells } from 'h3-js'
import type { MultiPolygon, Point } from 'geojson'
import { inTransaction, type Db } from '@patrol/db'
import { storedCell } from './cell-index.ts'

/** Cells of about 0.1 km²: a block or two, what a patrol can be present in. */
export const studyResolution = 9

interface PrecinctRow {
  id: number
  area: string
  stations: { id: number; position: Point }[]
}

/**
 * Lists all H3 cells whose centre lies in a precinct, each with the nearest station of that precinct. What did not change is
 * not written. @returns how many cells the study area has; 0 while no precinct has an area
 */
export async function refreshStudyArea(db: Db): Promise<number> {
  const { rows } = await db.$client.query<PrecinctRow>(`
    select p.id, st_asgeojson(p.area) as area, coalesce((
        select json_agg(json_build_object('id', s.id, 'position', st_asgeojson(s.position)::json) order by s.id)
        from organisation s where s.kind = 'station' and s.precinct_id = p.id and s.position is not null
      ), '[]') as stations
    from organisation p where p.kind = 'precinct' and p.area is not null order by p.id`)
  const cells = new Map<string, { precinctId: number; stationId: number | null; lon: number; lat: number }>()
  for (const { id, area, stations } of rows) {
    for (const cell of listCells(JSON.parse(area))) {
      const [lat, lon] = cellToLatLng(cell)
      // Drawn twice, a border belongs to the precinct listed first.
      if (!cells.has(cell)) {
        cells.set(cell, { precinctId: id, stationId: findNearest(stations, lon, lat), lon, lat })
      }
    }
  }
  const list = [...cells].sort(([a], [b]) => (a < b ? -1 : 1))
  const columns = [
    list.map(([cell]) => storedCell(cell)),
    list.map(([, { precinctId }]) => precinctId),
    list.map(([, { stationId }]) => stationId),
    list.map(([, { lon }]) => lon),
    list.map(([, { lat }]) => lat),
  ]
  await inTransaction(db, async (tx) => {
    await tx.$client.query('delete from study_cell where not cell = any($1::bigint[])', [columns[0]])
    await tx.$client.query(
      `insert into study_cell as known (cell, precinct_id, station_id, lon, lat)
       select * from unnest($1::bigint[], $2::int[], $3::int[], $4::float8[], $5::float8[])
       on conflict (cell) do update set precinct_id = excluded.precinct_id, station_id = excluded.station_id
       where (known.precinct_id, known.station_id) is distinct from (excluded.precinct_id, excluded.station_id)`,
      columns,
    )
  })
  return list.length
}

function listCells(area: MultiPolygon): string[] {
  return area.coordinates.flatMap((polygon) => polygonToCells(polygon, studyResolution, true))
}

/** By the angle on the map: within a precinct the order of distances is the same. */
function findNearest(stations: PrecinctRow['stations'], lon: number, lat: number): number | null {
  const squeeze = Math.cos((lat * Math.PI) / 180)
  let best: { id: number; distance: number } | null = null
  for (const { id, position } of stations) {
    const [x = 0, y = 0] = position.coordinates
    const distance = Math.hypot((x - lon) * squeeze, y - lat)
    if (best === null || distance < best.distance) best = { id, distance }
  }
  return best?.id ?? null
}
