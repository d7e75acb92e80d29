import { createHash } from 'node:crypto'
import type { OpenTx } from '@patrol/db'
import { cellAt } from '../incident/report-incident.ts'
import { tally, writeInChunks, type PlanImport, type Written } from './import-kind.ts'
import { countSkipped } from './report.ts'
import type { Source, SourceRow } from './source-rows.ts'
import { parseInstant, parsePosition } from './values.ts'

interface IncidentItem {
  source: '110' | 'crime' | 'traffic' | '1999'
  external_id: string
  category: string
  subtype: string | null
  priority: number
  occurred_at: string
  lon: number
  lat: number
  address: string | null
  h3: [string, string, string]
}

const unsorted = '未分類'

/**
 * Incidents: hotline cases (id, time, type, subtype …) and traffic accidents (cls, date, time …). Rows with
 * `geocode_flag=suspect` sit on fallback positions and would make false hotspots: they are left out and counted.
 */
export const planIncidents: PlanImport = async (_db, sources, report, { source: given }) => {
  const items: IncidentItem[] = []
  const seen = new Set<string>()
  for (const source of sources) {
    const register = registerOf(given, source)
    for await (const row of source.rows) {
      report.read++
      if (row.get('geocodeFlag').toLowerCase() === 'suspect') {
        countSkipped(report, 'geocode_flag is suspect: the position is a fallback')
        continue
      }
      const item = readIncident(row, register)
      if ('field' in item) {
        report.bad.push({ file: source.file, line: row.line, ...item })
      } else if (seen.has(item.external_id)) {
        report.bad.push({
          file: source.file,
          line: row.line,
          field: 'id',
          reason: `${item.external_id} is there twice`,
        })
      } else {
        seen.add(item.external_id)
        items.push(item)
        if (item.category === unsorted) {
          report.warnings.push({
            file: source.file,
            line: row.line,
            field: 'type',
            reason: `is missing: ${unsorted}`,
          })
        }
      }
    }
  }
  report.usable = items.length
  return async (tx, batchId) => {
    await preparePrecincts(tx)
    return writeInChunks(items, (chunk) => write(tx, chunk, batchId))
  }
}

/** Which register: as said on the command line, else accidents by their own column, else the hotline. */
function registerOf(given: string, source: Source): IncidentItem['source'] {
  if (given === '110' || given === 'crime' || given === 'traffic' || given === '1999') return given
  if (given !== '') throw new Error(`--source of incidents is 110, crime, traffic or 1999, not ${given}.`)
  return source.has('accidentClass') ? 'traffic' : '1999'
}

function readIncident(
  row: SourceRow,
  source: IncidentItem['source'],
): IncidentItem | { field: string; reason: string } {
  const position = parsePosition(row.get('lng'), row.get('lat'))
  if (position === null) {
    return { field: 'lng, lat', reason: `'${row.get('lng')}, ${row.get('lat')}' is no position in Taiwan` }
  }
  const at =
    row.get('date') === '' ? parseInstant(row.get('time')) : parseInstant(row.get('date'), row.get('time'))
  if (at === null)
    return { field: 'time', reason: `'${`${row.get('date')} ${row.get('time')}`.trim()}' is no time` }
  const cls = row.get('accidentClass').toUpperCase()
  // Some cases were never sorted; what happened, happened all the same.
  const sorted = row.get('type') || row.get('category') || row.get('subtype') || unsorted
  const category = cls === '' ? sorted : `交通事故 ${cls}`
  const [lon, lat] = position
  return {
    source,
    external_id: row.get('id') || keyOf(row, at),
    category: category.slice(0, 100),
    subtype: row.get('subtype').slice(0, 100) || null,
    // A1 is fatal, A2 means somebody was hurt; a hotline case can wait.
    priority: cls === 'A1' ? 1 : source === '1999' ? 3 : 2,
    occurred_at: at.toISOString(),
    lon,
    lat,
    address: row.get('address').slice(0, 300) || null,
    h3: [cellAt(lat, lon, 8).toString(), cellAt(lat, lon, 9).toString(), cellAt(lat, lon, 10).toString()],
  }
}

/** A register without ids: what, when and where name the case. */
function keyOf(row: SourceRow, at: Date): string {
  const parts = [
    row.get('accidentClass'),
    at.toISOString(),
    row.get('lng'),
    row.get('lat'),
    row.get('address'),
  ]
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 20)
}

/** Precinct areas in small pieces: 100,000 look-ups in shapes of thousands of corners would take minutes. */
export async function preparePrecincts(tx: OpenTx): Promise<void> {
  await tx.$client.query(
    `create temporary table precinct_piece on commit drop as
       select id, st_subdivide(area, 128) as piece from organisation where kind = 'precinct' and area is not null;
     create index on precinct_piece using gist (piece);
     analyze precinct_piece`,
  )
}

async function write(tx: OpenTx, items: readonly IncidentItem[], batchId: number): Promise<Written> {
  const { rows } = await tx.$client.query<{ added: boolean }>(
    `insert into incident as known (source, external_id, category, subtype, priority, occurred_at, position, address,
       precinct_id, h3_r8, h3_r9, h3_r10, import_batch_id)
     select source, external_id, category, subtype, priority, occurred_at, place, address, precinct.id,
       (h3->>0)::bigint, (h3->>1)::bigint, (h3->>2)::bigint, $2
     from jsonb_to_recordset($1::jsonb) as i(source text, external_id text, category text, subtype text,
       priority smallint, occurred_at timestamptz, lon float8, lat float8, address text, h3 jsonb)
     cross join lateral (select st_setsrid(st_makepoint(lon, lat), 4326) as place) p
     left join lateral (select id from precinct_piece where st_intersects(piece, place) limit 1) precinct on true
     on conflict (source, external_id) do update set category = excluded.category, subtype = excluded.subtype,
       priority = excluded.priority, occurred_at = excluded.occurred_at, position = excluded.position,
       address = excluded.address, precinct_id = excluded.precinct_id, h3_r8 = excluded.h3_r8,
       h3_r9 = excluded.h3_r9, h3_r10 = excluded.h3_r10, import_batch_id = excluded.import_batch_id
     where (known.category, known.subtype, known.occurred_at, known.address) is distinct from
         (excluded.category, excluded.subtype, excluded.occurred_at, excluded.address)
       or not known.position ~= excluded.position
     returning xmax = 0 as added`,
    [JSON.stringify(items), batchId],
  )
  return tally(rows, items.length)
}
