import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { connect, migrate, type Db } from '@patrol/db'
import { createDatabase, dropDatabase, startServices } from '@patrol/db/services'
import { Redis } from 'ioredis'

const root = join(import.meta.dirname, '../../../..')

export interface BenchServices {
  db: Db
  databaseUrl: string
  redisUrl: string
  redisPrefix: string
}

/** Does something with an empty, migrated database of its own, and removes it and everything in Redis after. */
export async function withBenchDatabase<T>(
  progress: (line: string) => void,
  work: (services: BenchServices) => Promise<T>,
): Promise<T> {
  const services = await startServices({ dataDir: join(root, '.data/bench'), log: progress })
  const unique = randomBytes(6).toString('hex')
  const name = `patrol_bench_verdicts_${unique}`
  const redisPrefix = `bench-${unique}`
  try {
    const databaseUrl = await createDatabase(services, name)
    await migrate(databaseUrl)
    const db = connect(databaseUrl, { name: 'bench' })
    try {
      return await work({ db, databaseUrl, redisUrl: services.redisUrl, redisPrefix })
    } finally {
      await db.$client.end()
      await dropDatabase(services, name)
      await dropKeys(services.redisUrl, redisPrefix)
    }
  } finally {
    await services.stop()
  }
}

/** What BullMQ left in a Redis that may be somebody else's. */
async function dropKeys(redisUrl: string, prefix: string): Promise<void> {
  const redis = new Redis(redisUrl)
  for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 1_000 })) {
    if (Array.isArray(keys) && keys.length > 0) await redis.unlink(...keys.map(String))
  }
  redis.disconnect()
}
