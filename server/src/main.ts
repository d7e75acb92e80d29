import { pathToFileURL } from 'node:url'
import { connect } from '@patrol/db'
import pino from 'pino'
import { buildApp } from './app.ts'
import { describeError } from './describe-error.ts'
import { readEnv, type Env } from './env.ts'
import { startWorker } from './jobs/worker.ts'
import { listen } from './plugins/listen.ts'
import { openRedis } from './plugins/redis.ts'
import { channels } from './realtime/channels.ts'
import { startRelay } from './realtime/relay.ts'

/**
 * A worker's first look at everything is its dearest, and after an outage phones and screens come through the doors of the same
 * process at that moment: they go first.
 */
const choresAfterMs = 2_000

/**
 * Starts the roles of this process: gateway (doors and screens), relay (numbers events), worker (timers and heavy jobs).
 * All state is in PostgreSQL and Redis, so each role may run any number of times.
 * @returns the gateway's address, if it is one, and how to stop everything
 */
export async function start(env: Env): Promise<{ address: string | null; stop(): Promise<void> }> {
  const log = pino({ level: env.logLevel, serializers: { err: describeError } })
  const stops: (() => Promise<unknown>)[] = []
  let address: string | null = null

  if (env.roles.has('relay')) {
    const redis = openRedis(env, 'patrol-relay')
    const relay = startRelay({
      databaseUrl: env.databaseUrl,
      redis,
      channels: channels(env.redisPrefix),
      log,
    })
    stops.push(async () => {
      await relay.stop()
      redis.disconnect()
    })
  }
  if (env.roles.has('gateway')) {
    const app = await buildApp(env)
    address = await listen(app, env)
    // Doors close first, so that what was let in is still numbered and sent.
    stops.unshift(() => app.close())
  }
  if (env.roles.has('worker')) {
    const startChores = () => {
      const db = connect(env.databaseUrl, { max: 6, name: 'patrol worker' })
      const worker = startWorker({ db, env, log })
      stops.push(async () => {
        await worker.stop()
        await db.$client.end()
      })
    }
    if (!env.roles.has('gateway')) startChores()
    else {
      const timer = setTimeout(startChores, choresAfterMs)
      stops.unshift(async () => clearTimeout(timer))
    }
  }
  return {
    address,
    stop: async () => {
      // Without Redis or PostgreSQL one part cannot say goodbye; the others still do.
      const sayUnclean = (err: unknown) => log.warn({ err }, 'a part did not stop cleanly')
      for (const stop of stops) await stop().catch(sayUnclean)
    },
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { stop } = await start(readEnv(process.env))
  let stopping = false
  const end = () => {
    if (stopping) process.exit(1) // asked twice: whatever hangs, hangs
    stopping = true
    setTimeout(() => process.exit(1), 15_000).unref()
    void stop().then(() => process.exit(0))
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
}
