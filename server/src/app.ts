import compress from '@fastify/compress'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type RawServerDefault,
} from 'fastify'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { readFileSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { describeError } from './describe-error.ts'
import type { Env } from './env.ts'
import { createBriefer } from './briefing/brief-officers.ts'
import { compileOnFirstUse } from './plugins/compile-on-first-use.ts'
import { addDatabase } from './plugins/database.ts'
import { handleProblems } from './plugins/problem-handler.ts'
import { addJobs } from './plugins/jobs.ts'
import { addPages } from './plugins/pages.ts'
import { addRedis } from './plugins/redis.ts'
import { addSessions } from './plugins/session.ts'
import { addSockets } from './plugins/sockets.ts'
import { addUpgrades } from './plugins/upgrade.ts'
import { alertNoticeRoutes } from './routes/alert-notices.ts'
import { alertPerformanceRoutes } from './routes/alert-performance.ts'
import { alertSettingRoutes } from './routes/alert-settings.ts'
import { alertRoutes } from './routes/alerts.ts'
import { briefingRoutes } from './routes/briefing.ts'
import { assignmentRoutes } from './routes/assignments.ts'
import { checkInRoutes } from './routes/check-ins.ts'
import { deviceRoutes } from './routes/devices.ts'
import { dutyRoutes } from './routes/duty.ts'
import { exportRoutes } from './routes/exports.ts'
import { handoverRoutes } from './routes/handovers.ts'
import { hotspotRoutes } from './routes/hotspots.ts'
import { incidentRoutes } from './routes/incidents.ts'
import { jobRoutes } from './routes/jobs.ts'
import { jointDefenseRoutes } from './routes/joint-defenses.ts'
import { labelRoutes } from './routes/label.ts'
import { noticeRoutes } from './routes/notices.ts'
import { messageRoutes } from './routes/messages.ts'
import { addDocs, operationRoutes } from './routes/operation.ts'
import { missedWindowRoutes } from './routes/missed-windows.ts'
import { orderRoutes } from './routes/orders.ts'
import { patrolPointRoutes } from './routes/patrol-points.ts'
import { patrolWindowRoutes } from './routes/patrol-windows.ts'
import { routePlanRoutes } from './routes/route-plans.ts'
import { pointDisplayRoutes } from './routes/point-displays.ts'
import { playbackRoutes } from './routes/playback.ts'
import { reviewRoutes } from './routes/reviews.ts'
import { pushRoutes } from './routes/push.ts'
import { rosterRoutes } from './routes/roster.ts'
import { sessionRoutes } from './routes/session.ts'
import { sosRoutes } from './routes/sos.ts'
import { situationRoomRoutes } from './routes/situation-room.ts'
import { tagRoutes } from './routes/tags.ts'
import { telemetryRoutes } from './routes/telemetry.ts'
import { tileRoutes } from './routes/tiles.ts'
import { trackerPairingRoutes } from './routes/tracker-pairing.ts'
import { trackerRoutes } from './routes/trackers.ts'
import { visitRoutes } from './routes/visits.ts'
import { wallDisplayRoutes } from './routes/wall-displays.ts'
import { wallRoutes } from './routes/wall.ts'
import { workRecordRoutes } from './routes/work-records.ts'
import { createPush, type SendPush } from './push/send-push.ts'
import { createBreadcrumbIngest } from './tracking/ingest-breadcrumbs.ts'

declare module 'fastify' {
  interface FastifyInstance {
    env: Env
    /** Wakes officers' phones, after the commit of what they should look at. */
    sendPush: SendPush
  }
}

/** The application with the type provider that makes route schemas into types. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** The gateway: everything that people and devices talk to. First what it owns, then its doors, in order. */
export async function buildApp(env: Env, { logTo }: { logTo?: Writable } = {}): Promise<App> {
  const app: App = fastify({
    logger: { ...loggerOf(env), ...(logTo === undefined ? {} : { stream: logTo }) },
    // A line per breadcrumb batch helps nobody; the metrics count them.
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: env.trustProxy === '' ? false : env.trustProxy.split(','),
    forceCloseConnections: true,
    ...(env.tls === null
      ? {}
      : { https: { cert: readFileSync(env.tls.certFile), key: readFileSync(env.tls.keyFile) } }),
  }).withTypeProvider<TypeBoxTypeProvider>()
  app.decorate('env', env)
  compileOnFirstUse(app)
  handleProblems(app)

  await addDatabase(app)
  await addRedis(app)
  await addUpgrades(app) // before the sessions, whose refusal it must see to close the connection
  await addSessions(app)
  await addSockets(app)
  await app.register(compress, { threshold: 2_048, encodings: ['gzip'] })
  await addJobs(app)
  await addDocs(app)
  await addPages(app)

  const { db, redis, channels } = app
  app.decorate('sendPush', createPush({ db, vapid: env.vapid, log: app.log }))
  const briefer = createBriefer({ db, log: app.log })
  app.addHook('preClose', () => briefer.stop())
  const ingest = createBreadcrumbIngest({ db, redis, channels, now: () => app.clock.now() })

  await operationRoutes(app)
  await sessionRoutes(app)
  await wallDisplayRoutes(app)
  await pointDisplayRoutes(app)
  await labelRoutes(app)
  await checkInRoutes(app, { briefer })
  await briefingRoutes(app, { briefer })
  await noticeRoutes(app)
  await visitRoutes(app)
  await pushRoutes(app)
  await deviceRoutes(app)
  await tagRoutes(app)
  await telemetryRoutes(app, { ingest })
  await trackerRoutes(app, { ingest })
  await trackerPairingRoutes(app)
  await wallRoutes(app)
  await tileRoutes(app)
  await dutyRoutes(app)
  await alertRoutes(app)
  await alertNoticeRoutes(app)
  await alertPerformanceRoutes(app)
  await alertSettingRoutes(app)
  await sosRoutes(app)
  await incidentRoutes(app)
  await assignmentRoutes(app)
  await orderRoutes(app)
  await messageRoutes(app)
  await rosterRoutes(app)
  await handoverRoutes(app)
  await jointDefenseRoutes(app)
  await patrolPointRoutes(app)
  await patrolWindowRoutes(app)
  await routePlanRoutes(app)
  await reviewRoutes(app)
  await missedWindowRoutes(app)
  await workRecordRoutes(app)
  await exportRoutes(app)
  await situationRoomRoutes(app)
  await jobRoutes(app)
  await hotspotRoutes(app)
  await playbackRoutes(app)
  return app
}

/** Structured logs without personal data: no bodies, no addresses, no cookies. */
function loggerOf(env: Env) {
  return {
    level: env.logLevel,
    redact: ['req.headers.cookie', 'req.headers.authorization'],
    serializers: {
      req: (request: { method: string; url: string }) => ({
        method: request.method,
        // The code on a label, pairing ids and log-in names stay out of the logs.
        path: request.url.split('?')[0]?.replace(/^\/(c|field\/c|trackers|pub)\/.*/, '/$1/…'),
      }),
      err: describeError,
    },
  }
}
