import rateLimit from '@fastify/rate-limit'
import Type from 'typebox'
import {
  Me,
  NamedWallScene,
  NewWallScene,
  PairedDisplay,
  WallApproval,
  WallDisplay,
  WallPairing,
  WallView,
  WallViewOrder,
} from '@patrol/contract'
import { inTransaction } from '@patrol/db'
import { openSession } from '../organisation/log-in.ts'
import { listDisplays, revokeDisplay } from '../organisation/list-displays.ts'
import { networkOf } from '../organisation/network-of.ts'
import { approvePairing, claimPairing, requestPairing } from '../organisation/pair-wall-display.ts'
import { listWallScenes, removeWallScene, saveWallScene } from '../organisation/wall-scene.ts'
import { endWallView, listWallDisplays, readWallView, sendWallView } from '../organisation/wall-view.ts'
import { officerOf, principalOf } from '../plugins/session.ts'
import { ProblemError } from '../problems.ts'
import { approvePointDisplay } from '../tag/pair-point-display.ts'
import { startSession } from './session.ts'
import type { App } from '../app.ts'

/** Sessions of displays: long, since nobody logs in on a wall; revocable at any time. */
const displaySessionDays = 90

/**
 * Pairing a display: it shows a code, a console approves it, the display gets a session that reads: a wall what its scope
 * sees, one at a patrol point the codes of that point. And the list of those that are paired, to end one.
 */
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
        const { patrolPointId } = request.body
        const by = { officerId: officerOf(request).id, scope: own, grants }
        const approved =
          patrolPointId === undefined
            ? await approvePairing(app.db, request.body, by)
            : await approvePointDisplay(app.db, app.env.tagKeys, { ...request.body, patrolPointId }, by)
        if (approved === 'beyond') throw new ProblemError('NOT_ALLOWED')
        if (!approved) throw new ProblemError('PAIRING_CODE_WRONG', { field: 'body/code' })
        return reply.code(204).send()
      },
    )
  })

  app.get(
    '/api/v1/wall-displays',
    {
      config: { access: ['operator', 'duty-officer', 'administrator'] },
      schema: { response: { 200: Type.Object({ displays: Type.Array(PairedDisplay) }) } },
    },
    async (request) => ({ displays: await listDisplays(app.db, principalOf(request).scope) }),
  )

  app.delete(
    '/api/v1/wall-displays/:id',
    {
      config: { access: ['duty-officer', 'administrator'] },
      schema: { params: Type.Object({ id: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }) }) },
    },
    async (request, reply) => {
      const by = { officerId: officerOf(request).id, scope: principalOf(request).scope }
      if (!(await revokeDisplay(app.db, request.params.id, by))) throw new ProblemError('NOT_FOUND')
      return reply.code(204).send()
    },
  )

  const sending = ['operator', 'duty-officer', 'administrator'] as const
  const byOf = (request: Parameters<typeof principalOf>[0]) => ({
    officerId: officerOf(request).id,
    scope: principalOf(request).scope,
    now: app.clock.now(),
  })

  // The walls of one's own, each with what was sent to it and stands.
  app.get(
    '/api/v1/wall-views',
    {
      config: { access: sending },
      schema: { response: { 200: Type.Object({ displays: Type.Array(WallDisplay) }) } },
    },
    async (request) => ({ displays: await listWallDisplays(app.db, principalOf(request).scope) }),
  )

  app.post(
    '/api/v1/wall-views',
    { config: { access: sending }, schema: { body: WallViewOrder } },
    async (request, reply) => {
      const isSent = await inTransaction(app.db, (tx) => sendWallView(tx, request.body, byOf(request)))
      if (!isSent) throw new ProblemError('NOT_FOUND')
      return reply.code(204).send()
    },
  )

  app.post(
    '/api/v1/wall-displays/:id/view/end',
    {
      config: { access: sending },
      schema: { params: Type.Object({ id: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }) }) },
    },
    async (request, reply) => {
      const isEnded = await inTransaction(app.db, (tx) => endWallView(tx, request.params.id, byOf(request)))
      if (!isEnded) throw new ProblemError('NOT_FOUND')
      return reply.code(204).send()
    },
  )

  // Scenes that somebody gave a name; a wall's playlist shows them by it.
  app.get(
    '/api/v1/wall-scenes',
    {
      config: { access: [...sending, 'wall-display'] },
      schema: { response: { 200: Type.Object({ scenes: Type.Array(NamedWallScene) }) } },
    },
    async (request) => ({ scenes: await listWallScenes(app.db, principalOf(request).scope) }),
  )

  app.post(
    '/api/v1/wall-scenes',
    {
      config: { access: sending },
      schema: { body: NewWallScene, response: { 200: NamedWallScene } },
      bodyLimit: 4_096,
    },
    async (request): Promise<NamedWallScene> => {
      const { grants } = principalOf(request)
      const saved = await inTransaction(app.db, (tx) =>
        saveWallScene(tx, request.body, { ...byOf(request), grants }),
      )
      if (!saved) throw new ProblemError('NOT_ALLOWED')
      return saved
    },
  )

  app.delete(
    '/api/v1/wall-scenes/:id',
    {
      config: { access: sending },
      schema: { params: Type.Object({ id: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }) }) },
    },
    async (request, reply) => {
      const isRemoved = await inTransaction(app.db, (tx) =>
        removeWallScene(tx, request.params.id, byOf(request)),
      )
      if (!isRemoved) throw new ProblemError('NOT_FOUND')
      return reply.code(204).send()
    },
  )

  // A display asks for its own, by its session.
  app.get(
    '/api/v1/wall-view',
    {
      config: { access: ['wall-display'] },
      schema: { response: { 200: Type.Object({ view: Type.Union([WallView, Type.Null()]) }) } },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store')
      const { wallDisplayId } = principalOf(request)
      return { view: wallDisplayId === null ? null : await readWallView(app.db, wallDisplayId) }
    },
  )
}
