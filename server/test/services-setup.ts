import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { migrate } from '@patrol/db'
import { createDatabase, startServices } from '@patrol/db/services'
import type { TestProject } from 'vitest/node'
import { dropLeftDatabases } from './drop-left-databases.ts'

const root = join(import.meta.dirname, '../..')

declare module 'vitest' {
  interface ProvidedContext {
    /** Addresses of the servers, and the migrated database that each test file copies. */
    services: { databaseUrl: string; redisUrl: string; template: string }
  }
}

/** Before all tests that need them: PostgreSQL and Redis, and one migrated database. Returns what to do after all. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const services = await startServices({
    dataDir: join(root, '.data/test'),
    log: (line) => console.error(line),
    durable: false,
  })
  const template = `patrol_template_${hashMigrations()}`
  // On servers that are not ours alone, nobody else's databases are touched.
  if (services.kind === 'local') await dropLeftDatabases(services.databaseUrl, template)
  await migrate(await createDatabase(services, template))
  project.provide('services', { databaseUrl: services.databaseUrl, redisUrl: services.redisUrl, template })
  return () => services.stop()
}

/** Other migrations, another template: a changed schema is never tested on an old copy. */
function hashMigrations(): string {
  const folder = join(root, 'db/migrations')
  const hash = createHash('sha256')
  for (const name of readdirSync(folder)
    .filter((each) => each.endsWith('.sql'))
    .sort()) {
    hash.update(name).update(readFileSync(join(folder, name)))
  }
  return hash.digest('hex').slice(0, 12)
}
