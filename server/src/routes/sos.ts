import Type from 'typebox'
import { SosCall, SosReceipt } from '@patrol/contract'
import { findSos, recordSos } from '../alert/record-sos.ts'
import { officerOf } from '../plugins/session.ts'
import { ProblemError } from '../problems.ts'
import type { App } from '../app.ts'

/** An officer calls for help, and asks who has heard it. Every role may: trouble does not ask for one. */
export async function sosRoutes(app: App) {
  app.post(
    '/api/v1/sos',
    { config: { access: 'logged-in' }, schema: { body: SosCall, response: { 200: SosReceipt } } },
    async (request, reply): Promise<SosReceipt> => {
      reply.header('cache-control', 'no-store')
      const by = { sentBy: officerOf(request).id, now: app.clock.now() }
      const receipt = await recordSos(app.db, request.body, by)
      if (receipt === null) throw new ProblemError('NOT_FOUND')
      return receipt
    },
  )

  app.get(
    '/api/v1/sos/:id',
    {
      config: { access: 'logged-in' },
      schema: { params: Type.Object({ id: Type.String({ format: 'uuid' }) }), response: { 200: SosReceipt } },
    },
    async (request, reply): Promise<SosReceipt> => {
      reply.header('cache-control', 'no-store')
      const receipt = await findSos(app.db, request.params.id, officerOf(request).id)
      if (receipt === null) throw new ProblemError('NOT_FOUND')
      return receipt
    },
  )
}
