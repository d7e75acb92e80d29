import { Argument, type Command } from 'commander'
import { importKinds, runImport, type ImportKindName, type ImportResult } from '../import/run-import.ts'
import { resolvePath, withDatabase } from './with-database.ts'
import { readCityKeys, readContactKeys } from './city-keys.ts'

interface ImportFlags {
  dryRun: boolean
  json: boolean
  source: string
  routesPerDistrict?: number
  dataDir?: string
}

/** Exit codes of the command, as its help says. */
const exitCodes = { ok: 0, failed: 1, badRows: 3 }

export function addImport(program: Command): void {
  program
    .command('import')
    .description('import files: always a dry run with a report first, then one transaction')
    .addArgument(new Argument('<kind>', 'what is in them').choices(Object.keys(importKinds)))
    .argument('<file...>', 'CSV or GeoJSON, plain or gzip; roads take edges, nodes and ways together')
    .option('--dry-run', 'only check and count, write nothing', false)
    .option('--json', 'one JSON object on standard output', false)
    .option(
      '--source <name>',
      'name of the register: the same name and id are the same row (incidents: 110, crime, traffic, 1999)',
      '',
    )
    .option('--routes-per-district <count>', 'routes only: the first so many of each district', Number)
    .option('--data-dir <folder>', 'the demonstration city to import into, where DATABASE_URL is not set')
    .addHelpText(
      'after',
      '\nExit codes: 0 all imported, 1 nothing imported, 2 wrong usage, 3 imported, but rows were bad.',
    )
    .action(async (kind: ImportKindName, files: string[], flags: ImportFlags) => {
      process.exitCode = await importFiles(kind, files.map(resolvePath), flags)
    })
}

async function importFiles(kind: ImportKindName, files: string[], flags: ImportFlags): Promise<number> {
  const log = (line: string) => console.error(line)
  try {
    const dataDir = flags.dataDir === undefined ? undefined : resolvePath(flags.dataDir)
    const result = await withDatabase(dataDir === undefined ? {} : { dataDir }, (db) =>
      runImport(db, kind, files, {
        source: flags.source,
        dryRun: flags.dryRun,
        contactKeys: kind === 'contacts' ? readContactKeys(dataDir) : null,
        keyVersion: readCityKeys(dataDir).newestVersion,
        routesPerDistrict: flags.routesPerDistrict,
        log,
      }),
    )
    if (flags.json) console.log(JSON.stringify(result))
    else log(formatResult(result))
    if (result.usable === 0) return exitCodes.failed
    return result.bad.length > 0 ? exitCodes.badRows : exitCodes.ok
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    if (flags.json) console.log(JSON.stringify({ kind, error: message }))
    log(`Nothing was imported: ${message}`)
    return exitCodes.failed
  }
}

export function formatResult({
  dryRun,
  added,
  changed,
  unchanged,
  usable,
  batchId,
  seconds,
}: ImportResult): string {
  if (usable === 0) return 'Nothing was imported: no row is usable.'
  const what = `${added} new, ${changed} changed, ${unchanged} as before (${seconds.toFixed(1)} s)`
  return dryRun ? `Would import: ${what}. Nothing was written.` : `Imported: ${what}, batch ${batchId}.`
}
