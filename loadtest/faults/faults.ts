import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import type { Bench } from '../node/bench-city.ts'
import type { Roles } from '../node/server-process.ts'

export type FaultName =
  'kill-api' | 'redis-restart' | 'redis-flush' | 'postgres-restart' | 'kill-worker' | 'kill-relay'

export interface Fault {
  /** The processes that the fault needs. */
  roles: Roles[]
  /** How often it happens in a run, where nothing else is asked for. */
  times: number
  /**
   * Does it, for the `nr`-th time, and brings the part up again. Resolves at the moment from which recovery is counted:
   * the part accepts connections or answers /readyz with 200.
   */
  inject(bench: Bench, nr: number): Promise<void>
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
    // The first to start leads; when it dies, the other takes over, and the dead one comes back as the next in line.
    roles: ['gateway', 'relay', 'worker', 'relay'],
    times: 5,
    async inject({ servers }, nr) {
      const relays = servers.filter(({ roles }) => roles === 'relay')
      const leader = relays[nr % relays.length]
      await leader?.kill()
      setTimeout(() => void leader?.start(), 1_000)
    },
  },
}
