import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { connect, migrate, type Db } from '@patrol/db'
import { startServices } from '@patrol/db/services'

const root = join(import.meta.dirname, '../../..')

/** A path as typed: npm runs us in the repository, not in the user's folder. */
export const resolvePath = (path: string): string => resolve(process.env['INIT_CWD'] ?? process.cwd(), path)

/** The folder of the demonstration city, unless another is named. */
export const defaultDataDir = join(root, '.data/demo')

/** Settings of `.env` in the repository, where there is one; what the environment says comes first. */
export function loadEnvFile(): void {
  const file = join(root, '.env')
  if (existsSync(file)) process.loadEnvFile(file)
}

/**
 * Does something with the database of DATABASE_URL, or else with that of the demonstration city in `dataDir`, whose servers
 * are started when they are down. Closes everything after.
 */
export async function withDatabase<T>(
  { dataDir = defaultDataDir }: { dataDir?: string },
  work: (db: Db, urls: { databaseUrl: string; redisUrl: string }) => Promise<T>,
): Promise<T> {
  loadEnvFile()
  const services = await startServices({ dataDir, log: (line) => console.error(line) })
  try {
    await migrate(services.databaseUrl)
    const db = connect(services.databaseUrl, { max: 4, name: 'patrol cli' })
    try {
      return await work(db, services)
    } finally {
      await db.$client.end()
    }
  } finally {
    await services.stop()
  }
}
