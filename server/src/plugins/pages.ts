import { existsSync } from 'node:fs'
import fastifyStatic from '@fastify/static'
import helmet from '@fastify/helmet'
import { originOfBaseMap } from '../base-map.ts'
import type { App } from '../app.ts'

const dashboard = new URL('../../../dashboard/build/', import.meta.url)
const fieldClient = new URL('../../../field-client/dist/', import.meta.url)

/** Security headers for everything, and the two single-page applications as built. */
export async function addPages(app: App) {
  const { baseMap } = app.env
  const secure = app.env.publicOrigin.startsWith('https:')
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        // WebAssembly: the QR decoder where the browser has none of its own. The dashboard's inline starter is hashed
        // by its own build, in a meta tag; a policy can only be narrowed there, so inline is let through here.
        scriptSrc: ["'self'", "'wasm-unsafe-eval'", "'unsafe-inline'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        // The one outside base map, where the settings name it.
        imgSrc: ["'self'", 'data:', 'blob:', ...(baseMap ? [originOfBaseMap(baseMap)] : [])],
        fontSrc: ["'self'", 'data:'],
        connectSrc: ["'self'", 'ws:', 'wss:'],
        workerSrc: ["'self'", 'blob:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        ...(secure ? { upgradeInsecureRequests: [] } : {}),
      },
    },
    strictTransportSecurity: secure ? { maxAge: 15_552_000 } : false,
    crossOriginEmbedderPolicy: false,
    referrerPolicy: { policy: 'same-origin' },
  })
  // Our own client uses camera and position; a frame of another site never does.
  app.addHook('onSend', async (_request, reply) => {
    reply.header('permissions-policy', 'camera=(self), geolocation=(self), microphone=(), payment=()')
  })

  await addPage(app, {
    root: fieldClient,
    prefix: '/field/',
    hashed: /^assets\//,
    paths: ['/field', '/field/', '/field/c/:code'],
  })
  await addPage(app, {
    root: dashboard,
    prefix: '/',
    hashed: /^_app\/immutable\//,
    paths: ['/', '/login', '/wall', '/code', '/console', '/console/*'],
  })
}

/** A single-page application: its files, and its shell at every path that its own router knows. */
async function addPage(
  app: App,
  page: { root: URL; prefix: string; hashed: RegExp; paths: readonly string[] },
) {
  if (!existsSync(page.root)) {
    app.log.warn({ path: page.prefix }, 'this part is not built, so it is not served')
    return
  }
  await app.register(async (scope: App) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'public' }
      route.schema = { ...route.schema, hide: true }
    })
    await scope.register(fastifyStatic, {
      root: page.root,
      prefix: page.prefix,
      index: false,
      preCompressed: true,
      cacheControl: false,
      setHeaders: (reply, path) => {
        const hashed = page.hashed.test(path.slice(decodeURIComponent(page.root.pathname).length))
        reply.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
        // The field client's worker stands before /field/, and before the addresses on tags, /c/, for phones without network.
        if (path.endsWith('/service-worker.js')) reply.header('service-worker-allowed', '/')
      },
    })
    for (const path of page.paths) {
      scope.get(path, (_request, reply) => reply.header('cache-control', 'no-cache').sendFile('index.html'))
    }
  })
}
