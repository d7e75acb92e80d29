import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Services } from '@patrol/db/services'
import { Redis } from 'ioredis'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findBinaries } from '../../db/services/find-binaries.ts'
import { givenServices } from '../../db/services/given.ts'
import { startLocal } from '../../db/services/local.ts'
import { makeZombie } from '../../db/test/make-zombie.ts'

// Where the tests run on given servers or in Docker there may be no binaries to try this with.
const binaries = findBinaries()

describe.skipIf(!binaries)('private servers in a data folder', () => {
  let dataDir: string
  let services: Services
  const start = (options = {}) => {
    if (!binaries) throw new Error('no binaries')
    return startLocal({ dataDir, log: () => undefined, durable: true, ...options }, binaries)
  }

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'patrol-services-'))
    chmodSync(dataDir, 0o755)
    services = await start()
    await query('create table kept (id int primary key)')
  })

  afterAll(async () => {
    await services.stop()
    rmSync(dataDir, { recursive: true })
  })

  async function query(sql: string): Promise<unknown[]> {
    const client = new pg.Client({ connectionString: services.databaseUrl })
    await client.connect()
    try {
      return (await client.query(sql)).rows
    } finally {
      await client.end()
    }
  }

  test('a committed row and a stored key outlive kill -9 of both servers', async () => {
    const redis = new Redis(services.redisUrl)
    await redis.set('kept', 'yes')
    // The append-only file is synced every second; a killed process, unlike a cut power line, loses nothing written.
    redis.disconnect()
    await query('insert into kept values (1)')
    const pids = [services.postgres.pid(), services.redis.pid()]

    await Promise.all([services.postgres.restart('kill'), services.redis.restart('kill')])

    expect(await query('select id from kept')).toEqual([{ id: 1 }])
    const again = new Redis(services.redisUrl)
    expect(await again.get('kept')).toBe('yes')
    again.disconnect()
    expect(pids).not.toContain(services.postgres.pid())
    expect(pids).not.toContain(services.redis.pid())
  })

  test('PostgreSQL keeps its durability, and Redis keeps what BullMQ needs', async () => {
    const rows = await query(
      `select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'listen_addresses') order by name`,
    )
    expect(rows).toEqual([
      { name: 'fsync', setting: 'on' },
      { name: 'listen_addresses', setting: '127.0.0.1' },
      { name: 'synchronous_commit', setting: 'on' },
    ])
    const redis = new Redis(services.redisUrl)
    expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction'])
    expect(await redis.config('GET', 'appendonly')).toEqual(['appendonly', 'yes'])
    redis.disconnect()
  })

  test('nobody gets in without the password, which only the owner can read', async () => {
    const url = new URL(services.databaseUrl)
    url.password = 'wrong'
    const client = new pg.Client({ connectionString: url.href })
    await expect(client.connect()).rejects.toThrow(/password authentication failed/)
    const redis = new Redis({ host: '127.0.0.1', port: Number(new URL(services.redisUrl).port) })
    redis.on('error', () => undefined)
    await expect(redis.get('kept')).rejects.toThrow(/NOAUTH/)
    redis.disconnect()
    expect(statSync(join(dataDir, 'services.json')).mode & 0o777).toBe(0o600)
  })

  test('a pid file that names a zombie or a stranger does not stop the start', async () => {
    const pidFile = join(dataDir, 'postgres/postmaster.pid')
    for (const pid of [makeZombie(), process.pid]) {
      await services.postgres.stop('kill')
      const lines = readFileSync(pidFile, 'utf8').split('\n')
      writeFileSync(pidFile, [String(pid), ...lines.slice(1)].join('\n'))
      expect(services.postgres.pid()).toBeUndefined()
      await services.postgres.start()
      expect(await query('select 1 as up')).toEqual([{ up: 1 }])
    }
  })

  test('a second start joins the running servers, and only the last to leave stops them', async () => {
    const second = await start()
    expect(second.databaseUrl).toBe(services.databaseUrl)
    expect(second.postgres.pid()).toBe(services.postgres.pid())
    await second.stop()
    expect(await query('select 1 as up')).toEqual([{ up: 1 }])
  })

  test('a folder in use is not thrown away', async () => {
    await expect(start({ fresh: true })).rejects.toThrow(/in use/)
  })
})

describe('given servers', () => {
  test('half a pair is refused with the reason', () => {
    expect(() => givenServices({ DATABASE_URL: 'postgres://somewhere' })).toThrow(/go together/)
    expect(givenServices({})).toBeUndefined()
  })

  test('they are used as they are and never stopped', async () => {
    const given = givenServices({ DATABASE_URL: 'postgres://a', REDIS_URL: 'redis://b' })
    expect(given?.kind).toBe('given')
    await expect(given?.postgres.stop()).rejects.toThrow(/not ours/)
  })
})
