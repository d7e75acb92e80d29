import type { FastifyInstance } from 'fastify'
import { Server, type Socket } from 'socket.io'
import type { Scope } from '@patrol/contract'
import { findPrincipals } from '../organisation/principal.ts'
import { isEmpty } from '../organisation/scope.ts'
import { readMessage } from '../realtime/channels.ts'
import { startEventFeed, type EventFeed } from '../realtime/event-feed.ts'
import { slowRoom, startFrames, type MovedUnit } from '../realtime/frame.ts'
import { phoneRoom, startPhones } from '../realtime/phones.ts'
import { keepSubscribed } from '../realtime/keep-subscribed.ts'
import { isOwnOrigin } from './session.ts'

/** A screen that stops reading is cut here, and catches up when it returns. */
const maxBufferedBytes = 1_000_000
/** With this much unread it is spared the positions, which soon are old anyway. */
const slowBytes = 64_000
/** Who open sockets belong to is looked up again this often, in one query: roles are changed by many hands, without a word. */
const recheckMs = 2_000

declare module 'fastify' {
  interface FastifyInstance {
    io: Server
    feed: EventFeed
  }
}

interface SocketData {
  token: string
  sessionId: number
  /** Both of a screen; a phone has neither. */
  scope?: Scope
  room?: string
}
type Screen = Socket<Record<string, never>, Record<string, never>, Record<string, never>, SocketData>

/**
 * socket.io for people: screens at `/`, officers' phones at `/phone`. The server puts a socket into its room, that of a scope or
 * of an officer; no client message joins one.
 */
