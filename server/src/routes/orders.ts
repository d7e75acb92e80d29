import Type from 'typebox'
import { Order, OrderAnswer, Orders } from '@patrol/contract'
import { inTransaction } from '@patrol/db'
import { answerOrder } from '../dispatch/answer-order.ts'
import { listOrders } from '../dispatch/list-orders.ts'
import { officerOf } from '../plugins/session.ts'
import { orderOf } from './assignments.ts'
import { replanDiverted } from './replan-diverted.ts'
import type { App } from '../app.ts'

const config = { access: ['officer', 'beat-officer', 'supervisor'] } as const

/** Orders as the unit's phone has them: one's own by session. */
export async function orderRoutes(app: App) {
  app.get('/api/v1/orders', { config, schema: { response: { 200: Orders } } }, async (request, reply) => {
    reply.header('cache-control', 'no-store')
    return listOrders(app.db, officerOf(request).id, app.clock.now())
  })

  app.post(
    '/api/v1/orders/:id/answers',
    {
      config,
      schema: {
        params: Type.Object({ id: Type.String({ format: 'uuid' }) }),
        body: OrderAnswer,
        response: { 200: Order },
      },
    },
    async (request): Promise<Order> => {
      const by = { officerId: officerOf(request).id, now: app.clock.now() }
      const outcome = await inTransaction(app.db, (tx) =>
        answerOrder(tx, request.params.id, request.body, by),
      )
      const order = orderOf(outcome)
      await replanDiverted(app, order, by.officerId)
      return order
    },
  )
}
