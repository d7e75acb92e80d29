import type { Db, OpenTx } from '@patrol/db'
import { cellAt } from '../incident/report-incident.ts'
import { tally, writeInChunks, type PlanImport, type Written } from './import-kind.ts'
import type { ImportReport } from './report.ts'
import type { SourceRow } from './source-rows.ts'
import { tagImportedPoints } from './tag-points.ts'
import { parseNumber, parsePosition } from './values.ts'

export interface PointItem {
  file: string
  line: number
  code: string
  source_key: string
  name: string
  category: string
  priority: number
  radius: number
  lon: number
  lat: number
  address: string | null
  village: string | null
  precinct: number
  station: number | null
  skills: string[]
  h3: [string, string, string]
}

type Fault = { field: string; reason: string }

/** Names of precincts and stations, as files write them. */
interface Names {
  precincts: Map<string, number>
  /** By precinct and name: two precincts have a 長安派出所. */
  stations: Map<string, number>
}

/**
 * Patrol points: `id, name, category, priority, lng, lat, address, village, precinct, station, skills` (several with `;`
 * between); only id, position and precinct are needed. A point belongs to the precinct that the file names, also where it lies outside its area: that is only told.
 */
export const planPoints: PlanImport = async (db, sources, report, { source, keyVersion }) => {
  const names = await readNames(db)
  const items = new Map<string, PointItem>()
  for (const { file, rows } of sources) {
    for await (const row of rows) {
      report.read++
      const item = readPoint(row, names, source || 'points')
      if ('field' in item) report.bad.push({ file, line: row.line, ...item })
      else if (items.has(item.code)) {
        report.bad.push({ file, line: row.line, field: 'id', reason: `${item.code} is there twice` })
      } else items.set(item.code, { ...item, file, line: row.line })
    }
  }
  await refuseTakenCodes(db, items, report)
  const usable = [...items.values()]
  await warnOfOutsiders(db, usable, report)
  report.usable = usable.length
  return async (tx, batchId) => {
    const written = await writeInChunks(usable, (chunk) => writePoints(tx, chunk, batchId))
    await tagImportedPoints(tx, batchId, keyVersion)
    return written
  }
}

async function readNames(db: Db): Promise<Names> {
  const { rows } = await db.$client.query<{ id: number; kind: string; name: string; precinct_id: number }>(
    `select id, kind, name, precinct_id from organisation where kind in ('precinct', 'station')`,
  )
  return {
    precincts: new Map(
      rows.flatMap((row) => (row.kind === 'precinct' ? [[normalName(row.name), row.id]] : [])),
    ),
    stations: new Map(
      rows.flatMap((row) =>
        row.kind === 'station' ? [[`${row.precinct_id} ${normalName(row.name)}`, row.id]] : [],
      ),
    ),
  }
}

/** 臺南市政府警察局第一分局 and 台南市第一分局 are 第一分局. */
const normalName = (name: string) =>
  name
    .replaceAll('台', '臺')
    .replace(/^臺南市(政府)?(警察局)?/, '')
    .trim()

function readPoint(row: SourceRow, names: Names, source: string): Omit<PointItem, 'file' | 'line'> | Fault {
  const id = row.get('id')
  if (!/^[\p{L}\p{N}_-]{1,40}$/u.test(id)) {
    return {
      field: 'id',
      reason: id === '' ? 'is missing' : `'${id}' is no id: letters, digits, - and _ only`,
    }
  }
  const position = parsePosition(row.get('lng'), row.get('lat'))
  if (position === null) {
    return { field: 'lng, lat', reason: `'${row.get('lng')}, ${row.get('lat')}' is no position in Taiwan` }
  }
  const precinct = names.precincts.get(normalName(row.get('precinct')))
  if (precinct === undefined) {
    return { field: 'precinct', reason: `'${row.get('precinct')}' is no precinct of this city` }
  }
  const stationName = normalName(row.get('station'))
  const station = stationName === '' ? null : names.stations.get(`${precinct} ${stationName}`)
  if (station === undefined) {
    return { field: 'station', reason: `'${row.get('station')}' is no station of ${row.get('precinct')}` }
  }
  const priority = row.get('priority') === '' ? 2 : parseNumber(row.get('priority'))
  if (priority !== 1 && priority !== 2 && priority !== 3) {
    return { field: 'priority', reason: `'${row.get('priority')}' is not 1, 2 or 3` }
  }
  const radius = row.get('radius') === '' ? 50 : parseNumber(row.get('radius'))
  if (radius === null || radius < 5 || radius > 1_000) {
    return { field: 'radius', reason: `'${row.get('radius')}' is not 5 to 1000 metres` }
  }
  const [lon, lat] = position
  const address = row.get('address') || null
  return {
    code: id,
    source_key: `${source}:${id}`,
    name: row.get('name') || nameOf(row, id),
    category: row.get('category') || '未分類',
    priority,
    radius: Math.round(radius),
    lon,
    lat,
    address,
    village: row.get('village') || null,
    precinct,
    station,
    skills: row
      .get('skills')
      .split(/[;；、]/)
      .map((skill) => skill.trim())
      .filter((skill) => skill !== ''),
    h3: [cellAt(lat, lon, 8).toString(), cellAt(lat, lon, 9).toString(), cellAt(lat, lon, 10).toString()],
  }
}

