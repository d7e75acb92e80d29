import type { FastifyInstance } from 'fastify'
import { connect, type Db } from '@patrol/db'
import { startClock, type Clock } from '../clock.ts'

declare module 'fastify' {
  interface FastifyInstance {
    db: Db
    /**
     * The same database, for short questions that everybody waits for: whose session this is, what a screen missed. On connections
     * of their own they never queue behind the check-ins of a herd.
     */
    lookups: Db
    clock: Clock
  }
}

const openedAtStart = 8

/** The pool and the city's clock. */
export async function addDatabase(app: FastifyInstance) {
  const db = connect(app.env.databaseUrl, {
    max: app.env.databasePool,
    name: 'patrol gateway',
    // A prepared statement is planned once a connection, not at each of its first five runs: an outage's herd meets them all.
    settings: '-c plan_cache_mode=force_generic_plan',
  })
  const lookups = connect(app.env.databaseUrl, { max: 2, name: 'patrol lookups' })
  const clock = await startClock(db)
  app.decorate('db', db)
  app.decorate('lookups', lookups)
  app.decorate('clock', clock)
  app.addHook('onReady', () => openSome(db.$client))
  app.addHook('onClose', async () => {
    clock.stop()
    await Promise.all([db.$client.end(), lookups.$client.end()])
  })
}

/** Before the doors open: after an outage everybody comes at once, and would wait for each new connection. */
async function openSome(pool: Db['$client']): Promise<void> {
  // Never more than the pool holds: the next would wait for one of these.
  const count = Math.min(openedAtStart, pool.options.max)
  const opened = await Promise.allSettled(Array.from({ length: count }, () => pool.connect()))
  for (const each of opened) if (each.status === 'fulfilled') each.value.release()
}
