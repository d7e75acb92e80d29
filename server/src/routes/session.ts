import rateLimit from '@fastify/rate-limit'
import type { FastifyReply } from 'fastify'
import { Login, Me, type Role } from '@patrol/contract'
import { logIn, revokeSessions } from '../organisation/log-in.ts'
import { networkOf } from '../organisation/network-of.ts'
import type { Principal } from '../organisation/principal.ts'
import { isOwnOrigin, principalOf } from '../plugins/session.ts'
import { ProblemError } from '../problems.ts'
import type { App } from '../app.ts'

/** Log in, who am I, log out. */
export async function sessionRoutes(app: App) {
  await app.register(async (scope: App) => {
    // Per address, in this process: each login has its own counter in the database besides.
    await scope.register(rateLimit, {
      max: app.env.loginTriesPerMinute,
      timeWindow: '1 minute',
      keyGenerator: (request) => networkOf(request.ip),
    })
    scope.post(
      '/api/v1/session',
      { config: { access: 'public' }, schema: { body: Login, response: { 200: Me } } },
      async (request, reply): Promise<Me> => {
        const { origin, host } = request.headers
        if (origin !== undefined && !isOwnOrigin(origin, host, app.env.publicOrigin)) {
          throw new ProblemError('ORIGIN_WRONG')
        }
        const result = await logIn(app.db, {
          ...request.body,
          address: networkOf(request.ip),
          userAgent: request.headers['user-agent'] ?? null,
          sessionDays: app.env.sessionDays,
        })
        if (result.kind !== 'ok')
          throw new ProblemError(result.kind === 'wait' ? 'TOO_MANY_TRIES' : 'LOGIN_WRONG')
        return startSession(app, reply, result.token)
      },
    )
  })

  app.get(
    '/api/v1/session',
    { config: { access: 'logged-in' }, schema: { response: { 200: Me } } },
    async (request, reply): Promise<Me> => {
      reply.header('cache-control', 'no-store')
      return describe(principalOf(request))
    },
  )

  app.delete('/api/v1/session', { config: { access: 'logged-in' } }, async (request, reply) => {
    const { sessionId } = principalOf(request)
    const ended = await revokeSessions(app.db, { sessionId })
    app.forgetSession(request.cookies[app.sessionCookie])
    // Open sockets of this session are cut at once, on every gateway.
    app.redis.publish(app.channels.revoked, JSON.stringify(ended)).catch(() => undefined)
    reply.clearCookie(app.sessionCookie, cookieOptions(app))
    return reply.code(204).send()
  })
}

/** Sets the cookie of a new session and says who it is. */
export async function startSession(app: App, reply: FastifyReply, token: string): Promise<Me> {
  const principal = await app.findSession(token)
  if (principal === null) throw new ProblemError('NOT_LOGGED_IN')
  reply.header('cache-control', 'no-store')
  reply.setCookie(app.sessionCookie, token, { ...cookieOptions(app), expires: principal.expiresAt })
  return describe(principal)
}

/** The same to set and to clear: a browser keeps a `__Host-` cookie that is cleared without `Secure`. */
const cookieOptions = (app: App) => ({
  path: '/',
  httpOnly: true,
  sameSite: 'lax' as const, // a label's URL opened from the camera app must find the session
  secure: app.sessionCookie.startsWith('__Host-'),
})

function describe(principal: Principal): Me {
  return {
    sessionId: principal.sessionId,
    officer: principal.officer,
    roles: [...principal.roles],
    scope: principal.scope,
    home: homeOf(principal.roles),
    expiresAt: principal.expiresAt.toISOString(),
  }
}

/** Where each role starts; who has several starts where most eyes are needed. */
const homes: readonly [Role, string][] = [
  ['wall-display', '/wall'],
  ['operator', '/console'],
  ['duty-officer', '/console'],
  ['supervisor', '/console'],
  ['administrator', '/console'],
  ['officer', '/field/'],
  ['beat-officer', '/field/'],
]

function homeOf(roles: ReadonlySet<Role>): string {
  return homes.find(([role]) => roles.has(role))?.[1] ?? '/login'
}
