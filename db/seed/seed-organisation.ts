import type { OpenTx } from '../transaction.ts'
import type { Atlas, AtlasArea } from './atlas.ts'
import { departmentFact, precinctFacts } from './organisation.ts'
import { placeStations } from './place-stations.ts'

/** Districts and villages as the base map. Again changes nothing. */
export async function seedAreas(tx: OpenTx, { districts, villages }: Atlas): Promise<void> {
  const rowOf = (kind: 'district' | 'village') => (area: AtlasArea) => {
    const { code, districtCode, name, nameEn, shape } = area
    return { kind, code, districtCode, name, nameEn, shape }
  }
  const areas = [...districts.map(rowOf('district')), ...villages.map(rowOf('village'))]
  await tx.$client.query(
    `insert into area (code, kind, district_code, name, name_en, shape)
     select code, kind, "districtCode", name, "nameEn", ${asMultiPolygon('st_geomfromgeojson(shape)')}
     from jsonb_to_recordset($1::jsonb)
       as a(code text, kind text, "districtCode" text, name text, "nameEn" text, shape jsonb)
     on conflict (code) do nothing`,
    [JSON.stringify(areas)],
  )
}

/** Simplified shapes cross themselves here and there; PostGIS would refuse to search them. */
const asMultiPolygon = (geometry: string) =>
  `st_multi(st_collectionextract(st_makevalid(st_setsrid(${geometry}, 4326)), 3))`

/** The tree department → precinct → station → beat. Needs the areas. Again changes nothing. */
export async function seedOrganisation(tx: OpenTx, atlas: Atlas): Promise<void> {
  await tx.$client.query(
    `insert into organisation (kind, code, name, name_en) values ('department', $1, $2, $3) on conflict do nothing`,
    [departmentFact.code, departmentFact.name, departmentFact.nameEn],
  )
  await seedPrecincts(tx)
  await seedStations(tx, atlas)
  await seedBeats(tx)
}

async function seedPrecincts(tx: OpenTx): Promise<void> {
  await tx.$client.query(
    `insert into organisation (kind, parent_id, code, name, name_en, area, position)
     select 'precinct', (select id from organisation where kind = 'department' order by id limit 1), p.code, p.name,
       p."nameEn", shape.area, st_pointonsurface(shape.area)
     from jsonb_to_recordset($1::jsonb) as p(code text, name text, "nameEn" text, districts jsonb)
     cross join lateral (
       select ${asMultiPolygon('st_union(shape)')} as area from area
       where kind = 'district' and p.districts ? area.name
     ) shape
     on conflict (code) do nothing`,
    [JSON.stringify(precinctFacts)],
  )
  await tx.$client.query(
    `update organisation set precinct_id = id where kind = 'precinct' and precinct_id is null`,
  )
}

async function seedStations(tx: OpenTx, { villages }: Atlas): Promise<void> {
  const stations = precinctFacts.flatMap((precinct) => {
    const placed = precinct.districts.flatMap((district) => {
      const here = precinct.stations.filter((station) => station.district === district)
      const positions = placeStations(
        here,
        villages.filter((village) => village.district === district),
      )
      return here.map((station, i) => ({ ...station, position: positions[i] ?? [0, 0] }))
    })
    return placed.map(({ name, nameEn, position: [lon, lat] }, i) => ({
      precinct: precinct.code,
      code: `${precinct.code}-S${String(i + 1).padStart(2, '0')}`,
      name,
      nameEn,
      lon,
      lat,
    }))
  })
  await tx.$client.query(
    `insert into organisation (kind, parent_id, precinct_id, code, name, name_en, position)
     select 'station', p.id, p.id, s.code, s.name, s."nameEn", st_setsrid(st_makepoint(lon, lat), 4326)
     from jsonb_to_recordset($1::jsonb)
       as s(precinct text, code text, name text, "nameEn" text, lon float8, lat float8)
     join organisation p on p.code = s.precinct
     on conflict (code) do nothing`,
    [JSON.stringify(stations)],
  )
  await tx.$client.query(
    `update organisation set station_id = id where kind = 'station' and station_id is null`,
  )
}

/** One beat (警勤區) per village, of the nearest station of its precinct: coarser than the real ones, which are not public. */
async function seedBeats(tx: OpenTx): Promise<void> {
  await tx.$client.query(
    `insert into organisation (kind, parent_id, precinct_id, station_id, code, name, name_en, position, area)
     select 'beat', s.id, p.id, s.id, 'B' || v.code, d.name || v.name || '警勤區', coalesce(v.name_en, v.name) || ' beat',
       inner_point, v.shape
     from area v
     join area d on d.kind = 'district' and d.code = v.district_code
     cross join lateral (select st_pointonsurface(v.shape) as inner_point) point
     join organisation p on p.kind = 'precinct' and st_covers(p.area, inner_point)
     cross join lateral (
       select id from organisation where kind = 'station' and precinct_id = p.id order by position <-> inner_point, id limit 1
     ) s
     where v.kind = 'village'
     on conflict (code) do nothing`,
  )
}
