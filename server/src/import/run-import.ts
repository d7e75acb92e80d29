import { basename } from 'node:path'
import { inTransaction, type Db } from '@patrol/db'
import { appendEvents } from '../realtime/append-events.ts'
import { planBoundaries } from './import-boundaries.ts'
import { NoContactKeys, planContacts } from './import-contacts.ts'
import { planIncidents } from './import-incidents.ts'
import type { ImportOptions, PlanImport, Written } from './import-kind.ts'
import { planPoints } from './import-points.ts'
import { planRoads } from './import-roads.ts'
import { planRoutes } from './import-routes.ts'
import { planStations } from './import-stations.ts'
import { emptyReport, formatReport, type ImportReport } from './report.ts'
import { openSource, type Source } from './source-rows.ts'

export const importKinds = {
  points: planPoints,
  incidents: planIncidents,
  roads: planRoads,
  routes: planRoutes,
  boundaries: planBoundaries,
  stations: planStations,
  contacts: planContacts,
} as const satisfies Record<string, PlanImport>
export type ImportKindName = keyof typeof importKinds

export interface ImportResult extends ImportReport, Written {
  kind: ImportKindName
  files: string[]
  dryRun: boolean
  /** Null where nothing was written. */
  batchId: number | null
  seconds: number
}

/** Of the bad rows, so many are kept with the batch; the report has them all. */
const badRowsKept = 1_000

/**
 * Imports files of one kind: first reads and checks them all without writing, then writes the usable rows, the
 * `import_batch` and one `city:changed` event in ONE transaction. A dry run does the same and rolls back, so that its counts
 * are true. Nothing is written when no row is usable. Throws when a file cannot be read, or when the database refuses.
 */
export async function runImport(
  db: Db,
  kind: ImportKindName,
  files: readonly string[],
  options: ImportOptions & { dryRun: boolean; log?: (line: string) => void },
): Promise<ImportResult> {
  const { dryRun, log = () => undefined } = options
  const started = performance.now()
  const report = emptyReport()
  const names = files.map((file) => nameOf(kind, file))
  log(`Checking ${names.join(', ')} …`)
  const write = await readFiles(kind, files, (sources) => importKinds[kind](db, sources, report, options))
  log(`Dry run of ${kind}:\n${formatReport(report)}`)

  const written =
    report.usable === 0
      ? { added: 0, changed: 0, unchanged: 0, batchId: null }
      : await writeBatch(db, kind, names, report, dryRun, write)
  const seconds = Math.round(performance.now() - started) / 1_000
  return { kind, files: names, dryRun, ...report, ...written, seconds }
}

/** Not even the name of a file about persons is kept: it may be one of theirs. */
const nameOf = (kind: ImportKindName, file: string) => (kind === 'contacts' ? 'contacts' : basename(file))

async function readFiles<T>(
  kind: ImportKindName,
  files: readonly string[],
  plan: (sources: Source[]) => Promise<T>,
): Promise<T> {
  try {
    const sources = []
    for (const file of files) sources.push({ ...(await openSource(file)), file: nameOf(kind, file) })
    return await plan(sources)
  } catch (error) {
    // A parser quotes what it could not read.
    if (kind === 'contacts' && !(error instanceof NoContactKeys)) {
      throw new Error('The contacts cannot be read: not a CSV whose first line names the columns.', {
        cause: null,
      })
    }
    throw error
  }
}

/** Thrown to roll a dry run back. */
class DryRunDone extends Error {}

async function writeBatch(
  db: Db,
  kind: ImportKindName,
  names: readonly string[],
  report: ImportReport,
  dryRun: boolean,
  write: Awaited<ReturnType<PlanImport>>,
): Promise<Written & { batchId: number | null }> {
  let result: Written = { added: 0, changed: 0, unchanged: 0 }
  try {
    const batchId = await inTransaction(db, async (tx) => {
      const batch = await tx.$client.query<{ id: number; now: Date }>(
        `insert into import_batch (kind, file_name, rows_read, rows_written, bad_rows)
         values ($1, $2, $3, 0, $4) returning id, city_now() as now`,
        [kind, names.join(', '), report.read, JSON.stringify(report.bad.slice(0, badRowsKept))],
      )
      const row = batch.rows[0]
      if (row === undefined) throw new Error('No import batch was made.')
      result = await write(tx, row.id)
      const rowsWritten = result.added + result.changed
      await tx.$client.query('update import_batch set rows_written = $2 where id = $1', [row.id, rowsWritten])
      if (dryRun) throw new DryRunDone()
      // No screen shows contacts, and no event tells of them.
      if (rowsWritten > 0 && kind !== 'contacts') {
        await appendEvents(tx, row.now, [
          { type: 'city:changed', precinctId: null, stationId: null, data: { what: `import:${kind}` } },
        ])
      }
      return row.id
    })
    return { ...result, batchId }
  } catch (error) {
    if (error instanceof DryRunDone) return { ...result, batchId: null }
    throw error
  }
}
