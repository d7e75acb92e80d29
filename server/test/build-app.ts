import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import type { Writable } from 'node:stream'
import { connect, type Db } from '@patrol/db'
import { makeSession } from '@patrol/db/factories'
import { pino } from 'pino'
import { io, type Socket } from 'socket.io-client'
import { buildApp, type App } from '../src/app.ts'
import { signQr } from '../src/check-in/proof/signed-qr.ts'
import type { Env } from '../src/env.ts'
import { hashToken } from '../src/organisation/principal.ts'
import { openRedis } from '../src/plugins/redis.ts'
import { channels } from '../src/realtime/channels.ts'
import { startRelay } from '../src/realtime/relay.ts'
import { freshDatabase } from './fresh-database.ts'

export interface TestCity {
  /** Another one after `restart`. */
  readonly app: App
  db: Db
  env: Env
  /** Where it listens, such as `http://127.0.0.1:40123`. */
  origin: string
  /** The cookie header of a new session. */
  logIn(officerId: number): Promise<{ cookie: string; sessionId: number }>
  /** The code on a tag's label. */
  codeOf(tag: { opaqueId: bigint; keyVersion: number }): string
  /** Opens a screen's socket. */
  openScreen(cookie: string): Socket
  /** Takes the gateway away, does `whileDown`, and brings it back on the same port. The relay goes on. */
  restart(whileDown: () => Promise<void>): Promise<void>
  stop(): Promise<void>
}

/** The real application on a database of its own, listening on loopback, with a relay; workers are started by who needs them. */
export async function startTestCity(
  overrides: Partial<Env> = {},
  options: { logTo?: Writable } = {},
): Promise<TestCity> {
  const fresh = await freshDatabase()
  const env: Env = {
    databaseUrl: fresh.databaseUrl,
    databasePool: 10,
    redisUrl: fresh.redisUrl,
    redisPrefix: fresh.redisPrefix,
    host: '127.0.0.1',
    port: 0,
    roles: new Set(['gateway', 'relay']),
    publicOrigin: 'http://127.0.0.1',
    tagKeys: new Map([[1, randomBytes(32)]]),
    serverKey: randomBytes(32),
    nfcMasterKey: randomBytes(16),
    contactKeys: new Map([[1, randomBytes(32)]]),
    vapid: null,
    pushOrigins: [],
    sessionDays: 1,
    logLevel: process.env['TEST_LOG'] ?? 'error',
    trustProxy: '',
    tls: null,
    loginTriesPerMinute: 1_000,
    photoDays: 90,
    osrmUrl: '',
    baseMap: null,
    ...overrides,
  }
  const redis = openRedis(env, 'test-relay')
  const relay = startRelay({
    databaseUrl: env.databaseUrl,
    redis,
    channels: channels(env.redisPrefix),
    log: pino({ level: env.logLevel }),
  })
  let app = await buildApp(env, options)
  await app.listen({ host: env.host, port: env.port })
  const db = connect(env.databaseUrl, { max: 4, name: 'test' })
  const sockets: Socket[] = []
  const origin = `http://127.0.0.1:${portOf(app)}`
  return {
    get app() {
      return app
    },
    db,
    env,
    origin,
    logIn: (officerId) => makeSession(db, officerId, hashToken),
    codeOf(tag) {
      const key = env.tagKeys.get(tag.keyVersion)
      if (key === undefined) throw new Error('No such key version.')
      return signQr(tag.opaqueId, tag.keyVersion, key)
    },
    openScreen(cookie) {
      const socket = io(origin, { transports: ['websocket'], extraHeaders: { cookie }, forceNew: true })
      sockets.push(socket)
      return socket
    },
    async restart(whileDown) {
      const port = portOf(app)
      await app.close()
      await whileDown()
      app = await buildApp(env, options)
      await app.listen({ host: env.host, port })
    },
    async stop() {
      for (const socket of sockets) socket.disconnect()
      await app.close()
      await relay.stop()
      redis.disconnect()
      await db.$client.end()
      await fresh.drop()
    },
  }
}

function portOf(app: App): number {
  const address: AddressInfo | string | null = app.server.address()
  if (address === null || typeof address === 'string') throw new Error('The application does not listen.')
  return address.port
}

/** Waits until `read` gives something else than undefined. @throws after `timeoutMs`, naming what was waited for */
export async function eventually<T>(
  what: string,
  read: () => T | undefined | Promise<T | undefined>,
  timeoutMs = 10_000,
): Promise<T> {
  const until = Date.now() + timeoutMs
  for (;;) {
    const value = await read()
    if (value !== undefined) return value
    if (Date.now() > until) throw new Error(`Waited ${timeoutMs} ms in vain for ${what}.`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
