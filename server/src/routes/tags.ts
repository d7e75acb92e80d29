import Type from 'typebox'
import { sql } from 'drizzle-orm'
import {
  EnrolledTag,
  LabelReissue,
  ReissuedLabel,
  TagActivation,
  TagEnrolment,
  TagKeys,
} from '@patrol/contract'
import type { FastifyRequest } from 'fastify'
import { withinScope } from '../organisation/scope.ts'
import { officerOf, principalOf } from '../plugins/session.ts'
import { ProblemError } from '../problems.ts'
import { activateTag, enrolTag, revokeTag, takeTagKeys, type TagAuthority } from '../tag/enrol-tag.ts'
import { reissueLabel } from '../tag/reissue-label.ts'
import type { App } from '../app.ts'

const access = ['duty-officer', 'supervisor', 'administrator'] as const
const oneOf = Type.Object({ id: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }) })

/** Tags and labels: bound to a point, programmed, taken into use, replaced, ended. */
export async function tagRoutes(app: App) {
  app.post(
    '/api/v1/tags',
    { config: { access }, schema: { body: TagEnrolment, response: { 200: EnrolledTag } } },
    async (request) => enrolTag(app.db, app.env, request.body, authorityOf(request)),
  )

  app.post(
    '/api/v1/tags/:id/keys',
    // Whoever has a tag's keys can be in two places: as few people as possible.
    { config: { access: ['administrator'] }, schema: { params: oneOf, response: { 200: TagKeys } } },
    async (request, reply) => {
      reply.header('cache-control', 'no-store')
      return takeTagKeys(app.db, app.env, request.params.id, authorityOf(request))
    },
  )

  app.post(
    '/api/v1/tags/:id/activate',
    {
      config: { access },
      schema: { params: oneOf, body: TagActivation, response: { 200: EnrolledTag } },
    },
    async (request) =>
      activateTag(app.db, app.env, { tagId: request.params.id, url: request.body.url }, authorityOf(request)),
  )

  app.post(
    '/api/v1/tags/:id/revoke',
    { config: { access }, schema: { params: oneOf } },
    async (request, reply) => {
      await revokeTag(app.db, request.params.id, authorityOf(request))
      return reply.code(204).send()
    },
  )

  app.post(
    '/api/v1/patrol-points/:id/label',
    {
      config: { access },
      schema: { params: oneOf, body: LabelReissue, response: { 200: ReissuedLabel } },
    },
    async (request, reply): Promise<ReissuedLabel> => {
      const { officerId, scope } = authorityOf(request)
      const patrolPointId = request.params.id
      const seen = await app.db.execute(sql`
        select 1 from patrol_point p where p.id = ${patrolPointId} and p.retired_at is null
          and ${withinScope(scope, { precinctId: sql`p.precinct_id`, stationId: sql`p.station_id` })}`)
      if (seen.rows.length === 0) throw new ProblemError('PATROL_POINT_UNKNOWN')
      const { code, ...made } = await reissueLabel(app.db, app.env.tagKeys, {
        patrolPointId,
        officerId,
        ...request.body,
      })
      reply.header('cache-control', 'no-store')
      return { ...made, url: `${app.env.publicOrigin}/c/${code}` }
    },
  )
}

function authorityOf(request: FastifyRequest): TagAuthority {
  return { officerId: officerOf(request).id, scope: principalOf(request).scope }
}
