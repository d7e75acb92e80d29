import { drizzle } from 'drizzle-orm/node-postgres'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { migrate as runMigrations } from 'drizzle-orm/node-postgres/migrator'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import pg from 'pg'
import type { Db } from './connect.ts'

/** Any number that no other use of advisory locks takes: the letters PTRL. */
const MIGRATION_LOCK = 0x5054_524c

/** Found by its package, since the bundled server holds this file in another place. */
const migrationsFolder = join(
  createRequire(import.meta.url).resolve('@patrol/db/migrations/meta/_journal.json'),
  '../..',
)

/**
 * Brings a database to the newest schema; nothing happens when it is there. Several processes may call it at once: they queue.
 * Throws when the user may not create the extension postgis.
 */
export async function migrate(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'patrol-migrate' })
  await client.connect()
  try {
    // Held by the session, so the connection's end frees it also when this process dies.
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK])
    // `if not exists` says so as a notice each time; nobody needs to read it.
    await client.query('set client_min_messages = warning')
    await client.query('create extension if not exists postgis')
    await runMigrations(drizzle(client), { migrationsFolder })
  } finally {
    await client.end()
  }
}

/** How many migrations this program brings that the database has not had yet. Throws when it never had any. */
export async function pendingMigrations(db: Pick<Db, '$client'>): Promise<number> {
  const { rows } = await db.$client.query<{ applied: number }>(
    'select count(*)::int as applied from drizzle.__drizzle_migrations',
  )
  return Math.max(0, readMigrationFiles({ migrationsFolder }).length - (rows[0]?.applied ?? 0))
}
