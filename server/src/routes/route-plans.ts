import { randomInt } from 'node:crypto'
import Type from 'typebox'
import { sql, type SQL } from 'drizzle-orm'
import {
  NamedRouteLines,
  PlannedRoute,
  PlannerChoices,
  RouteLines,
  RoutePlan,
  RoutePlanRequest,
  StopOrder,
  type Scope,
} from '@patrol/contract'
import { inTransaction } from '@patrol/db'
import { withinScope } from '../organisation/scope.ts'
import { officerOf, principalOf } from '../plugins/session.ts'
import { ProblemError } from '../problems.ts'
import { assignRoute, withdrawRoute, type Decider } from '../route/plan/assign-route.ts'
import { editStops } from '../route/plan/edit-stops.ts'
import { listChoices } from '../route/plan/list-choices.ts'
import { listRouteLines } from '../route/plan/read-lines.ts'
import { listPlannedRoutes, listRoutePlans } from '../route/plan/read-plan.ts'
import { requestPlan } from '../route/plan/request-plan.ts'
import type { App } from '../app.ts'
import type { FastifyRequest } from 'fastify'

const Id = Type.Object({ id: Type.String({ format: 'uuid' }) })
const within = (scope: Scope, table: 'p' | 'r'): SQL =>
  withinScope(scope, {
    precinctId: sql`${sql.identifier(table)}.precinct_id`,
    stationId: sql`${sql.identifier(table)}.station_id`,
  })

/** Planning patrol routes: what can be planned, plans with their alternatives, and the routes that units follow. */
export async function routePlanRoutes(app: App) {
  const seeing = ['operator', 'duty-officer', 'supervisor', 'administrator'] as const
  const deciding = ['duty-officer', 'supervisor', 'administrator'] as const
  const deciderOf = (request: FastifyRequest): Decider => ({
    officerId: officerOf(request).id,
    scope: principalOf(request).scope,
    now: app.clock.now(),
  })
  const followed = (scope: Scope): SQL => sql`r.state = 'assigned'
    and r.ends_at > ${app.clock.now().toISOString()} and ${within(scope, 'r')}`
  const findPlan = async (id: string, scope: Scope): Promise<RoutePlan> => {
    const [plan] = await listRoutePlans(app.db, sql`p.id = ${id} and ${within(scope, 'p')}`)
    if (plan === undefined) throw new ProblemError('NOT_FOUND')
    return plan
  }

  app.get(
    '/api/v1/planner',
    {
      config: { access: seeing },
      schema: {
        querystring: Type.Object({ stationId: Type.Optional(Type.Integer()) }),
        response: { 200: PlannerChoices },
      },
    },
    async (request) =>
      listChoices(app.db, principalOf(request).scope, app.clock.now(), request.query.stationId),
  )

  app.post(
    '/api/v1/route-plans',
    { config: { access: deciding }, schema: { body: RoutePlanRequest, response: { 202: RoutePlan } } },
    async (request, reply) => {
      const by = deciderOf(request)
      // Random in operation: who knows the program must not know the route.
      const seed = request.body.seed ?? randomInt(2_147_483_647)
      const shift = await requestPlan(app.db, request.body, { ...by, seed })
      await app.jobs.start({
        kind: 'routes:plan',
        input: { planId: request.body.id },
        key: request.body.id,
        place: shift,
        requestedBy: by.officerId,
      })
      return reply.code(202).send(await findPlan(request.body.id, by.scope))
    },
  )

  app.get(
    '/api/v1/route-plans',
    {
      config: { access: seeing },
      schema: {
        querystring: Type.Object({
          shiftId: Type.Optional(Type.Integer()),
          limit: Type.Integer({ default: 5, minimum: 1, maximum: 20 }),
        }),
        response: { 200: Type.Object({ plans: Type.Array(RoutePlan) }) },
      },
    },
    async (request) => {
      const { shiftId, limit } = request.query
      const ofShift = shiftId === undefined ? sql`true` : sql`p.shift_id = ${shiftId}`
      const where = sql`${ofShift} and ${within(principalOf(request).scope, 'p')}`
      return { plans: await listRoutePlans(app.db, where, limit) }
    },
  )

  app.get(
    '/api/v1/route-plans/:id',
    { config: { access: seeing }, schema: { params: Id, response: { 200: RoutePlan } } },
    async (request) => findPlan(request.params.id, principalOf(request).scope),
  )

  app.get(
    '/api/v1/planned-routes',
    {
      config: { access: [...seeing, 'wall-display'] },
      schema: { response: { 200: Type.Object({ routes: Type.Array(PlannedRoute) }) } },
    },
    async (request) => ({ routes: await listPlannedRoutes(app.db, followed(principalOf(request).scope)) }),
  )

  app.get(
    '/api/v1/planned-routes/lines',
    {
      config: { access: [...seeing, 'wall-display'] },
      schema: { response: { 200: Type.Object({ lines: Type.Array(NamedRouteLines) }) } },
    },
    async (request) => ({ lines: await listRouteLines(app.db, followed(principalOf(request).scope)) }),
  )

  app.get(
    '/api/v1/planned-routes/:id/line',
    { config: { access: seeing }, schema: { params: Id, response: { 200: RouteLines } } },
    async (request) => {
      const where = sql`r.id = ${request.params.id} and ${within(principalOf(request).scope, 'r')}`
      const [line] = await listRouteLines(app.db, where)
      if (line === undefined) throw new ProblemError('NOT_FOUND')
      return { legs: line.legs }
    },
  )

  app.put(
    '/api/v1/planned-routes/:id/stops',
    {
      config: { access: deciding },
      schema: { params: Id, body: StopOrder, response: { 200: PlannedRoute } },
    },
    async (request) =>
      editStops(app.db, request.params.id, request.body.pointIds, {
        ...deciderOf(request),
        osrmUrl: app.env.osrmUrl,
      }),
  )

  app.post(
    '/api/v1/planned-routes/:id/assign',
    {
      config: { access: deciding },
      schema: {
        params: Id,
        body: Type.Object({ unitId: Type.Optional(Type.Integer()) }, { additionalProperties: false }),
        response: { 200: PlannedRoute },
      },
    },
    async (request) =>
      inTransaction(app.db, (tx) =>
        assignRoute(tx, request.params.id, request.body.unitId, deciderOf(request)),
      ),
  )

  app.post(
    '/api/v1/planned-routes/:id/withdraw',
    { config: { access: deciding }, schema: { params: Id, response: { 200: PlannedRoute } } },
    async (request) =>
      inTransaction(app.db, (tx) => withdrawRoute(tx, request.params.id, deciderOf(request))),
  )

  app.post(
    '/api/v1/units/:id/replan',
    {
      config: { access: deciding },
      schema: {
        params: Type.Object({ id: Type.Integer() }),
        response: { 202: Type.Object({ jobId: Type.Integer() }) },
      },
    },
    async (request, reply) => {
      const { officerId, scope, now } = deciderOf(request)
      const unitId = request.params.id
      const [route] = await listPlannedRoutes(
        app.db,
        sql`r.unit_id = ${unitId} and r.state = 'assigned' and ${within(scope, 'r')}`,
      )
      if (route === undefined) throw new ProblemError('NOT_FOUND')
      const job = await app.jobs.start({
        kind: 'routes:replan',
        input: { unitId, officerId },
        // The rest of a route is another one a while later.
        key: `${route.id} ${Math.floor(now.getTime() / 10_000)}`,
        seed: randomInt(2_147_483_647),
        place: route,
        requestedBy: officerId,
      })
      return reply.code(202).send({ jobId: job.id })
    },
  )
}
