import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import type pg from 'pg'
import type { Bench } from '../node/bench-city.ts'
import type { Roles, ServerProcess } from '../node/server-process.ts'

export type FaultName =
  'kill-api' | 'redis-restart' | 'redis-flush' | 'postgres-restart' | 'kill-worker' | 'kill-relay'

export interface Fault {
  /** The processes that the fault needs. */
  roles: Roles[]
  /** How often it happens in a run, where nothing else is asked for. */
  times: number
  /**
   * Does it, and brings the part up again. Resolves at the moment from which recovery is counted:
   * the part accepts connections or answers /readyz with 200.
   */
  inject(bench: Bench): Promise<void>
}

const apart: Roles[] = ['gateway', 'relay', 'worker']

export const faults: Record<FaultName, Fault> = {
  'kill-api': {
    roles: ['gateway,relay,worker'],
    times: 20,
    async inject({ servers }) {
      const [server] = servers
      if (server === undefined) throw new Error('There is no server to kill.')
      await server.kill()
      await server.start()
      await server.ready()
    },
  },
  'redis-restart': {
    roles: ['gateway,relay,worker'],
    times: 3,
    inject: ({ services }) => services.redis.restart('kill'),
  },
  'redis-flush': {
    roles: ['gateway,relay,worker'],
    times: 5,
    async inject({ services }) {
      const redis = new Redis(services.redisUrl)
      await redis.flushall()
      redis.disconnect()
    },
  },
  'postgres-restart': {
    roles: ['gateway,relay,worker'],
    times: 3,
    inject: ({ services }) => services.postgres.restart('immediate'),
  },
  'kill-worker': {
    roles: apart,
    times: 5,
    async inject({ servers }) {
      const worker = servers.find(({ roles }) => roles === 'worker')
      await worker?.kill()
      // Somebody notices before it is started again: the windows that fall due meanwhile are swept late.
      await sleep(500)
      await worker?.start()
    },
  },
  'kill-relay': {
    // When the leader dies, the other takes over, and the dead one comes back as the next in line.
    roles: ['gateway', 'relay', 'worker', 'relay'],
    times: 5,
    async inject({ servers, database }) {
      const relays = servers.filter(({ roles }) => roles === 'relay')
      const leader = await findLeader(database, relays)
      await leader.kill()
      setTimeout(() => void leader.start(), 1_000)
    },
  },
}

/** Advisory lock of the leading relay, as in ARCHITECTURE §2. */
const leaderLock = 7_791_001

/** The relay that holds the lock, once the other is there to take over. */
async function findLeader(database: pg.Pool, relays: readonly ServerProcess[]): Promise<ServerProcess> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const { rows } = await database.query<{ name: string; leads: boolean }>(
      `select application_name as name, exists (select from pg_locks l
         where l.pid = a.pid and l.locktype = 'advisory' and l.objid = $2 and l.granted) as leads
       from pg_stat_activity a where datname = current_database() and application_name = any($1)`,
      [relays.map(({ name }) => name), leaderLock],
    )
    const leader = relays.find(({ name }) => rows.some((row) => row.leads && row.name === name))
    if (leader !== undefined && rows.length === relays.length) return leader
    if (Date.now() > deadline) throw new Error('There are not two relays, one of which leads.')
    await sleep(50)
  }
}