/** A register without names: the address without what everybody knows (city) and nobody says (neighbourhood, 鄰). */
function nameOf(row: SourceRow, id: string): string {
  const street = row
    .get('address')
    .replace(/^(臺|台)南市/, '')
    .replace(row.get('district'), '')
    .replace(row.get('village'), '')
    .replace(/^\d+鄰/, '')
  return `${row.get('district')}${row.get('village')} ${street || id}`.trim()
}

async function refuseTakenCodes(db: Db, items: Map<string, PointItem>, report: ImportReport): Promise<void> {
  const { rows } = await db.$client.query<{ code: string }>(
    `select p.code from patrol_point p join unnest($1::text[], $2::text[]) as i(code, source_key) using (code)
     where p.source_key is distinct from i.source_key`,
    [[...items.keys()], [...items.values()].map((item) => item.source_key)],
  )
  for (const { code } of rows) {
    const item = items.get(code)
    if (item === undefined) continue
    const { file, line } = item
    report.bad.push({ file, line, field: 'id', reason: `${code} is the code of a point of another register` })
    items.delete(code)
  }
}

async function warnOfOutsiders(db: Db, items: readonly PointItem[], report: ImportReport): Promise<void> {
  const { rows } = await db.$client.query<{ nr: number; name: string }>(
    `select nr::int, o.name
     from unnest($1::float8[], $2::float8[], $3::int[]) with ordinality as p(lon, lat, precinct, nr)
     join organisation o on o.id = p.precinct
     where o.area is not null and not st_covers(o.area, st_setsrid(st_makepoint(lon, lat), 4326)) order by nr`,
    [items.map((item) => item.lon), items.map((item) => item.lat), items.map((item) => item.precinct)],
  )
  for (const { nr, name } of rows) {
    const item = items[nr - 1]
    if (item === undefined) continue
    const { file, line } = item
    report.warnings.push({ file, line, field: 'lng, lat', reason: `lies outside the area of ${name}` })
  }
}

/** 守望 at financial institutions is five minutes unless somebody says otherwise; a later import changes nothing about it. */
const usualWatchMinutes = 5

/** Inserts points or brings them up to date, by source key. A point without a station gets its precinct's nearest. */
export async function writePoints(
  tx: OpenTx,
  items: readonly PointItem[],
  batchId: number,
): Promise<Written> {
  const { rows } = await tx.$client.query<{ added: boolean }>(
    `insert into patrol_point as known (code, source_key, name, category, priority, radius_meters, position, address, village,
       precinct_id, station_id, beat_id, h3_r8, h3_r9, h3_r10, wanted_skills, watch_minutes, import_batch_id)
     select code, source_key, name, category, priority, radius, place, address, village, precinct, nearest.id, beat.id,
       (h3->>0)::bigint, (h3->>1)::bigint, (h3->>2)::bigint,
       array(select jsonb_array_elements_text(skills)), case when category in ('bank', '金融機構') then ${usualWatchMinutes} end, $2
     from jsonb_to_recordset($1::jsonb) as i(code text, source_key text, name text, category text, priority smallint,
       radius int, lon float8, lat float8, address text, village text, precinct int, station int, skills jsonb, h3 jsonb)
     cross join lateral (select st_setsrid(st_makepoint(lon, lat), 4326) as place) p
     cross join lateral (
       select id from organisation o
       where o.kind = 'station' and o.precinct_id = i.precinct and (i.station is null or o.id = i.station)
       order by o.position <-> place, id limit 1
     ) nearest
     left join lateral (
       select id from organisation where kind = 'beat' and st_covers(area, place) order by id limit 1
     ) beat on true
     on conflict (source_key) do update set name = excluded.name, category = excluded.category,
       priority = excluded.priority, radius_meters = excluded.radius_meters, position = excluded.position,
       address = excluded.address, village = excluded.village, precinct_id = excluded.precinct_id,
       station_id = excluded.station_id, beat_id = excluded.beat_id, h3_r8 = excluded.h3_r8, h3_r9 = excluded.h3_r9,
       h3_r10 = excluded.h3_r10,
       -- A register that says nothing of skills takes none away.
       wanted_skills = coalesce(nullif(excluded.wanted_skills, '{}'), known.wanted_skills), import_batch_id = excluded.import_batch_id, retired_at = null
     where (known.name, known.category, known.priority, known.radius_meters, known.address, known.village,
         known.precinct_id, known.station_id, known.retired_at)
       is distinct from (excluded.name, excluded.category, excluded.priority, excluded.radius_meters, excluded.address,
         excluded.village, excluded.precinct_id, excluded.station_id, null::timestamptz)
       or not known.position ~= excluded.position
       or excluded.wanted_skills not in ('{}', known.wanted_skills)
     returning xmax = 0 as added`,
    [JSON.stringify(items), batchId],
  )
  return tally(rows, items.length)
}
