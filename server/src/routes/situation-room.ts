import Type from 'typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { FeedCells, FeedCoverage, FeedFigures, FeedKey, MadeFeedKey, NewFeedKey } from '@patrol/contract'
import { inTransaction } from '@patrol/db'
import { createFeedKey, findFeedKey, listFeedKeys, revokeFeedKey, type KnownKey } from '../feed/feed-key.ts'
import { readFeedCoverage, readFeedFigures, readFeedHotspots, readFeedIncidents } from '../feed/read-feed.ts'
import { officerOf, principalOf } from '../plugins/session.ts'
import { ProblemError } from '../problems.ts'
import type { App } from '../app.ts'

/** What a stream sends is read so often, once for all streams, while there are any. */
const readEveryMs = 5_000
/** A proxy that hears nothing hangs up. */
const sighEveryMs = 15_000
/** Open streams per key; a system needs one. */
const mostStreams = 5

/** The feed for the city's situation room: read only, by key, numbers only; and the doors where its keys are made. */
export async function situationRoomRoutes(app: App) {
  const admit = createGate(app)
  const streams = createStreams(app)

  const doors = [
    ['figures', FeedFigures, readFeedFigures],
    ['coverage.geojson', FeedCoverage, readFeedCoverage],
    ['incidents.geojson', FeedCells, readFeedIncidents],
    ['hotspots.geojson', FeedCells, readFeedHotspots],
  ] as const
  for (const [name, schema, read] of doors) {
    app.get(
      `/api/v1/situation-room/${name}`,
      { config: { access: 'public' }, schema: { response: { 200: schema } } },
      async (request, reply) => {
        await admit(request)
        reply.header('cache-control', 'no-store')
        return read(app.db)
      },
    )
  }

  app.get('/api/v1/situation-room/stream', { config: { access: 'public' } }, async (request, reply) =>
    streams.open(await admit(request), request, reply),
  )

  app.get(
    '/api/v1/feed-keys',
    {
      config: { access: ['administrator'] },
      schema: { response: { 200: Type.Object({ keys: Type.Array(FeedKey) }) } },
    },
    async (request) => {
      requireCity(request)
      return { keys: await listFeedKeys(app.db) }
    },
  )

  app.post(
    '/api/v1/feed-keys',
    { config: { access: ['administrator'] }, schema: { body: NewFeedKey, response: { 200: MadeFeedKey } } },
    async (request, reply) => {
      requireCity(request)
      reply.header('cache-control', 'no-store')
      const officerId = officerOf(request).id
      return inTransaction(app.db, (tx) => createFeedKey(tx, { ...request.body, officerId }))
    },
  )

  app.post(
    '/api/v1/feed-keys/:id/revoke',
    {
      config: { access: ['administrator'] },
      schema: { params: Type.Object({ id: Type.Integer() }), response: { 204: Type.Null() } },
    },
    async (request, reply) => {
      requireCity(request)
      const officerId = officerOf(request).id
      const revoked = await inTransaction(app.db, (tx) => revokeFeedKey(tx, request.params.id, officerId))
      if (!revoked) throw new ProblemError('NOT_FOUND')
      return reply.code(204).send(null)
    },
  )
}

/** The feed is of the whole city, so whoever lets others read it must be set over the whole city. */
function requireCity(request: FastifyRequest): void {
  if (!principalOf(request).scope.city) throw new ProblemError('NOT_ALLOWED')
}

/** Knows a request by its key, `Authorization: Bearer …` (never in an address, which others log), and counts it. */
function createGate(app: App) {
  const used = new Map<number, { minute: number; count: number }>()
  return async (request: FastifyRequest): Promise<KnownKey & { secret: string }> => {
    const secret = /^Bearer (\S{1,200})$/.exec(request.headers.authorization ?? '')?.[1]
    const key = secret === undefined ? null : await findFeedKey(app.db, secret)
    if (secret === undefined || key === null) throw new ProblemError('NOT_LOGGED_IN')
    const minute = Math.floor(performance.now() / 60_000)
    const before = used.get(key.id)
    const count = before?.minute === minute ? before.count + 1 : 1
    used.set(key.id, { minute, count })
    if (count > key.requestsPerMinute) throw new ProblemError('TOO_MANY_REQUESTS')
    return { ...key, secret }
  }
}

interface Stream {
  keyId: number
  secret: string
  /** What it was sent last, by event. */
  sent: Map<string, string>
  reply: FastifyReply
}

/** Server-sent events `figures`, `incidents` and `hotspots`: each at once, and then whenever it has changed. */
function createStreams(app: App) {
  const open = new Set<Stream>()
  const parts = [
    ['figures', readFeedFigures],
    ['incidents', readFeedIncidents],
    ['hotspots', readFeedHotspots],
  ] as const

  async function feed(streams: Iterable<Stream>) {
    for (const [name, read] of parts) {
      const text = JSON.stringify(await read(app.db))
      for (const { reply, sent } of streams) {
        if (sent.get(name) === text) continue
        sent.set(name, text)
        reply.raw.write(`event: ${name}\ndata: ${text}\n\n`)
      }
    }
  }

  const feedTimer = setInterval(() => {
    if (open.size > 0) feed(open).catch((error: unknown) => app.log.warn({ err: error }, 'feed not read'))
  }, readEveryMs)
  const sighTimer = setInterval(() => {
    for (const stream of open) {
      stream.reply.raw.write(':\n\n')
      findFeedKey(app.db, stream.secret).then(
        (key) => key ?? stream.reply.raw.end(),
        () => undefined, // the database is away: nobody is cut for that
      )
    }
  }, sighEveryMs)
  app.addHook('preClose', async () => {
    clearInterval(feedTimer)
    clearInterval(sighTimer)
    for (const { reply } of open) reply.raw.end()
  })

  return {
    async open(key: KnownKey & { secret: string }, request: FastifyRequest, reply: FastifyReply) {
      const own = [...open].filter(({ keyId }) => keyId === key.id)
      if (own.length >= mostStreams) throw new ProblemError('TOO_MANY_REQUESTS')
      reply.hijack()
      reply.raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        // nginx would hold events back.
        'x-accel-buffering': 'no',
      })
      const stream: Stream = { keyId: key.id, secret: key.secret, sent: new Map(), reply }
      request.raw.on('close', () => open.delete(stream))
      open.add(stream)
      reply.raw.write('retry: 5000\n\n')
      await feed([stream])
    },
  }
}
