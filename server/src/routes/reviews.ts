import Type from 'typebox'
import { Day, Evidence, ReasonCode, Review, ReviewItem, ReviewPage, Verdict } from '@patrol/contract'
import { officerOf, principalOf } from '../plugins/session.ts'
import { countUndecided, listReviews, type Reviewer } from '../review/list-reviews.ts'
import { readEvidence } from '../review/read-evidence.ts'
import { reviewCheckIn } from '../review/review-check-in.ts'
import type { App } from '../app.ts'
import type { FastifyRequest } from 'fastify'

const reviewing = ['duty-officer', 'supervisor'] as const
const oneCheckIn = Type.Object({ id: Type.String({ format: 'uuid' }) })

/** The review queue: what the judge doubts, the evidence, and what a person decides. */
export async function reviewRoutes(app: App) {
  app.get(
    '/api/v1/reviews',
    {
      config: { access: reviewing },
      schema: {
        querystring: Type.Object({
          decided: Type.Boolean({ default: false }),
          verdict: Type.Optional(Verdict),
          reason: Type.Optional(ReasonCode),
          stationId: Type.Optional(Type.Integer({ minimum: 1 })),
          on: Type.Optional(Day),
          before: Type.Optional(Type.String({ format: 'uuid' })),
          limit: Type.Integer({ default: 50, minimum: 1, maximum: 200 }),
        }),
        response: { 200: ReviewPage },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store')
      const reviewer = reviewerOf(request)
      const [items, undecided] = await Promise.all([
        listReviews(app.db, reviewer, request.query),
        countUndecided(app.db, reviewer),
      ])
      return { items, undecided }
    },
  )

  app.get(
    '/api/v1/check-ins/:id/evidence',
    { config: { access: reviewing }, schema: { params: oneCheckIn, response: { 200: Evidence } } },
    async (request, reply) => {
      reply.header('cache-control', 'no-store')
      const { serverKey } = app.env
      return readEvidence(app.db, reviewerOf(request), request.params.id, { serverKey, now: app.clock.now() })
    },
  )

  app.post(
    '/api/v1/check-ins/:id/review',
    {
      config: { access: reviewing },
      schema: { params: oneCheckIn, body: Review, response: { 200: ReviewItem } },
    },
    async (request) =>
      reviewCheckIn(app.db, reviewerOf(request), request.params.id, request.body, app.clock.now()),
  )
}

/** Who looks and decides, within the scope of the grant that opens the door. */
export function reviewerOf(request: FastifyRequest): Reviewer {
  return { officerId: officerOf(request).id, scope: principalOf(request).scope }
}
