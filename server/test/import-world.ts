import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { connect, type Db } from '@patrol/db'
import { seedBase } from '@patrol/db/seed'
import { runImport, type ImportKindName } from '../src/import/run-import.ts'
import { freshDatabase, type FreshDatabase } from './fresh-database.ts'

/** For a file of tests: a city with its organisation only, and files to import. Before each test nothing is imported. */
export function useImports() {
  let fresh: FreshDatabase
  let db: Db
  const folder = mkdtempSync(join(tmpdir(), 'patrol-import-'))

  beforeAll(async () => {
    fresh = await freshDatabase()
    db = connect(fresh.databaseUrl)
    await seedBase(db)
  })
  afterAll(async () => {
    await db.$client.end()
    await fresh.drop()
    rmSync(folder, { recursive: true })
  })
  beforeEach(async () => {
    await db.$client.query(
      'truncate patrol_point, incident, road, patrol_route, outbox, import_batch cascade',
    )
  })

  const query = async <T extends Record<string, unknown>>(text: string, values: unknown[] = []) =>
    (await db.$client.query<T>(text, values)).rows
  return {
    folder,
    /** Known from the first test on. */
    get db() {
      return db
    },
    /** @returns the path of the file with this content, or these lines */
    write(name: string, content: string | Buffer | string[]): string {
      const file = join(folder, name)
      writeFileSync(file, Array.isArray(content) ? content.join('\n') : content)
      return file
    },
    bring: (
      kind: ImportKindName,
      files: string | string[],
      {
        source = 'test',
        dryRun = false,
        routesPerDistrict,
      }: { source?: string; dryRun?: boolean; routesPerDistrict?: number } = {},
    ) => runImport(db, kind, [files].flat(), { source, dryRun, keyVersion: 1, routesPerDistrict }),
    query,
    count: async (from: string) =>
      (await query<{ n: number }>(`select count(*)::int as n from ${from}`))[0]?.n,
  }
}
