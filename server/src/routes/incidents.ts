import Type from 'typebox'
import { sql } from 'drizzle-orm'
import { Incident, IncidentClosing, IncidentReport, IncidentSource } from '@patrol/contract'
import { inTransaction } from '@patrol/db'
import { closeIncident } from '../dispatch/close-incident.ts'
import { readIncident, type IncidentRow } from '../incident/read-incident.ts'
import { reportIncident } from '../incident/report-incident.ts'
import { covers, withinScope } from '../organisation/scope.ts'
import { officerOf, principalOf } from '../plugins/session.ts'
import { ProblemError } from '../problems.ts'
import type { App } from '../app.ts'

export async function incidentRoutes(app: App) {
  app.post(
    '/api/v1/incidents',
    {
      config: { access: ['operator', 'duty-officer', 'administrator'] },
      schema: { body: IncidentReport, response: { 200: Incident } },
    },
    async (request): Promise<Incident> => {
      const { scope } = principalOf(request)
      return inTransaction(app.db, async (tx) => {
        const incident = await reportIncident(tx, request.body, app.clock.now())
        // Who watches a precinct enters what happens there; thrown, so that nothing elsewhere is on record.
        if (!covers(scope, incident)) throw new ProblemError('NOT_ALLOWED')
        return incident
      })
    },
  )

  app.post(
    '/api/v1/incidents/:id/close',
    {
      config: { access: ['operator', 'duty-officer'] },
      schema: {
        params: Type.Object({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) }),
        body: IncidentClosing,
        response: { 200: Incident },
      },
    },
    async (request): Promise<Incident> => {
      const by = {
        officerId: officerOf(request).id,
        scope: principalOf(request).scope,
        now: app.clock.now(),
      }
      return inTransaction(app.db, (tx) => closeIncident(tx, request.params.id, request.body.reason, by))
    },
  )

  app.get(
    '/api/v1/incidents',
    {
      config: {
        access: ['operator', 'duty-officer', 'supervisor', 'administrator', 'wall-display'],
        joint: true,
      },
      schema: {
        querystring: Type.Object({
          source: Type.Optional(IncidentSource),
          since: Type.Optional(Type.String({ format: 'date-time' })),
          limit: Type.Integer({ default: 200, minimum: 1, maximum: 1_000 }),
        }),
        response: { 200: Type.Object({ incidents: Type.Array(Incident) }) },
      },
    },
    async (request) => {
      const { source, since, limit } = request.query
      const within = withinScope(principalOf(request).scope, {
        precinctId: sql`i.precinct_id`,
        stationId: sql`i.station_id`,
      })
      const { rows } = await app.db.execute<IncidentRow>(sql`
        select i.id, i.source, i.category, i.subtype, i.priority, i.status, i.occurred_at, st_x(i.position) as lon,
          st_y(i.position) as lat, i.address, i.precinct_id, i.station_id
        from incident i
        where ${within} ${source === undefined ? sql`` : sql`and i.source = ${source}`}
          ${since === undefined ? sql`` : sql`and i.occurred_at >= ${since}`}
        order by i.occurred_at desc limit ${limit}`)
      return { incidents: rows.map(readIncident) }
    },
  )
}
