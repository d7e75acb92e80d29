import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import * as schema from './schema/index.ts'

/** The pool for plain SQL is `db.$client`. */
export type Db = NodePgDatabase<typeof schema> & { $client: pg.Pool }
/** A transaction, or the database itself: what most functions need. */
export type Tx = Pick<Db, 'select' | 'insert' | 'update' | 'delete' | 'execute'>

/**
 * Opens a pool. `max` connections: all roles of one process share it.
 * Bigint columns come as strings from pg; those that fit a number are declared so in the schema.
 */
export function connect(
  databaseUrl: string,
  {
    max = 20,
    name = 'patrol',
    /** Settings of the session, as `-c name=value`. */
    settings = '',
  } = {},
): Db {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max,
    application_name: name,
    ...(settings === '' ? {} : { options: settings }),
    // A lost server must be noticed by the next query, not by TCP's two hours.
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
  })
  // An idle client whose server went away emits here; the pool has already dropped it and the next query opens another.
  pool.on('error', () => undefined)
  // One that is in use emits by itself, beside the query that fails: unheard it would end the process. PostgreSQL restarts.
  pool.on('connect', (client) => client.on('error', () => undefined))
  return drizzle(pool, { schema, casing: 'snake_case' })
}
