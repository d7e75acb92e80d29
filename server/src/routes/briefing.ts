import Type from 'typebox'
import { Compile } from 'typebox/compile'
import {
  CardKind,
  Feedback,
  FeedbackBatch,
  FeedbackEntry,
  ItemAnswers,
  Surroundings,
  SurroundingsQuestion,
} from '@patrol/contract'
import { inTransaction } from '@patrol/db'
import type { Briefer } from '../briefing/brief-officers.ts'
import { findArrival } from '../briefing/find-arrival.ts'
import { giveFeedback } from '../briefing/give-feedback.ts'
import { listFeedback } from '../briefing/list-feedback.ts'
import { officerOf, principalOf } from '../plugins/session.ts'
import { ProblemError } from '../problems.ts'
import type { App } from '../app.ts'
import { answerItems } from './answer-items.ts'

const feedbackItem = Compile(Feedback)
/** Nothing waits for it but the officer. */
const patienceMs = 5_000
const onDuty = ['officer', 'beat-officer', 'supervisor', 'duty-officer', 'administrator'] as const

/** What matters where the officer stands, and what the officer answers. */
export async function briefingRoutes(app: App, { briefer }: { briefer: Briefer }) {
  app.post(
    '/api/v1/surroundings',
    {
      config: { access: ['officer', 'beat-officer', 'supervisor'] },
      schema: { body: SurroundingsQuestion, response: { 200: Surroundings } },
    },
    async (request, reply): Promise<Surroundings> => {
      reply.header('cache-control', 'no-store')
      const { id, position } = request.body
      const officerId = officerOf(request).id
      const arrival = { occasionId: id, officerId, pointId: null, position, at: app.clock.now() }
      const cards = await briefer.brief(arrival, patienceMs)
      if (cards === null) throw new ProblemError('UNAVAILABLE')
      return { id, cards }
    },
  )

  // For an acknowledgement that went without them.
  app.get(
    '/api/v1/check-ins/:id/cards',
    {
      config: { access: onDuty },
      schema: {
        params: Type.Object({ id: Type.String({ format: 'uuid' }) }),
        response: { 200: Surroundings },
      },
    },
    async (request, reply): Promise<Surroundings> => {
      reply.header('cache-control', 'no-store')
      const arrival = await findArrival(app.db, {
        checkInId: request.params.id,
        officerId: officerOf(request).id,
        now: app.clock.now(),
      })
      if (arrival === null) throw new ProblemError('NOT_FOUND')
      const cards = await briefer.brief(arrival, patienceMs)
      if (cards === null) throw new ProblemError('UNAVAILABLE')
      return { id: arrival.occasionId, cards }
    },
  )

  app.post(
    '/api/v1/feedback',
    {
      config: { access: onDuty },
      schema: { body: FeedbackBatch, response: { 200: ItemAnswers } },
      bodyLimit: 128 * 1024,
    },
    async (request) => {
      const officerId = officerOf(request).id
      const now = app.clock.now()
      return {
        results: await answerItems(app.db, {
          items: request.body.feedback,
          schema: feedbackItem,
          officerId,
          now,
          store: (feedback) => inTransaction(app.db, (tx) => giveFeedback(tx, { feedback, officerId, now })),
          unknown: { field: '/refId', message: 'This officer had no such card.' },
        }),
      }
    },
  )

  app.get(
    '/api/v1/feedback',
    {
      config: { access: ['operator', 'duty-officer', 'supervisor', 'administrator'] },
      schema: {
        querystring: Type.Object({
          kind: Type.Optional(CardKind),
          /** With `kind`: about this incident, notice or point. */
          refId: Type.Optional(Type.Integer()),
          before: Type.Optional(Type.String({ format: 'uuid' })),
          limit: Type.Integer({ default: 100, minimum: 1, maximum: 500 }),
        }),
        response: { 200: Type.Object({ feedback: Type.Array(FeedbackEntry) }) },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store')
      const { kind, refId, before, limit } = request.query
      const about = kind === undefined || refId === undefined ? undefined : { kind, refId }
      return {
        feedback: await listFeedback(app.db, { scope: principalOf(request).scope, limit, about, before }),
      }
    },
  )
}
