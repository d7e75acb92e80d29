import cookie from '@fastify/cookie'
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify'
import type { Role } from '@patrol/contract'
import { createPrincipalFinder, type Principal } from '../organisation/principal.ts'
import { scopeOf } from '../organisation/scope.ts'
import { ProblemError } from '../problems.ts'

/** Who may call a route. Every route says so: one that does not is refused at start. */
export type Access = 'public' | 'logged-in' | readonly Role[]

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
    /** The scope of this door reaches into the precincts of a joint defence. */
    joint?: boolean
  }
  interface FastifyRequest {
    principal: Principal | null
  }
  interface FastifyInstance {
    /** The cookie's name: bound to the host and to HTTPS where the site is served so. */
    sessionCookie: string
    /** The principal of a cookie token. A revocation counts within `sessionCacheMs`. */
    findSession(token: string | undefined): Promise<Principal | null>
    /** Forgets a token at once, in this process: after a log-out. */
    forgetSession(token: string | undefined): void
  }
}

/** 1,000 requests a second must not mean 1,000 session look-ups; a revoked session lives at most this much longer. */
const sessionCacheMs = 3_000

export async function addSessions(app: FastifyInstance) {
  const secure = app.env.publicOrigin.startsWith('https:')
  app.decorate('sessionCookie', secure ? '__Host-patrol' : 'patrol')
  await app.register(cookie)

  const findPrincipal = createPrincipalFinder(app.lookups)
  const cached = new Map<string, { principal: Promise<Principal | null>; until: number }>()
  app.decorate('findSession', async (token: string | undefined) => {
    if (!token) return null
    const now = performance.now()
    const hit = cached.get(token)
    if (hit && hit.until > now) return hit.principal
    if (cached.size > 20_000) cached.clear()
    const principal = findPrincipal(token)
    cached.set(token, { principal, until: now + sessionCacheMs })
    principal.then(
      (found) => found ?? cached.delete(token),
      () => cached.delete(token),
    )
    return principal
  })

  app.decorate('forgetSession', (token: string | undefined) => {
    if (token !== undefined) cached.delete(token)
  })

  app.decorateRequest('principal', null)
  const routes: RouteOptions[] = []
  app.addHook('onRoute', (route) => {
    routes.push(route)
  })
  app.addHook('onReady', async () => {
    const silent = routes.find((route) => route.config?.access === undefined)
    if (silent) throw new Error(`Route ${silent.url} does not say who may call it (config.access).`)
  })
  app.addHook('onRequest', async (request) => {
    const { access, joint = false } = request.routeOptions.config
    if (access === undefined || access === 'public') return
    request.principal = await app.findSession(request.cookies[app.sessionCookie])
    if (request.principal === null) throw new ProblemError('NOT_LOGGED_IN')
    if (access !== 'logged-in') request.principal = actAs(request.principal, access, joint)
    refuseForgery(request, app.env.publicOrigin)
  })
}

/**
 * The principal with the grants that open this route, and their scope: who watches the whole city and is duty officer of one
 * station decides for that station. @throws NOT_ALLOWED without such a grant
 */
function actAs(principal: Principal, access: readonly Role[], joint: boolean): Principal {
  const grants = principal.grants.filter(
    (grant) => access.includes(grant.role) && (joint || grant.joint !== true),
  )
  if (grants.length === 0) throw new ProblemError('NOT_ALLOWED')
  return { ...principal, grants, scope: scopeOf(grants, { joint }) }
}

/**
 * A cookie alone must not act. A page of another site cannot set this header without a CORS preflight,
 * which we never grant; and where a browser names the origin, it must be ours.
 */
function refuseForgery(request: FastifyRequest, publicOrigin: string) {
  const origin = request.headers.origin
  const upgrading = request.headers.upgrade !== undefined
  if (request.method === 'GET' || request.method === 'HEAD') {
    if (upgrading && origin !== undefined) refuseOrigin(origin, request, publicOrigin)
    return
  }
  if (request.headers['x-requested-with'] === undefined) throw new ProblemError('ORIGIN_WRONG')
  if (origin !== undefined) refuseOrigin(origin, request, publicOrigin)
}

function refuseOrigin(origin: string, request: FastifyRequest, publicOrigin: string) {
  if (!isOwnOrigin(origin, request.headers.host, publicOrigin)) throw new ProblemError('ORIGIN_WRONG')
}

/** The public origin, or the very host that was asked (an address on the local network in a demonstration). */
export function isOwnOrigin(origin: string, host: string | undefined, publicOrigin: string): boolean {
  return (
    origin === publicOrigin || (host !== undefined && URL.canParse(origin) && new URL(origin).host === host)
  )
}

/** The logged-in officer of a request. @throws NOT_ALLOWED for a wall display. */
export function officerOf(request: FastifyRequest) {
  const officer = principalOf(request).officer
  if (officer === null) throw new ProblemError('NOT_ALLOWED')
  return officer
}

/** The principal of a request on a route that is not public. @throws NOT_LOGGED_IN */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === null) throw new ProblemError('NOT_LOGGED_IN')
  return request.principal
}
