import Type from 'typebox'
import { sql } from 'drizzle-orm'
import { Alert, AudioLease, OutOfService, Shelving } from '@patrol/contract'
import { inTransaction } from '@patrol/db'
import { actOnAlert, type AlertAct } from '../alert/act-on-alert.ts'
import { readAlerts } from '../alert/alert-row.ts'
import { holdAudio, leaseMs } from '../alert/hold-audio.ts'
import { scopeKey, withinScope } from '../organisation/scope.ts'
import { officerOf, principalOf } from '../plugins/session.ts'
import { ProblemError } from '../problems.ts'
import type { FastifyRequest } from 'fastify'
import type { App } from '../app.ts'

const acting = ['operator', 'duty-officer', 'supervisor'] as const
const deciding = ['operator', 'duty-officer'] as const
const watching = ['operator', 'duty-officer', 'supervisor', 'administrator', 'wall-display'] as const
const id = Type.Object({ id: Type.Integer() })

/** What people do with alerts, and which screen sounds. Alerts themselves come with the snapshot and the events. */
export async function alertRoutes(app: App) {
  async function act(request: FastifyRequest, alertId: number, how: AlertAct): Promise<Alert> {
    const alert = await inTransaction(app.db, (tx) =>
      actOnAlert(tx, {
        alertId,
        officerId: officerOf(request).id,
        scope: principalOf(request).scope,
        now: app.clock.now(),
        ...how,
      }),
    )
    if (alert === null) throw new ProblemError('NOT_FOUND')
    return alert
  }

  app.get(
    '/api/v1/alerts/:id/children',
    {
      config: { access: watching },
      schema: { params: id, response: { 200: Type.Object({ alerts: Type.Array(Alert) }) } },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store')
      const within = withinScope(principalOf(request).scope, {
        precinctId: sql`a.precinct_id`,
        stationId: sql`a.station_id`,
      })
      const alerts = await readAlerts(
        app.db,
        sql`where a.parent_id = ${request.params.id} and a.closed_at is null and ${within} order by a.id limit 1000`,
      )
      return {
        alerts: alerts.flatMap(({ state, ...alert }) => (state === null ? [] : [{ ...alert, state }])),
      }
    },
  )

  app.post(
    '/api/v1/alerts/:id/acknowledge',
    { config: { access: acting }, schema: { params: id, response: { 200: Alert } } },
    async (request) => act(request, request.params.id, { act: 'acknowledge' }),
  )

  app.post(
    '/api/v1/alerts/:id/shelve',
    { config: { access: deciding }, schema: { params: id, body: Shelving, response: { 200: Alert } } },
    async (request) => {
      const { minutes, reason } = request.body
      const until = new Date(app.clock.now().getTime() + minutes * 60_000)
      return act(request, request.params.id, { act: 'shelve', until, reason })
    },
  )

  app.post(
    '/api/v1/alerts/:id/unshelve',
    { config: { access: deciding }, schema: { params: id, response: { 200: Alert } } },
    async (request) => act(request, request.params.id, { act: 'unshelve' }),
  )

  app.post(
    '/api/v1/alerts/:id/out-of-service',
    {
      config: { access: ['duty-officer', 'supervisor'] },
      schema: { params: id, body: OutOfService, response: { 200: Alert } },
    },
    async (request) => act(request, request.params.id, { act: 'take-out-of-service', ...request.body }),
  )

  app.post(
    '/api/v1/alerts/:id/return-to-service',
    { config: { access: ['duty-officer', 'supervisor'] }, schema: { params: id, response: { 200: Alert } } },
    async (request) => act(request, request.params.id, { act: 'return-to-service' }),
  )

  app.post(
    '/api/v1/alerts/:id/close',
    { config: { access: acting }, schema: { params: id, response: { 200: Alert } } },
    async (request) => act(request, request.params.id, { act: 'close' }),
  )

  app.post(
    '/api/v1/audio-lease',
    {
      config: { access: watching },
      schema: {
        body: Type.Object({ screenId: Type.String({ minLength: 8, maxLength: 64 }) }),
        response: { 200: AudioLease },
      },
    },
    async (request): Promise<AudioLease> => {
      const key = scopeKey(principalOf(request).scope)
      return { isLeader: await holdAudio(app.db, key, request.body.screenId), validMs: leaseMs }
    },
  )
}
