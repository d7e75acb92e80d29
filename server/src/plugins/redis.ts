import type { FastifyInstance } from 'fastify'
import { Redis } from 'ioredis'
import type { Env } from '../env.ts'
import { channels, type Channels } from '../realtime/channels.ts'

declare module 'fastify' {
  interface FastifyInstance {
    redis: Redis
    subscriber: Redis
    channels: Channels
  }
}

/**
 * A Redis connection that comes back by itself. Commands fail at once while Redis is away instead of piling up:
 * nothing we send there is worth waiting for.
 */
export function openRedis(env: Pick<Env, 'redisUrl'>, name: string): Redis {
  const redis = new Redis(env.redisUrl, {
    connectionName: name,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResubscribe: true,
    retryStrategy: (times) => Math.min(50 * times, 500),
  })
  redis.on('error', () => undefined) // the retry says it all; /readyz and the metrics show it
  return redis
}

/** One connection that publishes and one that listens. */
export async function addRedis(app: FastifyInstance) {
  const redis = openRedis(app.env, 'patrol')
  const subscriber = openRedis(app.env, 'patrol-subscriber')
  app.decorate('redis', redis)
  app.decorate('subscriber', subscriber)
  app.decorate('channels', channels(app.env.redisPrefix))
  await Promise.all([settled(redis), settled(subscriber)])
  app.addHook('onClose', () => {
    redis.disconnect()
    subscriber.disconnect()
  })
}

/** Waits for the first connection, or the first failure: without Redis we start all the same. */
function settled(redis: Redis): Promise<void> {
  return new Promise((resolve) => {
    redis.once('ready', resolve)
    redis.once('error', () => resolve())
  })
}
