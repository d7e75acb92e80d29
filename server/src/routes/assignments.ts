import Type from 'typebox'
import { sql } from 'drizzle-orm'
import {
  Assignment,
  AssignmentCommand,
  Cancellation,
  DispatchIntervals,
  Instant,
  Latitude,
  Longitude,
  NearestUnits,
  Order,
  PatrolMode,
  Reassignment,
} from '@patrol/contract'
import { inTransaction, type OpenTx } from '@patrol/db'
import type { ActOutcome } from '../dispatch/act-once.ts'
import { listOpenAssignments, seenAssignments } from '../dispatch/list-orders.ts'
import { findNearestUnits } from '../dispatch/nearest-units.ts'
import { findUnavailableUnits } from '../dispatch/unavailable-units.ts'
import { assignmentRows, readOrder, type AssignmentRow } from '../dispatch/read-assignment.ts'
import { readIntervals } from '../dispatch/read-intervals.ts'
import { cancelOrder, reassign } from '../dispatch/reassign.ts'
import { sendUnit, type Commander } from '../dispatch/send-unit.ts'
import { officerOf, principalOf } from '../plugins/session.ts'
import { replanDiverted } from './replan-diverted.ts'
import { ProblemError } from '../problems.ts'
import { holdersOf, lastHoldersOf } from '../push/audiences.ts'
import type { App } from '../app.ts'
import type { FastifyRequest } from 'fastify'

const commanding = { access: ['operator', 'duty-officer'], joint: true } as const
const watching = { access: ['operator', 'duty-officer', 'supervisor', 'administrator'], joint: true } as const
const ById = Type.Object({ id: Type.String({ format: 'uuid' }) })

/** What the console commands: send, reassign, cancel; and what it looks at for that. */
export async function assignmentRoutes(app: App) {
  const command = (request: FastifyRequest, work: (tx: OpenTx, by: Commander) => Promise<ActOutcome>) =>
    inTransaction(app.db, (tx) =>
      work(tx, {
        officerId: officerOf(request).id,
        scope: principalOf(request).scope,
        now: app.clock.now(),
      }),
    ).then(orderOf)

  app.post(
    '/api/v1/assignments',
    { config: commanding, schema: { body: AssignmentCommand, response: { 200: Order } } },
    async (request) => {
      const order = await command(request, (tx, by) => sendUnit(tx, request.body, by))
      void app.sendPush(holdersOf(order.id), 'order')
      return order
    },
  )

  app.post(
    '/api/v1/assignments/:id/reassign',
    { config: commanding, schema: { params: ById, body: Reassignment, response: { 200: Order } } },
    async (request) => {
      const order = await command(request, (tx, by) => reassign(tx, request.params.id, request.body, by))
      void app.sendPush(lastHoldersOf(order.id), 'order')
      return order
    },
  )

  app.post(
    '/api/v1/assignments/:id/cancel',
    { config: commanding, schema: { params: ById, body: Cancellation, response: { 200: Order } } },
    async (request) => {
      const order = await command(request, (tx, by) => cancelOrder(tx, request.params.id, request.body, by))
      void app.sendPush(holdersOf(order.id), 'order')
      // Only who went has to find the way back.
      if (order.acceptedAt !== null) await replanDiverted(app, order, officerOf(request).id)
      return order
    },
  )

  app.get(
    '/api/v1/assignments',
    { config: watching, schema: { response: { 200: Type.Object({ assignments: Type.Array(Assignment) }) } } },
    async (request) => ({ assignments: await listOpenAssignments(app.db, principalOf(request).scope) }),
  )

  app.get(
    '/api/v1/assignments/:id',
    { config: watching, schema: { params: ById, response: { 200: Order } } },
    async (request): Promise<Order> => {
      const { rows } = await app.db.execute<AssignmentRow>(sql`
        ${assignmentRows} where a.id = ${request.params.id} and ${seenAssignments(principalOf(request).scope)}`)
      if (rows[0] === undefined) throw new ProblemError('NOT_FOUND')
      return readOrder(rows[0])
    },
  )

  app.get(
    '/api/v1/units/nearest',
    {
      config: commanding,
      schema: {
        querystring: Type.Object({
          lon: Longitude,
          lat: Latitude,
          mode: Type.Optional(PatrolMode),
          limit: Type.Integer({ default: 3, minimum: 1, maximum: 40 }),
        }),
        response: { 200: NearestUnits },
      },
    },
    async (request): Promise<NearestUnits> => {
      const seen = { scope: principalOf(request).scope, now: app.clock.now() }
      const [units, unavailable] = await Promise.all([
        findNearestUnits(app.db, request.query, { ...seen, osrmUrl: app.env.osrmUrl }),
        findUnavailableUnits(app.db, request.query, seen),
      ])
      return { units, unavailable }
    },
  )

  app.get(
    '/api/v1/dispatch-intervals',
    {
      config: watching,
      schema: {
        querystring: Type.Object({ from: Instant, to: Instant }),
        response: { 200: DispatchIntervals },
      },
    },
    async (request) =>
      readIntervals(app.db, {
        scope: principalOf(request).scope,
        from: new Date(request.query.from),
        to: new Date(request.query.to),
      }),
  )
}

/** The order after an act. @throws the problem of a refused one, which names who holds the order now */
export function orderOf(result: ActOutcome): Order {
  if (result.outcome === 'done') return result.order
  const { callSign, state } = result.order
  const message =
    result.problem === 'ASSIGNMENT_REASSIGNED'
      ? `The order is with ${callSign} now.`
      : `The order is ${state} (${callSign}).`
  throw new ProblemError(result.problem, { message, about: callSign })
}
