import Type from 'typebox'
import { Alert } from '@patrol/contract'
import { inTransaction } from '@patrol/db'
import { acknowledgeAlert } from '../alert/acknowledge-alert.ts'
import { officerOf, principalOf } from '../plugins/session.ts'
import { ProblemError } from '../problems.ts'
import type { App } from '../app.ts'

export async function alertRoutes(app: App) {
  app.post(
    '/api/v1/alerts/:id/acknowledge',
    {
      config: { access: ['operator', 'duty-officer', 'supervisor'] },
      schema: { params: Type.Object({ id: Type.Integer() }), response: { 200: Alert } },
    },
    async (request): Promise<Alert> => {
      const alert = await inTransaction(app.db, (tx) =>
        acknowledgeAlert(tx, {
          alertId: request.params.id,
          officerId: officerOf(request).id,
          scope: principalOf(request).scope,
          now: app.clock.now(),
        }),
      )
      if (alert === null) throw new ProblemError('NOT_FOUND')
      return alert
    },
  )
}
