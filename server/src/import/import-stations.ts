import type { OpenTx } from '@patrol/db'
import type { PlanImport, Written } from './import-kind.ts'
import type { Source, SourceRow } from './source-rows.ts'
import { parsePosition } from './values.ts'

interface StationItem {
  kind: 'precinct' | 'station'
  precinct: string
  name: string
  /** Null where the file names stations without positions. */
  lon: number | null
  lat: number | null
}

type Fault = { field: string; reason: string }

/**
 * Precincts and stations: `precinct, name, kind, lng, lat` (CSV or GeoJSON points), or the tree
 * `{precinct: {stations: [name]}}` as JSON. Known ones get the position; unknown stations of a known precinct are added.
 */
export const planStations: PlanImport = async (db, sources, report) => {
  const { rows: precincts } = await db.$client.query<{ name: string }>(
    `select name from organisation where kind = 'precinct'`,
  )
  const known = new Set(precincts.map((row) => row.name))
  const items = new Map<string, StationItem>()
  for (const source of sources) {
    for await (const { line, item } of readItems(source)) {
      report.read++
      const fault =
        'field' in item
          ? item
          : known.has(item.precinct)
            ? null
            : { field: 'precinct', reason: `'${item.precinct}' is no precinct of this city` }
      if (fault !== null || 'field' in item) {
        report.bad.push({ file: source.file, line, ...(fault ?? { field: '', reason: '' }) })
        continue
      }
      const key = `${item.kind} ${item.precinct} ${item.name}`
      if (items.has(key))
        report.bad.push({ file: source.file, line, field: 'name', reason: `${item.name} is there twice` })
      else items.set(key, item)
    }
  }
  report.usable = items.size
  return (tx) => write(tx, [...items.values()])
}

async function* readItems(source: Source): AsyncGenerator<{ line: number; item: StationItem | Fault }> {
  if (source.format === 'json') yield* readTree(source.document)
  for await (const row of source.rows) yield { line: row.line, item: readStation(row) }
}

/** Entries are counted, since a JSON document has no lines worth naming. */
function* readTree(document: unknown): Generator<{ line: number; item: StationItem | Fault }> {
  let line = 0
  if (typeof document !== 'object' || document === null) return
  for (const [precinct, entry] of Object.entries(document)) {
    yield { line: ++line, item: { kind: 'precinct', precinct, name: precinct, lon: null, lat: null } }
    const stations: unknown = typeof entry === 'object' && entry !== null ? entry.stations : null
    if (!Array.isArray(stations)) {
      yield { line: ++line, item: { field: `${precinct}.stations`, reason: 'is no list of names' } }
      continue
    }
    for (const name of stations) {
      yield { line: ++line, item: { kind: 'station', precinct, name: String(name), lon: null, lat: null } }
    }
  }
}

function readStation(row: SourceRow): StationItem | Fault {
  const [precinct, name] = [row.get('precinct'), row.get('name') || row.get('station')]
  if (name === '') return { field: 'name', reason: 'is missing' }
  const position = parsePosition(row.get('lng'), row.get('lat'))
  if (position === null) {
    return { field: 'lng, lat', reason: `'${row.get('lng')}, ${row.get('lat')}' is no position in Taiwan` }
  }
  const isPrecinct = row.get('kind') === 'precinct' || name === precinct
  return { kind: isPrecinct ? 'precinct' : 'station', precinct, name, lon: position[0], lat: position[1] }
}

async function write(tx: OpenTx, items: readonly StationItem[]): Promise<Written> {
  const json = JSON.stringify(items)
  const { rowCount } = await tx.$client.query(
    `update organisation o set position = place
     from jsonb_to_recordset($1::jsonb) as i(kind text, precinct text, name text, lon float8, lat float8)
     join organisation p on p.kind = 'precinct' and p.name = i.precinct
     cross join lateral (select st_setsrid(st_makepoint(lon, lat), 4326) as place) g
     where o.kind = i.kind and o.precinct_id = p.id and o.name = i.name and place is not null
       and (o.position is null or not o.position ~= place)`,
    [json],
  )
  const changed = rowCount ?? 0
  const { rowCount: made } = await tx.$client.query(
    `insert into organisation (kind, parent_id, precinct_id, code, name, name_en, position)
     select 'station', p.id, p.id, p.code || '-S' || lpad((
         (select count(*) from organisation s where s.precinct_id = p.id and s.kind = 'station')
         + row_number() over (partition by p.id order by i.name))::text, 2, '0'),
       i.name, i.name, coalesce(st_setsrid(st_makepoint(lon, lat), 4326), p.position)
     from jsonb_to_recordset($1::jsonb) as i(kind text, precinct text, name text, lon float8, lat float8)
     join organisation p on p.kind = 'precinct' and p.name = i.precinct
     where i.kind = 'station' and not exists (
       select from organisation o where o.kind = 'station' and o.precinct_id = p.id and o.name = i.name)`,
    [json],
  )
  await tx.$client.query(
    `update organisation set station_id = id where kind = 'station' and station_id is null`,
  )
  const added = made ?? 0
  return { added, changed, unchanged: items.length - added - changed }
}
