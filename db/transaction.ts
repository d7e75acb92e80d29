import { drizzle } from 'drizzle-orm/node-postgres'
import type pg from 'pg'
import type { Db, Tx } from './connect.ts'
import * as schema from './schema/index.ts'

/** A transaction that also takes plain (named, prepared) queries: `tx.$client.query({name, text, values})`. */
export type OpenTx = Tx & { $client: pg.PoolClient }

/** Serialization failure and deadlock: PostgreSQL asks to try again. */
const retryable = new Set(['40001', '40P01'])

/**
 * Runs `work` in a transaction on one connection and commits. Tries again, up to three times, when
 * PostgreSQL gave it up for a deadlock; anything else is thrown after the rollback.
 */
export async function inTransaction<T>(
  db: Db,
  work: (tx: OpenTx) => Promise<T>,
  { begin = 'begin' }: { begin?: string } = {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const client = await db.$client.connect()
    try {
      await client.query(begin)
      const result = await work(openTx(client))
      await client.query('commit')
      client.release()
      return result
    } catch (error) {
      const broken = await client.query('rollback').then(
        () => false,
        () => true,
      )
      client.release(broken)
      const code = error instanceof Error && 'code' in error ? String(error.code) : ''
      if (attempt < 3 && retryable.has(code)) continue
      throw error
    }
  }
}

/** Kept with its pooled connection: building one reads the whole schema, which cost a fifth of a check-in. */
const known = new WeakMap<pg.PoolClient, OpenTx>()

function openTx(client: pg.PoolClient): OpenTx {
  const tx = known.get(client) ?? drizzle(client, { schema, casing: 'snake_case' })
  known.set(client, tx)
  return tx
}
