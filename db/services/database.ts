import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

/** Whether a client can log in now. Throws when waiting cannot help: a wrong password, no such user or database. */
export async function canLogIn(databaseUrl: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 2_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('select 1')
    return true
  } catch (error) {
    // 57P03: it is starting up or shutting down. Others with a code of five characters are the server's real refusal.
    if (error instanceof pg.DatabaseError && error.code !== '57P03' && error.code !== '57P01') throw error
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}

/**
 * Makes a database and resolves with its address. With `template` it starts as a copy of that database, to which nobody may be
 * connected. One of that name is left as it is. Needs a user who may create databases.
 */
export async function createDatabase(
  services: { databaseUrl: string },
  name: string,
  { template }: { template?: string } = {},
): Promise<string> {
  const copy = template === undefined ? '' : ` template ${pg.escapeIdentifier(template)}`
  await runRetrying(services.databaseUrl, `create database ${pg.escapeIdentifier(name)}${copy}`)
  return urlOfDatabase(services.databaseUrl, name)
}

/** Removes a database, and cuts those who are connected to it. */
export async function dropDatabase(services: { databaseUrl: string }, name: string): Promise<void> {
  await runRetrying(services.databaseUrl, `drop database if exists ${pg.escapeIdentifier(name)} with (force)`)
}

/** The same server and user, another database. */
export function urlOfDatabase(databaseUrl: string, name: string): string {
  const url = new URL(databaseUrl)
  url.pathname = `/${encodeURIComponent(name)}`
  return url.href
}

/** 55006: somebody is still connected to the template, such as the pool that has just migrated it. */
async function runRetrying(databaseUrl: string, statement: string, tries = 50): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    for (let left = tries; ; left--) {
      const refusal = await client.query(statement).then(
        () => undefined,
        (error: unknown) => error,
      )
      if (refusal === undefined) return
      const code = refusal instanceof pg.DatabaseError ? refusal.code : undefined
      if (code === DUPLICATE_DATABASE) return
      if (code !== OBJECT_IN_USE || left === 0) throw refusal
      await sleep(100)
    }
  } finally {
    await client.end()
  }
}

const DUPLICATE_DATABASE = '42P04'
const OBJECT_IN_USE = '55006'
