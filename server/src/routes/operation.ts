import { Registry, collectDefaultMetrics, Counter, Gauge, Histogram } from 'prom-client'
import { sql } from 'drizzle-orm'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyRequest } from 'fastify'
import { pendingMigrations } from '@patrol/db'
import { ProblemError } from '../problems.ts'
import type { App } from '../app.ts'

declare module 'fastify' {
  interface FastifyInstance {
    metrics: Registry
  }
}

/** `/docs` must know every route: call before the doors. */
export async function addDocs(app: App) {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: '臺南電子巡簽系統 Tainan Electronic Patrol Sign-in System', version: '1' },
      components: {
        securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: app.sessionCookie } },
      },
      security: [{ session: [] }],
    },
  })
  await app.register(async (scope: App) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'public' }
    })
    scope.addHook('onRequest', (request) => onlyForOperators(app, request))
    await scope.register(swaggerUi, { routePrefix: '/docs' })
  })
}

/**
 * Loopback, or an administrator. Whoever came through a proxy is not loopback, whatever the header says: where TRUST_PROXY
 * names a whole network, anybody in it may write 127.0.0.1 into it.
 */
async function onlyForOperators(app: App, request: FastifyRequest) {
  const forwarded =
    request.headers['x-forwarded-for'] !== undefined || request.headers.forwarded !== undefined
  if (!forwarded && isLoopback(request.socket.remoteAddress ?? '')) return
  const principal = await app.findSession(request.cookies[app.sessionCookie])
  if (!principal?.roles.has('administrator')) throw new ProblemError('NOT_FOUND')
}

const isLoopback = (address: string) => /^(::ffff:)?127\.|^::1$/.test(address)

/** Health, readiness and metrics. */
export async function operationRoutes(app: App) {
  const metrics = new Registry()
  app.decorate('metrics', metrics)
  collectDefaultMetrics({ register: metrics })
  measureRequests(app, metrics)
  measureCity(app, metrics)

  app.get('/healthz', { config: { access: 'public' }, schema: { hide: true } }, async () => ({ ok: true }))

  app.get('/readyz', { config: { access: 'public' }, schema: { hide: true } }, async (_request, reply) => {
    const database = await app.db.$client.query('select 1').then(
      () => true,
      () => false,
    )
    const migrations =
      database &&
      (await pendingMigrations(app.db).then(
        (pending) => pending === 0,
        () => false,
      ))
    const redis = app.redis.status === 'ready'
    // Without Redis we serve on, a little slower: that is worth knowing and no reason to be taken out.
    const ready = database && migrations
    return reply.code(ready ? 200 : 503).send({ ready, database, migrations, redis, live: app.feed.fresh() })
  })

  app.get('/metrics', { config: { access: 'public' }, schema: { hide: true } }, async (request, reply) => {
    await onlyForOperators(app, request)
    return reply.header('content-type', metrics.contentType).send(await metrics.metrics())
  })
}

function measureRequests(app: App, metrics: Registry) {
  const duration = new Histogram({
    name: 'patrol_http_request_seconds',
    help: 'Time to answer by route and status',
    labelNames: ['route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [metrics],
  })
  app.addHook('onResponse', async (request, reply) => {
    duration.observe(
      { route: request.routeOptions.url ?? 'unknown', status: reply.statusCode },
      reply.elapsedTime / 1_000,
    )
  })
}

function measureCity(app: App, metrics: Registry) {
  const gauge = (name: string, help: string, read: () => number | Promise<number>) =>
    new Gauge({
      name,
      help,
      registers: [metrics],
      async collect() {
        this.set(await Promise.resolve(read()).catch(() => Number.NaN))
      },
    })
  gauge('patrol_event_head', 'Position of the last event delivered by this gateway', () => app.feed.head())
  gauge('patrol_feed_fresh', '1 while nothing is known to wait for its position', () =>
    Number(app.feed.fresh()),
  )
  gauge('patrol_sockets', 'Open socket.io connections of this gateway', () => app.io.engine.clientsCount)
  gauge('patrol_redis_ready', '1 while Redis is connected', () => Number(app.redis.status === 'ready'))
  gauge('patrol_database_waiting', 'Queries waiting for a connection', () => app.db.$client.waitingCount)
  gauge('patrol_outbox', 'Committed events without a position', async () => {
    const { rows } = await app.db.execute<{ n: number }>(sql`select count(*)::int as n from outbox`)
    return rows[0]?.n ?? 0
  })
  const verdicts = new Counter({
    name: 'patrol_check_ins_total',
    help: 'Check-ins seen in the event log by verdict',
    labelNames: ['verdict'],
    registers: [metrics],
  })
  app.feed.onEvents((events) => {
    for (const event of events) {
      if (event.type === 'check-in:recorded') verdicts.inc({ verdict: event.data.verdict })
    }
  })
}
