import Type from 'typebox'
import { JointDefense, JointDefenseOrder } from '@patrol/contract'
import { inTransaction } from '@patrol/db'
import { beginJointDefense, endJointDefense, listJointDefenses } from '../organisation/joint-defense.ts'
import { officerOf, principalOf } from '../plugins/session.ts'
import { ProblemError } from '../problems.ts'
import type { App } from '../app.ts'

/** 區域聯防: who may begin and end it is set over all its precincts. */
export async function jointDefenseRoutes(app: App) {
  app.get(
    '/api/v1/joint-defenses',
    {
      config: { access: ['operator', 'duty-officer', 'supervisor', 'administrator'] },
      schema: { response: { 200: Type.Object({ jointDefenses: Type.Array(JointDefense) }) } },
    },
    async (request) => ({ jointDefenses: await listJointDefenses(app.db, principalOf(request).scope) }),
  )

  app.post(
    '/api/v1/joint-defenses',
    {
      config: { access: ['administrator'] },
      schema: { body: JointDefenseOrder, response: { 200: JointDefense } },
    },
    async (request): Promise<JointDefense> => {
      const made = await inTransaction(app.db, (tx) =>
        beginJointDefense(tx, request.body, byOf(app, request)),
      )
      tellGateways(app)
      return made
    },
  )

  app.post(
    '/api/v1/joint-defenses/:id/end',
    {
      config: { access: ['administrator'] },
      schema: { params: Type.Object({ id: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }) }) },
    },
    async (request, reply) => {
      const { id } = request.params
      const isEnded = await inTransaction(app.db, (tx) => endJointDefense(tx, id, byOf(app, request)))
      if (!isEnded) throw new ProblemError('NOT_FOUND')
      tellGateways(app)
      return reply.code(204).send()
    },
  )
}

const byOf = (app: App, request: Parameters<typeof principalOf>[0]) => ({
  officerId: officerOf(request).id,
  scope: principalOf(request).scope,
  now: app.clock.now(),
})

/** Screens get another scope at once; a gateway that does not hear it looks within seconds. */
function tellGateways(app: App) {
  app.redis.publish(app.channels.scopes, '1').catch(() => undefined)
}
