import type { FastifyReply, FastifyRequest } from 'fastify'
import { networkOf } from '../organisation/network-of.ts'
import { ProblemError } from '../problems.ts'
import { createTrackerRegistry, type KnownTracker } from '../tracking/identify-device.ts'
import type { BreadcrumbIngest } from '../tracking/ingest-breadcrumbs.ts'
import { limitAttempts } from '../tracking/limit-attempts.ts'
import { parseTrackerRequest } from '../tracking/protocols/detect.ts'
import type { TrackerPosition } from '../tracking/protocols/tracker-message.ts'
import { takeTrackerReport } from '../tracking/take-tracker-report.ts'
import type { App } from '../app.ts'

/** Unknown devices per address and minute. A known one behind the same address is let in all the same. */
const maxUnknownPerMinute = 20
const bodyLimit = 512 * 1024

/**
 * Breadcrumbs of native trackers: `/trackers` for every format, `/pub` for OwnTracks, whose address ends so. Clients
 * delete what was answered with 2xx and repeat the rest, so a 4xx is only for what no repeat can mend.
 */
export async function trackerRoutes(app: App, { ingest }: { ingest: BreadcrumbIngest }) {
  const registry = createTrackerRegistry(app.db)
  const limit = limitAttempts(maxUnknownPerMinute)

  await app.register(async (scope: App) => {
    // The format is told by what the body holds; what clients call it is often wrong.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'string', bodyLimit }, (_request, body, done) =>
      done(null, body),
    )
    for (const [url, method] of [
      ['/trackers', ['GET', 'POST']],
      ['/trackers/:pairingId', ['GET', 'POST']],
      ['/pub', ['POST']],
      ['/pub/:pairingId', ['POST']],
    ] as const) {
      scope.route({ url, method: [...method], config: { access: 'public' }, handler: takeMessage })
    }
  })

  async function takeMessage(request: FastifyRequest, reply: FastifyReply) {
    const paired = await findByCredential(request)
    const now = app.clock.now()
    const url = new URL(request.url, 'http://trackers')
    const result = parseTrackerRequest({
      method: request.method,
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: typeof request.body === 'string' ? request.body : '',
      receivedAt: now,
      knownDeviceId: paired?.deviceId ?? null,
    })
    if (result.status === 400) throw new ProblemError('INVALID_INPUT', { message: result.problem })
    // Every device of a batch is known before anything is stored.
    const reports: { tracker: KnownTracker; positions: TrackerPosition[] }[] = []
    const byClaim = Map.groupBy(result.positions, ({ deviceId }) => (paired === null ? deviceId : ''))
    for (const [claim, positions] of byClaim) {
      const find = () => registry.find(claim, { orPublicId: true })
      reports.push({ tracker: paired ?? (await identify(request, claim, find)), positions })
    }
    for (const { tracker, positions } of reports) {
      await takeTrackerReport({ db: app.db, ingest }, tracker, positions, now)
    }
    return reply.type(result.reply === '[]' ? 'application/json' : 'text/plain').send(result.reply)
  }

  /** By the pairing id in the address, which must be right, or that in HTTP Basic, which may be meant for a proxy. */
  async function findByCredential(request: FastifyRequest): Promise<KnownTracker | null> {
    const inPath = pairingIdOf(request.params)
    if (inPath !== null) return identify(request, inPath, () => registry.find(inPath))
    const password = passwordOf(request.headers.authorization)
    if (password === null || isRefused(request, password)) return null
    const tracker = await registry.find(password)
    if (tracker === null) limit.countFailure(networkOf(request.ip))
    return tracker
  }

  async function identify(
    request: FastifyRequest,
    id: string,
    find: () => Promise<KnownTracker | null>,
  ): Promise<KnownTracker> {
    if (isRefused(request, id)) throw new ProblemError('TOO_MANY_TRIES')
    const tracker = await find()
    if (tracker !== null) return tracker
    limit.countFailure(networkOf(request.ip))
    throw new ProblemError('DEVICE_UNKNOWN')
  }

  function isRefused(request: FastifyRequest, id: string): boolean {
    return limit.isOver(networkOf(request.ip)) && !registry.remembers(id)
  }
}

function pairingIdOf(params: unknown): string | null {
  if (typeof params !== 'object' || params === null || !('pairingId' in params)) return null
  return String(params.pairingId)
}

/** OwnTracks has the pairing id as its password; its user name says nothing to us. */
function passwordOf(authorization: string | undefined): string | null {
  const encoded = /^Basic +([A-Za-z0-9+/=_-]+)$/i.exec(authorization ?? '')?.[1]
  if (encoded === undefined) return null
  const decoded = Buffer.from(encoded, 'base64').toString('utf8')
  return decoded.slice(decoded.indexOf(':') + 1)
}
