import Type from 'typebox'
import { Day, MakeUpProposal, MissedDecision, MissedWindowPage } from '@patrol/contract'
import { decideMissedWindow, proposeMakeUp } from '../review/decide-missed-window.ts'
import { countMissedWindows, listMissedWindows } from '../review/list-missed-windows.ts'
import { reviewerOf } from './reviews.ts'
import type { App } from '../app.ts'

const reviewing = ['duty-officer', 'supervisor'] as const
const oneWindow = Type.Object({ id: Type.Integer({ minimum: 1 }) })

/** 漏簽: what was missed, why it should be made up, and what another decides of it. */
export async function missedWindowRoutes(app: App) {
  app.get(
    '/api/v1/missed-windows',
    {
      config: { access: reviewing },
      schema: {
        querystring: Type.Object({
          decided: Type.Boolean({ default: false }),
          stationId: Type.Optional(Type.Integer({ minimum: 1 })),
          on: Type.Optional(Day),
          limit: Type.Integer({ default: 100, minimum: 1, maximum: 500 }),
        }),
        response: { 200: MissedWindowPage },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store')
      const reviewer = reviewerOf(request)
      const [windows, undecided] = await Promise.all([
        listMissedWindows(app.db, reviewer, request.query),
        countMissedWindows(app.db, reviewer),
      ])
      return { windows, undecided }
    },
  )

  app.post(
    '/api/v1/patrol-windows/:id/make-up',
    {
      config: { access: ['officer', 'beat-officer', 'supervisor', 'duty-officer'] },
      schema: { params: oneWindow, body: MakeUpProposal },
    },
    async (request, reply) => {
      const { id } = request.params
      await proposeMakeUp(app.db, reviewerOf(request), id, request.body.reason, app.clock.now())
      return reply.code(204).send()
    },
  )

  app.post(
    '/api/v1/patrol-windows/:id/decide',
    { config: { access: reviewing }, schema: { params: oneWindow, body: MissedDecision } },
    async (request, reply) => {
      await decideMissedWindow(app.db, reviewerOf(request), request.params.id, request.body, app.clock.now())
      return reply.code(204).send()
    },
  )
}
