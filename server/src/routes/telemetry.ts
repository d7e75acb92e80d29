import { Compile } from 'typebox/compile'
import type { WebSocket } from 'ws'
import { BreadcrumbBatch, BreadcrumbReceipt, TelemetryBatch, type TelemetryAck } from '@patrol/contract'
import { pauseAbove, type BreadcrumbIngest } from '../tracking/ingest-breadcrumbs.ts'
import { breadcrumbItem, sortBreadcrumbs } from '../tracking/sort-breadcrumbs.ts'
import { officerOf, principalOf } from '../plugins/session.ts'
import { readMessage } from '../realtime/channels.ts'
import { ProblemError } from '../problems.ts'
import { createTurns } from '../turns.ts'
import { faultOf } from './fault-of.ts'
import type { App } from '../app.ts'

const batchMessage = Compile(TelemetryBatch)
const fault = (item: unknown) => faultOf(breadcrumbItem, item)
/** Of a turn of the event loop, for reading what phones sent; the rest is for newcomers, screens and check-ins. */
const readingMs = 5
/** Batches of one phone being stored at a time; further ones stay in the kernel's buffers. */
const maxPending = 4
/** Revocation is told at once; this is for what nobody tells, such as a session's end or another role. */
const recheckMs = 15_000
/** A device that does not read our answers is cut here; acknowledgements are some 40 bytes each. */
const maxUnreadBytes = 64_000
/** A phone that was switched off or lost its network says no goodbye: TCP alone would keep its socket for ever. */
const pingMs = 30_000
const access = ['officer', 'beat-officer', 'supervisor'] as const

/** Breadcrumbs in: `/ws/telemetry` for devices that stream, `POST /api/v1/breadcrumbs` for the rest. */
export async function telemetryRoutes(app: App, { ingest }: { ingest: BreadcrumbIngest }) {
  app.post(
    '/api/v1/breadcrumbs',
    {
      config: { access },
      schema: { body: BreadcrumbBatch, response: { 200: BreadcrumbReceipt } },
      bodyLimit: 512 * 1024,
    },
    async (request): Promise<BreadcrumbReceipt> => {
      const officer = officerOf(request)
      if (ingest.backlog() > pauseAbove) throw new ProblemError('UNAVAILABLE', { retryAfterSeconds: 2 })
      if (!ingest.hasShareLeft(officer.id))
        throw new ProblemError('TOO_MANY_REQUESTS', { retryAfterSeconds: 2 })
      const { good, invalid } = sortBreadcrumbs(request.body.breadcrumbs, app.clock.now(), fault)
      const result = await ingest.ingest(officer.id, good)
      return { ...result, invalid }
    },
  )

  const inTurn = createTurns(readingMs)
  const heard = new WeakSet<WebSocket>()
  const pingTimer = setInterval(() => cutSilent(app.websocketServer.clients, heard), pingMs)
  app.addHook('onClose', async () => clearInterval(pingTimer))
  const sessions = new WeakMap<WebSocket, number>()
  app.subscriber.on('message', (channel: string, message: string) => {
    if (channel !== app.channels.revoked) return
    const revoked = new Set(readMessage<number[]>(message) ?? [])
    for (const socket of app.websocketServer.clients) {
      if (revoked.has(sessions.get(socket) ?? -1)) refuse(socket)
    }
  })

  app.get('/ws/telemetry', { websocket: true, config: { access } }, (socket, request) => {
    const officer = officerOf(request)
    sessions.set(socket, principalOf(request).sessionId)
    const token = request.cookies[app.sessionCookie]
    let pending = 0
    let chain = Promise.resolve()
    let checkedAt = performance.now()

    heard.add(socket)
    socket.on('pong', () => heard.add(socket))
    socket.on('error', () => socket.terminate())
    socket.on('message', (data, isBinary) => {
      heard.add(socket)
      const text = isBinary || !Buffer.isBuffer(data) ? null : data.toString('utf8')
      if (++pending >= maxPending) socket.pause()
      // One after the other: `ack` means everything up to there.
      // Read in turn: thousands of messages, of one phone or of all, would hold up everybody else.
      chain = chain
        .then(() => inTurn(() => read(text)))
        .then(take)
        .catch((error: unknown) => {
          // Not acknowledged, so the phone keeps it and sends it again after it has reconnected.
          request.log.warn({ err: error }, 'telemetry batch not stored')
          socket.close(1013, 'try again later')
        })
        .finally(() => {
          if (--pending < maxPending) socket.resume()
        })
    })

    function read(text: string | null) {
      const batch = text === null ? null : parseBatch(text)
      return (
        batch && { seq: batch.seq, good: sortBreadcrumbs(batch.breadcrumbs, app.clock.now(), fault).good }
      )
    }

    async function take(batch: ReturnType<typeof read>) {
      if (performance.now() - checkedAt > recheckMs) {
        checkedAt = performance.now()
        if ((await app.findSession(token)) === null) return refuse(socket)
      }
      if (batch === null) {
        return send(socket, { code: 'INVALID_INPUT', message: 'A message is {seq, breadcrumbs: [1–500]}.' })
      }
      // Not acknowledged, so it comes again.
      if (!ingest.hasShareLeft(officer.id)) return socket.close(1013, 'too much at once')
      if (ingest.backlog() > pauseAbove) send(socket, { pause: true })
      const { stored, offDuty } = await ingest.ingest(officer.id, batch.good)
      send(socket, { ack: batch.seq, stored, offDuty })
    }
  })
}

/** Pings every device, and cuts those that have said nothing since the last ping; not those whom we do not listen to just now. */
export function cutSilent(clients: Iterable<WebSocket>, heard: WeakSet<WebSocket>): void {
  for (const client of clients) {
    if (client.isPaused) continue
    if (heard.delete(client)) client.ping()
    else client.terminate()
  }
}

function refuse(socket: WebSocket) {
  send(socket, { code: 'NOT_LOGGED_IN', message: 'Log in again.' })
  socket.close(4401, 'NOT_LOGGED_IN')
}

function parseBatch(text: string): TelemetryBatch | null {
  try {
    const message: unknown = JSON.parse(text)
    return batchMessage.Check(message) ? message : null
  } catch {
    return null // not JSON: the sender is told by the caller
  }
}

function send(socket: WebSocket, message: TelemetryAck) {
  if (socket.readyState !== socket.OPEN) return
  socket.send(JSON.stringify(message))
  if (socket.bufferedAmount > maxUnreadBytes) socket.terminate()
}