export async function addSockets(app: FastifyInstance) {
  const io = new Server(app.server, {
    path: '/socket.io/',
    transports: ['websocket'],
    destroyUpgrade: false,
    serveClient: false,
    // Deflating the same frame for each of 550 screens costs more than the network: a catch-up is compressed, frames are not.
    perMessageDeflate: false,
    pingInterval: 10_000,
    pingTimeout: 10_000,
    maxHttpBufferSize: 10_000, // screens have nothing to say
    allowRequest: (request, accept) => {
      const origin = request.headers.origin
      accept(null, origin === undefined || isOwnOrigin(origin, request.headers.host, app.env.publicOrigin))
    },
  })
  app.decorate('io', io)

  const feed = await startEventFeed({
    db: app.lookups,
    subscriber: app.subscriber,
    channels: app.channels,
    log: app.log,
  })
  app.decorate('feed', feed)
  const frames = startFrames({
    io,
    head: feed.head,
    fresh: feed.fresh,
    now: () => app.clock.now(),
    speed: () => app.clock.speed,
  })
  feed.onEvents(frames.addEvents)
  feed.onEvents(startPhones({ io, db: app.db, log: app.log }))

  app.subscriber.on('pmessage', (_pattern: string, _channel: string, message: string) => {
    const moved = readMessage<{ units: MovedUnit[] }>(message)
    if (moved !== null) frames.moveUnits(moved.units)
  })
  app.subscriber.on('message', (channel: string, message: string) => {
    if (channel === app.channels.revoked) cutSessions(new Set(readMessage<number[]>(message) ?? []))
    if (channel === app.channels.scopes) recheckSoon()
  })
  await keepSubscribed(app.subscriber, async () => {
    await app.subscriber.psubscribe(app.channels.allUnits)
    await app.subscriber.subscribe(app.channels.revoked, app.channels.scopes)
  })

  io.use((socket, next) => {
    const token = app.parseCookie(socket.handshake.headers.cookie ?? '')[app.sessionCookie]
    app.findSession(token).then(
      (principal) => {
        if (principal === null) return next(new Error('NOT_LOGGED_IN'))
        if (isEmpty(principal.seen)) return next(new Error('NOT_ALLOWED'))
        Object.assign(socket.data, { token, sessionId: principal.sessionId })
        place(socket, principal.seen)
        next()
      },
      () => next(new Error('UNAVAILABLE')),
    )
  })
  io.on('connection', tellScope)

  function place(socket: Screen, scope: Scope) {
    const room = frames.roomOf(scope)
    if (socket.data.room !== undefined) void socket.leave(socket.data.room)
    Object.assign(socket.data, { scope, room })
    void socket.join(room)
  }

  /** A screen that shows another scope takes a new snapshot. */
  function tellScope(socket: Screen) {
    io.to(socket.id).emit('scope', socket.data.scope)
  }

  io.of('/phone').use((socket, next) => {
    const token = app.parseCookie(socket.handshake.headers.cookie ?? '')[app.sessionCookie]
    app.findSession(token).then(
      (principal) => {
        if (principal === null) return next(new Error('NOT_LOGGED_IN'))
        if (principal.officer === null) return next(new Error('NOT_ALLOWED'))
        Object.assign(socket.data, { token, sessionId: principal.sessionId })
        void socket.join(phoneRoom(principal.officer.id))
        next()
      },
      () => next(new Error('UNAVAILABLE')),
    )
  })

  function cutSessions(sessionIds: ReadonlySet<number>) {
    for (const socket of people()) {
      if (sessionIds.has(socket.data.sessionId)) cut(socket, 'NOT_LOGGED_IN')
    }
  }

  function cut(socket: Screen, code: string) {
    socket.nsp.to(socket.id).emit('logout', { code })
    socket.disconnect(true)
  }

  const screens = (): Iterable<Screen> => io.sockets.sockets.values()
  const people = (): Screen[] => [...screens(), ...io.of('/phone').sockets.values()]

  const slowTimer = setInterval(() => {
    for (const socket of screens()) {
      const buffered = bufferedBytes(socket)
      // Straight to the transport: a close frame would only join the queue.
      if (buffered > maxBufferedBytes) socket.conn.close(true)
      else if (buffered > slowBytes) void socket.join(slowRoom)
      else if (socket.rooms.has(slowRoom)) void socket.leave(slowRoom)
    }
  }, 250)

  /** Cuts whose session is over, and moves screens that may see something else than before. */
  async function recheck() {
    const open = people()
    if (open.length === 0) return
    const found = await findPrincipals(
      app.lookups,
      open.map((socket) => socket.data.token),
    )
    for (const [nr, socket] of open.entries()) {
      const principal = found[nr] ?? null
      if (!socket.connected) continue
      if (principal === null) cut(socket, 'NOT_LOGGED_IN')
      else if (socket.data.room !== undefined && frames.roomOf(principal.seen) !== socket.data.room) {
        app.forgetSession(socket.data.token)
        if (isEmpty(principal.seen)) cut(socket, 'NOT_ALLOWED')
        else {
          place(socket, principal.seen)
          tellScope(socket)
        }
      }
    }
  }

  let rechecking = false
  function recheckSoon() {
    if (rechecking) return
    rechecking = true
    recheck()
      .catch(() => undefined) // the database is away: nobody is cut for that
      .finally(() => (rechecking = false))
  }
  const recheckTimer = setInterval(recheckSoon, recheckMs)

  app.addHook('preClose', async () => {
    clearInterval(slowTimer)
    clearInterval(recheckTimer)
    frames.stop()
    feed.stop()
    // Not io.close(): that would wait for the HTTP server, which is Fastify's to close.
    io.disconnectSockets(true)
    io.engine.close()
  })
}

/**
 * Bytes that the kernel has not taken yet: of the packets on their way, and of those that engine.io holds back until these are
 * gone. Neither the raw WebSocket nor that list is in its types.
 */
function bufferedBytes(socket: Screen): number {
  const { transport, writeBuffer } = socket.conn as unknown as {
    transport: { socket?: { bufferedAmount?: number } }
    writeBuffer: readonly { data?: string | Buffer }[]
  }
  return writeBuffer.reduce(
    (sum, { data = '' }) => sum + Buffer.byteLength(data),
    transport.socket?.bufferedAmount ?? 0,
  )
}
