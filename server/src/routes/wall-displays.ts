import rateLimit from '@fastify/rate-limit'
import Type from 'typebox'
import { Me, WallApproval, WallPairing } from '@patrol/contract'
import { openSession } from '../organisation/log-in.ts'
import { networkOf } from '../organisation/network-of.ts'
import { approvePairing, claimPairing, requestPairing } from '../organisation/pair-wall-display.ts'
import { officerOf, principalOf } from '../plugins/session.ts'
import { ProblemError } from '../problems.ts'
import { startSession } from './session.ts'
import type { App } from '../app.ts'

/** Sessions of displays: long, since nobody logs in on a wall; revocable at any time. */
const displaySessionDays = 90

/** Pairing a wall: the display shows a code, a console approves it, the display gets a read-only session. */
export async function wallDisplayRoutes(app: App) {
  await app.register(async (scope: App) => {
    await scope.register(rateLimit, {
      max: 90,
      timeWindow: '1 minute',
      keyGenerator: (request) => networkOf(request.ip),
    })
    scope.post(
      '/api/v1/wall-displays',
      {
        config: { access: 'public', rateLimit: { max: 10, timeWindow: '1 minute' } },
        schema: { response: { 200: WallPairing } },
      },
      async (_request, reply): Promise<WallPairing> => {
        reply.header('cache-control', 'no-store')
        return requestPairing(app.db)
      },
    )

    scope.post(
      '/api/v1/wall-displays/claim',
      {
        config: { access: 'public' },
        schema: {
          body: Type.Object({ displayId: Type.Integer(), claim: Type.String({ maxLength: 100 }) }),
          response: { 200: Me },
        },
      },
      async (request, reply): Promise<Me> => {
        const state = await claimPairing(app.db, request.body)
        if (state === 'pending') throw new ProblemError('PAIRING_PENDING')
        if (state === 'unknown') throw new ProblemError('PAIRING_CODE_WRONG')
        const token = await openSession(
          app.db,
          { wallDisplayId: request.body.displayId },
          { userAgent: request.headers['user-agent'] ?? null, sessionDays: displaySessionDays },
        )
        return startSession(app, reply, token)
      },
    )
    scope.post(
      '/api/v1/wall-displays/approval',
      {
        config: {
          access: ['operator', 'duty-officer', 'administrator'],
          rateLimit: { max: 10, timeWindow: '1 minute' },
        },
        schema: { body: WallApproval },
      },
      async (request, reply) => {
        const { scope: own, grants } = principalOf(request)
        const approved = await approvePairing(app.db, request.body, {
          officerId: officerOf(request).id,
          scope: own,
          grants,
        })
        if (approved === 'beyond') throw new ProblemError('NOT_ALLOWED')
        if (!approved) throw new ProblemError('PAIRING_CODE_WRONG', { field: 'body/code' })
        return reply.code(204).send()
      },
    )
  })
}
