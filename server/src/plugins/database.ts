import type { FastifyInstance } from 'fastify'
import { connect, type Db } from '@patrol/db'
import { startClock, type Clock } from '../clock.ts'

declare module 'fastify' {
  interface FastifyInstance {
    db: Db
    clock: Clock
  }
}

/** The pool and the city's clock. */
export async function addDatabase(app: FastifyInstance) {
  const db = connect(app.env.databaseUrl, { max: app.env.databasePool, name: 'patrol gateway' })
  const clock = await startClock(db)
  app.decorate('db', db)
  app.decorate('clock', clock)
  app.addHook('onClose', async () => {
    clock.stop()
    await db.$client.end()
  })
}
