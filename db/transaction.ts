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
 * @param begin SQL that begins it; `work` gets the rows of its last statement
 * @param prepare SQL that a connection has to have run once before that
 */
export async function inTransaction<T>(
  db: Db,
  work: (tx: OpenTx, begun: unknown[]) => Promise<T>,
  { begin = 'begin', prepare }: { begin?: string; prepare?: string } = {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const client = await db.$client.connect()
    try {
      const tx = openTx(client)
      if (prepare !== undefined) await prepareOnce(tx, prepare)
      const result = await work(tx, lastRows(await client.query(begin)))
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

const prepared = new WeakMap<OpenTx, Set<string>>()

/** Runs SQL that prepares a statement, once on each connection. */
export async function prepareOnce(tx: OpenTx, sql: string): Promise<void> {
  const done = prepared.get(tx) ?? new Set()
  if (done.has(sql)) return
  await tx.$client.query(sql)
  prepared.set(tx, done.add(sql))
}

/** The rows of the last of several statements: pg gives an array of results for those, which its types do not tell. */
export function lastRows(result: pg.QueryResult | pg.QueryResult[]): unknown[] {
  return (Array.isArray(result) ? result.at(-1)?.rows : result.rows) ?? []
}

/** Kept with its pooled connection: building one reads the whole schema, which cost a fifth of a check-in. */
const known = new WeakMap<pg.PoolClient, OpenTx>()

function openTx(client: pg.PoolClient): OpenTx {
  const tx = known.get(client) ?? drizzle(client, { schema, casing: 'snake_case' })
  known.set(client, tx)
  return tx
}
