import type { FastifyInstance } from 'fastify'
import { connect, type Db } from '@patrol/db'
import { startClock, type Clock } from '../clock.ts'

declare module 'fastify' {
  interface FastifyInstance {
    db: Db
    clock: Clock
  }
}

const openedAtStart = 8

/** The pool and the city's clock. */
export async function addDatabase(app: FastifyInstance) {
  const db = connect(app.env.databaseUrl, { max: app.env.databasePool, name: 'patrol gateway' })
  const clock = await startClock(db)
  app.decorate('db', db)
  app.decorate('clock', clock)
  app.addHook('onReady', () => openSome(db.$client))
  app.addHook('onClose', async () => {
    clock.stop()
    await db.$client.end()
  })
}

/** Before the doors open: after an outage everybody comes at once, and each new connection would make them wait. */
async function openSome(pool: Db['$client']): Promise<void> {
  const opened = await Promise.allSettled(Array.from({ length: openedAtStart }, () => pool.connect()))
  for (const each of opened) if (each.status === 'fulfilled') each.value.release()
}
