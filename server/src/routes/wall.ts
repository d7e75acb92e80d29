import type { FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { sql } from 'drizzle-orm'
import { scopeKey, withinScope } from '../organisation/scope.ts'
import { officerOf, principalOf } from '../plugins/session.ts'
import { catchUp } from '../realtime/catch-up.ts'
import { createSharedAnswers, type SharedAnswer } from '../realtime/shared-answers.ts'
import { buildSnapshot } from '../realtime/snapshot.ts'
import type { App } from '../app.ts'

const watching = ['operator', 'duty-officer', 'supervisor', 'administrator', 'wall-display'] as const

/** A snapshot may be a second old: frames since then follow from its `pos`. */
const snapshotSharedMs = 1_000
/** So may a page of events be, a little: a screen asks again from where the page ends. */
const pageSharedMs = 250

/** What screens read: the snapshot, the events after a position, the tracks of the last minutes. */
export async function wallRoutes(app: App) {
  const snapshots = createSharedAnswers(snapshotSharedMs)
  const pages = createSharedAnswers(pageSharedMs)

  app.get('/api/v1/wall', { config: { access: watching, joint: true } }, async (request, reply) => {
    const { scope } = principalOf(request)
    const answer = await snapshots.of(scopeKey(scope), () => buildSnapshot(app.db, scope, app.clock.speed))
    return send(request, reply, answer)
  })

  app.get(
    '/api/v1/events',
    {
      config: { access: watching, joint: true },
      schema: {
        querystring: Type.Object({
          after: Type.Integer({ minimum: 0 }),
          limit: Type.Integer({ default: 2_000, minimum: 1, maximum: 5_000 }),
        }),
      },
    },
    async (request, reply) => {
      const { scope } = principalOf(request)
      const { after, limit } = request.query
      const answer = await pages.of(`${scopeKey(scope)}:${after}:${limit}`, () =>
        catchUp(app.lookups, app.feed, { scope, after, limit }),
      )
      return send(request, reply, answer)
    },
  )

  app.get(
    '/api/v1/tracks',
    {
      config: { access: watching, joint: true },
      schema: {
        querystring: Type.Object({
          since: Type.String({ format: 'date-time' }),
          unitId: Type.Optional(Type.Integer()),
        }),
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store')
      const { scope } = principalOf(request)
      const { since, unitId } = request.query
      // A named unit's whole track is an officer's whereabouts: only a person may ask, and looking is on record.
      if (unitId !== undefined) await auditTrackLook(app, officerOf(request).id, unitId, since)
      const { rows } = await app.db.execute<{ unitId: number; coordinates: number[][]; times: string[] }>(sql`
        select b.unit_id as "unitId", json_agg(json_build_array(b.lon, b.lat) order by b.recorded_at) as coordinates,
          json_agg(to_char(b.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') order by b.recorded_at) as times
        from breadcrumb b join unit u on u.id = b.unit_id
        where b.recorded_at > greatest(${since}::timestamptz, city_now() - ${unitId === undefined ? '1 hour' : '3 days'}::interval)
          ${unitId === undefined ? sql`` : sql`and b.unit_id = ${unitId}`}
          and ${withinScope(scope, { precinctId: sql`u.precinct_id`, stationId: sql`u.station_id` })}
        group by b.unit_id having count(*) > 1`)
      return {
        type: 'FeatureCollection',
        features: rows.map(({ unitId, coordinates, times }) => ({
          type: 'Feature',
          geometry: { type: 'LineString', coordinates },
          properties: { unitId, times },
        })),
      }
    },
  )
}

async function send(request: FastifyRequest, reply: FastifyReply, answer: SharedAnswer) {
  reply.header('content-type', 'application/json; charset=utf-8').header('cache-control', 'no-store')
  reply.header('vary', 'accept-encoding')
  if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return reply.send(answer.text)
  return reply.header('content-encoding', 'gzip').send(await answer.gzipped())
}

async function auditTrackLook(app: App, officerId: number, unitId: number, since: string) {
  await app.db.execute(sql`
    insert into audit (officer_id, action, subject, details)
    values (${officerId}, 'track:viewed', ${`unit:${unitId}`}, ${JSON.stringify({ since })}::jsonb)`)
}
