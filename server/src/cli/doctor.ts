import type { Command } from 'commander'
import { Redis } from 'ioredis'
import { connect, pendingMigrations, type Db } from '@patrol/db'
import { startServices } from '@patrol/db/services'
import { readCityKeys } from './city-keys.ts'
import { defaultDataDir, loadEnvFile, resolvePath } from './with-database.ts'

interface Finding {
  what: string
  ok: boolean
  says: string
}

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('look at database, migrations, Redis, keys and data, and say what is wrong')
    .option('--json', 'one JSON object on standard output', false)
    .option('--data-dir <folder>', 'the demonstration city, where DATABASE_URL is not set', defaultDataDir)
    .action(async ({ json, dataDir }: { json: boolean; dataDir: string }) => {
      const findings = await examine(resolvePath(dataDir))
      const ok = findings.every((finding) => finding.ok)
      if (json) console.log(JSON.stringify({ ok, findings }))
      else
        for (const { what, ok, says } of findings) console.log(`${ok ? '✓' : '✗'} ${what.padEnd(12)}${says}`)
      process.exitCode = ok ? 0 : 1
    })
}

async function examine(dataDir: string): Promise<Finding[]> {
  loadEnvFile()
  const major = Number(process.versions.node.split('.')[0])
  const findings: Finding[] = [{ what: 'Node', ok: major >= 24, says: process.versions.node }]
  const add = async (what: string, look: () => Promise<string> | string) => {
    try {
      findings.push({ what, ok: true, says: await look() })
    } catch (error) {
      findings.push({ what, ok: false, says: error instanceof Error ? error.message : String(error) })
    }
  }
  let services: Awaited<ReturnType<typeof startServices>> | undefined
  await add('services', async () => {
    services = await startServices({ dataDir, log: () => undefined })
    return {
      given: 'given by DATABASE_URL and REDIS_URL',
      docker: 'Docker Compose',
      local: 'private servers',
    }[services.kind]
  })
  if (services !== undefined) {
    const { databaseUrl, redisUrl } = services
    const db = connect(databaseUrl, { max: 2, name: 'patrol doctor' })
    await add('database', () => lookAtDatabase(db))
    await add('migrations', () => lookAtMigrations(db))
    await add('city', () => lookAtCity(db))
    await add('event log', () => lookAtEventLog(db))
    await add('Redis', () => lookAtRedis(redisUrl))
    await add('keys', () => lookAtKeys(db, dataDir))
    await db.$client.end()
    await services.stop()
  }
  return findings
}

async function first<T extends Record<string, unknown>>(db: Db, text: string): Promise<T> {
  const { rows } = await db.$client.query<T>(text)
  const row = rows[0]
  if (row === undefined) throw new Error('no answer')
  return row
}

async function lookAtDatabase(db: Db): Promise<string> {
  const { version, postgis } = await first<{ version: string; postgis: string }>(
    db,
    `select current_setting('server_version') as version, (select extversion from pg_extension where extname = 'postgis') as postgis`,
  )
  if (postgis === null)
    throw new Error(`PostgreSQL ${version}, but PostGIS is not installed in it: run npm run demo or start`)
  return `PostgreSQL ${version}, PostGIS ${postgis}`
}

async function lookAtMigrations(db: Db): Promise<string> {
  const pending = await pendingMigrations(db)
  if (pending > 0) throw new Error(`${pending} are pending: they run when the server starts`)
  return 'newest schema'
}

async function lookAtCity(db: Db): Promise<string> {
  const { points, bare, rules, units } = await first<Record<'points' | 'bare' | 'rules' | 'units', number>>(
    db,
    `select (select count(*)::int from patrol_point where retired_at is null) as points,
       (select count(*)::int from patrol_point p where retired_at is null
         and not exists (select from tag t where t.patrol_point_id = p.id and t.retired_at is null)) as bare,
       (select count(*)::int from window_rule where active) as rules,
       (select count(*)::int from unit u join shift s on s.id = u.shift_id
         where s.starts_at <= city_now() and s.ends_at > city_now()) as units`,
  )
  if (points === 0) throw new Error('no patrol points: npm run demo, cli seed or cli import points')
  if (bare > 0) throw new Error(`${bare} of ${points} points have no label`)
  return `${points} points, ${rules} window rules, ${units} units on duty now`
}

/** The relay empties the outbox within a fraction of a second; what waits longer waits for a relay that is not there. */
async function lookAtEventLog(db: Db): Promise<string> {
  const { pos, waiting, oldest } = await first<{ pos: string; waiting: number; oldest: number | null }>(
    db,
    `select (select pos from event_head) as pos, count(*)::int as waiting,
       extract(epoch from city_now() - min(at))::float8 as oldest from outbox`,
  )
  if (waiting > 0 && (oldest ?? 0) > 60)
    throw new Error(`${waiting} events wait since ${Math.round(oldest ?? 0)} s: no relay runs`)
  return `at position ${pos}, ${waiting} waiting`
}

async function lookAtRedis(redisUrl: string): Promise<string> {
  const redis = new Redis(redisUrl, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null })
  redis.on('error', () => undefined) // told by the command below
  try {
    await redis.connect()
    const policy = (await redis.config('GET', 'maxmemory-policy')) as string[]
    const name = policy[1] ?? 'unknown'
    if (name !== 'noeviction') throw new Error(`maxmemory-policy is ${name}; BullMQ needs noeviction`)
    return 'answers, keeps everything'
  } finally {
    redis.disconnect()
  }
}

async function lookAtKeys(db: Db, dataDir: string): Promise<string> {
  const { tagKeys } = readCityKeys(dataDir)
  if (tagKeys === null) throw new Error('none: set TAG_KEYS')
  const { rows } = await db.$client.query<{ version: number; n: number }>(
    `select key_version as version, count(*)::int as n from tag where kind = 'qr' and revoked_at is null group by 1`,
  )
  const lost = rows.filter(({ version }) => !tagKeys.has(version))
  if (lost.length > 0) {
    throw new Error(
      lost.map(({ version, n }) => `${n} labels were signed by key ${version}, which is missing`).join('; '),
    )
  }
  return `${tagKeys.size} in use for ${rows.reduce((sum, row) => sum + row.n, 0)} labels`
}
