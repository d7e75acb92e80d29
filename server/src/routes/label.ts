import rateLimit from '@fastify/rate-limit'
import Type from 'typebox'
import { networkOf } from '../organisation/network-of.ts'
import type { App } from '../app.ts'

/**
 * `/c/<code>`: what a label's QR code and a tag's URL lead to. Opening it never checks in, and it is the same page
 * for every code, known or not: it tells a stranger nothing. An officer who is logged in goes on to the field client,
 * which checks in a secure tag's tap by itself, by a POST of its own, and asks for one touch after a static code.
 */
export async function labelRoutes(app: App) {
  await app.register(async (scope: App) => {
    await scope.register(rateLimit, {
      max: 60,
      timeWindow: '1 minute',
      keyGenerator: (request) => networkOf(request.ip),
    })
    scope.get(
      '/c/:code',
      {
        config: { access: 'public' },
        schema: { params: Type.Object({ code: Type.String({ maxLength: 100 }) }), hide: true },
      },
      async (request, reply) => {
        reply.header('x-robots-tag', 'noindex, nofollow').header('cache-control', 'no-store')
        reply.header('referrer-policy', 'no-referrer')
        const principal = await app.findSession(request.cookies[app.sessionCookie])
        if (principal?.officer)
          return reply.redirect(
            `/field/c/${encodeURIComponent(request.params.code)}${tapOf(request.url)}`,
            303,
          )
        return reply.type('text/html; charset=utf-8').send(neutralPage)
      },
    )
  })
}

/** What a secure tag mirrored into the address; nothing else of a query goes on. */
const tapOf = (url: string) => /\?p=[0-9A-Fa-f]{32}&m=[0-9A-Fa-f]{16}$/.exec(url)?.[0] ?? ''

/** The script carries the address over to the log-in, so that a tap is not lost; the text is the same for every code. */
const neutralPage = `<!doctype html>
<html lang="zh-Hant-TW">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow"><title>公務標籤</title>
<style>body{font:18px/1.6 system-ui,sans-serif;margin:15vh auto;max-width:26em;padding:0 1em;color:#222427;background:#fafafa}
a{color:#0060a6}@media(prefers-color-scheme:dark){body{color:#cdd1d6;background:#16181b}a{color:#4baeed}}</style>
</head>
<body><main><h1>公務標籤</h1>
<p>這是公務使用的標籤，沒有其他資訊。執勤人員請先<a href="/field/">登入</a>。</p>
<p lang="en">This label is for official use and holds no other information. Officers on duty, please <a href="/field/">log in</a>.</p>
</main><script>for (const link of document.links) link.href = '/field' + location.pathname + location.search</script></body></html>`
