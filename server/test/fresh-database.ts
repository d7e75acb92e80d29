import { randomBytes } from 'node:crypto'
import { createDatabase, dropDatabase } from '@patrol/db/services'
import { Redis } from 'ioredis'
import { inject } from 'vitest'

export interface FreshDatabase {
  databaseUrl: string
  redisUrl: string
  /** Before every key and channel, so that test files share one Redis and never meet. */
  redisPrefix: string
  /** Removes both; cuts connections that are still open. */
  drop(): Promise<void>
}

/** An empty, migrated database and a Redis prefix for one test file. */
export async function freshDatabase(): Promise<FreshDatabase> {
  const { databaseUrl, redisUrl, template } = inject('services')
  const unique = randomBytes(6).toString('hex')
  const name = `patrol_test_${process.pid}_${unique}`
  const redisPrefix = `test-${unique}`
  return {
    databaseUrl: await createDatabase({ databaseUrl }, name, { template }),
    redisUrl,
    redisPrefix,
    async drop() {
      await dropDatabase({ databaseUrl }, name)
      await dropKeys(redisUrl, redisPrefix)
    },
  }
}

/** The pid of the test run that made a database of this name, or undefined for other databases. */
export function runnerOf(databaseName: string): number | undefined {
  const pid = /^patrol_test_(\d+)_/.exec(databaseName)?.[1]
  return pid === undefined ? undefined : Number(pid)
}

async function dropKeys(redisUrl: string, prefix: string): Promise<void> {
  const redis = new Redis(redisUrl)
  for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 1_000 })) {
    if (Array.isArray(keys) && keys.length > 0) await redis.unlink(...keys.map(String))
  }
  redis.disconnect()
}
