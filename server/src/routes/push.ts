import Type from 'typebox'
import { sql } from 'drizzle-orm'
import { PushKey, PushSubscriptionRequest } from '@patrol/contract'
import { inTransaction } from '@patrol/db'
import { officerOf, principalOf } from '../plugins/session.ts'
import { ProblemError } from '../problems.ts'
import { subscribe } from '../push/subscribe.ts'
import type { App } from '../app.ts'

/** An officer's own phone: whether it may be woken. */
export async function pushRoutes(app: App) {
  app.get(
    '/api/v1/push',
    { config: { access: 'logged-in' }, schema: { response: { 200: PushKey } } },
    async (): Promise<PushKey> => ({ publicKey: app.env.vapid?.publicKey ?? null }),
  )

  app.post(
    '/api/v1/push-subscriptions',
    { config: { access: 'logged-in' }, schema: { body: PushSubscriptionRequest } },
    async (request, reply) => {
      const officer = officerOf(request)
      if (app.env.vapid === null) throw new ProblemError('PUSH_OFF')
      const fault = await inTransaction(app.db, (tx) =>
        subscribe(tx, request.body, {
          sessionId: principalOf(request).sessionId,
          officerId: officer.id,
          origins: app.env.pushOrigins,
        }),
      )
      if (fault !== null) throw new ProblemError('INVALID_INPUT', { field: `body/${fault}` })
      return reply.code(204).send()
    },
  )

  app.delete(
    '/api/v1/push-subscriptions',
    {
      config: { access: 'logged-in' },
      schema: { body: Type.Object({ endpoint: Type.String({ maxLength: 1_000 }) }) },
    },
    async (request, reply) => {
      await app.db.execute(sql`
        delete from push_subscription
        where endpoint = ${request.body.endpoint} and officer_id = ${officerOf(request).id}`)
      return reply.code(204).send()
    },
  )
}
