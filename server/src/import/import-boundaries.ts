import type { MultiPolygon, Polygon } from 'geojson'
import type { OpenTx } from '@patrol/db'
import { tally, writeInChunks, type PlanImport, type Written } from './import-kind.ts'
import type { SourceRow } from './source-rows.ts'

interface AreaItem {
  kind: 'district' | 'village' | 'precinct'
  /** TOWNCODE, VILLCODE, or the precinct's name. */
  key: string
  district: string
  name: string
  name_en: string | null
  shape: Polygon | MultiPolygon
}

type Fault = { field: string; reason: string }

const asMultiPolygon = `st_multi(st_collectionextract(st_makevalid(st_setsrid(st_geomfromgeojson(shape), 4326)), 3))`

/**
 * Boundaries (GeoJSON polygons): villages by VILLCODE, districts by TOWNCODE, precincts by their name. Inner lines between
 * the districts of a precinct are dissolved.
 */
export const planBoundaries: PlanImport = async (db, sources, report) => {
  const { rows: precincts } = await db.$client.query<{ name: string }>(
    `select name from organisation where kind = 'precinct'`,
  )
  const known = new Set(precincts.map((row) => row.name))
  const items = new Map<string, AreaItem>()
  for (const { file, rows } of sources) {
    for await (const row of rows) {
      report.read++
      const item = readArea(row, known)
      if ('field' in item) report.bad.push({ file, line: row.line, ...item })
      else if (items.has(`${item.kind} ${item.key}`)) {
        report.bad.push({ file, line: row.line, field: 'code', reason: `${item.key} is there twice` })
      } else items.set(`${item.kind} ${item.key}`, item)
    }
  }
  const usable = [...items.values()]
  report.usable = usable.length
  return async (tx, batchId) => {
    const areas = await writeInChunks(
      usable.filter((item) => item.kind !== 'precinct'),
      (chunk) => writeAreas(tx, chunk),
    )
    const organisations = await writePrecincts(
      tx,
      usable.filter((item) => item.kind === 'precinct'),
    )
    void batchId // areas carry no batch: their codes are the Ministry's
    return {
      added: areas.added,
      changed: areas.changed + organisations.changed,
      unchanged: areas.unchanged + organisations.unchanged,
    }
  }
}

function readArea(row: SourceRow, precincts: ReadonlySet<string>): AreaItem | Fault {
  const shape = row.geometry
  if (shape?.type !== 'Polygon' && shape?.type !== 'MultiPolygon') {
    return { field: 'geometry', reason: `${shape?.type ?? 'nothing'} is no area` }
  }
  const [village, town, precinct] = [row.get('villageCode'), row.get('townCode'), row.get('precinct')]
  const common = { district: town, name: row.get('name'), name_en: row.get('nameEn') || null, shape }
  if (village !== '') return { kind: 'village', key: village, ...common }
  if (town !== '') return { kind: 'district', key: town, ...common }
  if (precincts.has(precinct)) return { kind: 'precinct', key: precinct, ...common }
  return precinct === ''
    ? { field: 'VILLCODE, TOWNCODE, precinct', reason: 'one of them must say what area it is' }
    : { field: 'precinct', reason: `'${precinct}' is no precinct of this city` }
}

async function writeAreas(tx: OpenTx, items: readonly AreaItem[]): Promise<Written> {
  const { rows } = await tx.$client.query<{ added: boolean }>(
    `insert into area as known (code, kind, district_code, name, name_en, shape)
     select key, kind, district, name, name_en, ${asMultiPolygon}
     from jsonb_to_recordset($1::jsonb) as i(kind text, key text, district text, name text, name_en text, shape jsonb)
     on conflict (code) do update set name = excluded.name, name_en = coalesce(excluded.name_en, known.name_en),
       shape = excluded.shape
     where known.name <> excluded.name or known.shape::bytea <> excluded.shape::bytea
     returning xmax = 0 as added`,
    [JSON.stringify(items)],
  )
  return tally(rows, items.length)
}

async function writePrecincts(tx: OpenTx, items: readonly AreaItem[]): Promise<Written> {
  const { rowCount } = await tx.$client.query(
    `update organisation o set area = given.dissolved
     from (
       select key, st_multi(st_unaryunion(${asMultiPolygon})) as dissolved
       from jsonb_to_recordset($1::jsonb) as i(key text, shape jsonb)
     ) given
     where o.kind = 'precinct' and o.name = given.key and o.area::bytea is distinct from given.dissolved::bytea`,
    [JSON.stringify(items)],
  )
  const changed = rowCount ?? 0
  return { added: 0, changed, unchanged: items.length - changed }
}
