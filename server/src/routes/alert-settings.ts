import Type from 'typebox'
import { AlertRule, NewSuppression, RuleSetting, Suppression } from '@patrol/contract'
import { audit, inTransaction } from '@patrol/db'
import { checkRule } from '../alert/alert-rules.ts'
import { listRules, saveRule } from '../alert/set-rule.ts'
import { checkPlan, createPlan, endPlan, listPlans } from '../alert/plan-suppression.ts'
import { covers } from '../organisation/scope.ts'
import { officerOf, principalOf } from '../plugins/session.ts'
import { ProblemError } from '../problems.ts'
import type { App } from '../app.ts'

const reading = ['operator', 'duty-officer', 'supervisor', 'administrator'] as const
const setting = ['duty-officer', 'administrator'] as const
const planning = ['duty-officer', 'administrator'] as const

/** What raises an alert where, and which plans keep alerts quiet. Each precinct sets its own; the city's holds for the rest. */
export async function alertSettingRoutes(app: App) {
  app.get(
    '/api/v1/alert-rules',
    {
      config: { access: reading },
      schema: { response: { 200: Type.Object({ rules: Type.Array(AlertRule) }) } },
    },
    async (request) => ({ rules: await listRules(app.db, principalOf(request).scope) }),
  )

  app.put(
    '/api/v1/alert-rules',
    { config: { access: setting }, schema: { body: RuleSetting, response: { 204: Type.Null() } } },
    async (request, reply) => {
      const { precinctId } = request.body
      const { scope } = principalOf(request)
      // The city's rule is for those who watch the city; covers() lets nobody else past a null.
      if (!covers(scope, { precinctId, stationId: null })) throw new ProblemError('NOT_ALLOWED')
      const fault = checkRule(request.body)
      if (fault) throw new ProblemError('INVALID_INPUT', { ...fault, field: `body${fault.field}` })
      const now = app.clock.now()
      const officerId = officerOf(request).id
      await inTransaction(app.db, async (tx) => {
        await saveRule(tx, now, officerId, request.body)
        await tx.insert(audit).values({
          at: now,
          officerId,
          action: 'alert-rule:set',
          subject: `alert-rule:${request.body.kind}`,
          precinctId,
          details: request.body,
        })
      })
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/api/v1/alert-suppressions',
    {
      config: { access: reading },
      schema: { response: { 200: Type.Object({ suppressions: Type.Array(Suppression) }) } },
    },
    async (request) => ({
      suppressions: await listPlans(app.db, principalOf(request).scope, app.clock.now()),
    }),
  )

  app.post(
    '/api/v1/alert-suppressions',
    {
      config: { access: planning },
      schema: { body: NewSuppression, response: { 200: Type.Object({ id: Type.Integer() }) } },
    },
    async (request) => {
      const { precinctId } = request.body
      if (!covers(principalOf(request).scope, { precinctId, stationId: null })) {
        throw new ProblemError('NOT_ALLOWED')
      }
      const now = app.clock.now()
      const fault = checkPlan(request.body, now)
      if (fault) throw new ProblemError('INVALID_INPUT', { ...fault, field: `body${fault.field}` })
      return inTransaction(app.db, (tx) => createPlan(tx, now, officerOf(request).id, request.body))
    },
  )

  app.post(
    '/api/v1/alert-suppressions/:id/end',
    {
      config: { access: planning },
      schema: { params: Type.Object({ id: Type.Integer() }), response: { 204: Type.Null() } },
    },
    async (request, reply) => {
      const ended = await inTransaction(app.db, (tx) =>
        endPlan(tx, app.clock.now(), {
          id: request.params.id,
          officerId: officerOf(request).id,
          scope: principalOf(request).scope,
        }),
      )
      if (!ended) throw new ProblemError('NOT_FOUND')
      return reply.code(204).send(null)
    },
  )
}
