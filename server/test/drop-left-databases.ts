import { dropDatabase } from '@patrol/db/services'
import pg from 'pg'
import { runnerOf } from './fresh-database.ts'

/** Removes templates of older migrations, and databases of test runs that died. */
export async function dropLeftDatabases(databaseUrl: string, template: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  const { rows } = await client.query<{ datname: string }>('select datname from pg_database')
  await client.end()
  for (const { datname } of rows) {
    const runner = runnerOf(datname)
    const left = runner === undefined ? isOldTemplate(datname, template) : !isAlive(runner)
    if (left) await dropDatabase({ databaseUrl }, datname)
  }
}

function isOldTemplate(name: string, template: string): boolean {
  return name.startsWith('patrol_template_') && name !== template
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
