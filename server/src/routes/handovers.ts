import Type from 'typebox'
import type { FastifyRequest } from 'fastify'
import { sql } from 'drizzle-orm'
import { Handover, HandoverContents, HandoverSigning, HandoverTaking } from '@patrol/contract'
import { inTransaction } from '@patrol/db'
import { listHandovers } from '../handover/list-handovers.ts'
import { readOpenWork } from '../handover/read-open-work.ts'
import { findDesk, signHandover, takeHandover } from '../handover/sign-handover.ts'
import { checkPassword } from '../organisation/check-password.ts'
import { networkOf } from '../organisation/network-of.ts'
import { officerOf, principalOf } from '../plugins/session.ts'
import { ProblemError } from '../problems.ts'
import type { App } from '../app.ts'

const signing = { access: ['operator', 'duty-officer'] } as const
const reading = { access: ['operator', 'duty-officer', 'supervisor', 'administrator'] } as const
const Id = Type.Integer({ minimum: 1, maximum: 2_147_483_647 })

/** 交接: what a shift leaves open, and the two signatures beneath it. */
export async function handoverRoutes(app: App) {
  /** Proves who signs, before anything is locked. @throws PASSWORD_WRONG, TOO_MANY_TRIES */
  const sign = async (request: FastifyRequest, password: string) => {
    const { id } = officerOf(request)
    const { rows } = await app.db.execute<{ login: string }>(sql`select login from officer where id = ${id}`)
    const login = rows[0]?.login ?? ''
    const checked = await checkPassword(app.db, { login, password, address: networkOf(request.ip) })
    if (checked.kind !== 'ok')
      throw new ProblemError(checked.kind === 'wait' ? 'TOO_MANY_TRIES' : 'PASSWORD_WRONG')
    return readerOf(request)
  }
  const readerOf = (request: FastifyRequest) => ({
    officerId: officerOf(request).id,
    scope: principalOf(request).scope,
    now: app.clock.now(),
  })

  app.get(
    '/api/v1/handovers/open-work',
    {
      config: signing,
      schema: {
        querystring: Type.Object({ precinctId: Type.Optional(Id), stationId: Type.Optional(Id) }),
        response: { 200: HandoverContents },
      },
    },
    async (request) => {
      const { precinctId = null, stationId = null } = request.query
      const reader = readerOf(request)
      return inTransaction(
        app.db,
        async (tx) => {
          const desk = await findDesk(tx, { precinctId, stationId }, reader.scope)
          return readOpenWork(tx, { desk, ...reader })
        },
        { begin: 'begin isolation level repeatable read read only' },
      )
    },
  )

  app.get(
    '/api/v1/handovers',
    {
      config: reading,
      schema: {
        querystring: Type.Object({ on: Type.Optional(Type.String({ format: 'date' })) }),
        response: { 200: Type.Object({ handovers: Type.Array(Handover) }) },
      },
    },
    async (request) => ({ handovers: await listHandovers(app.db, readerOf(request), request.query.on) }),
  )

  app.post(
    '/api/v1/handovers',
    { config: signing, schema: { body: HandoverSigning, response: { 200: Handover } } },
    async (request) => {
      const { password, ...given } = request.body
      const by = await sign(request, password)
      return inTransaction(app.db, (tx) => signHandover(tx, given, by))
    },
  )

  app.post(
    '/api/v1/handovers/:id/take',
    {
      config: signing,
      schema: {
        params: Type.Object({ id: Type.String({ format: 'uuid' }) }),
        body: HandoverTaking,
        response: { 200: Handover },
      },
    },
    async (request) => {
      const { password, ...given } = request.body
      const by = await sign(request, password)
      return inTransaction(app.db, (tx) => takeHandover(tx, request.params.id, given, by))
    },
  )
}
