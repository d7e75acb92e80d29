// Starts the app without network. Keeps the built files and nothing else: no answer of the API is ever stored here.

// The build writes both: the content's hash, and the files' names below /field/ with bars between.
const VERSION = '__VERSION__'
const FILES = '__FILES__'.split('|')

const worker = asServiceWorker(self)
const BASE = new URL('./', worker.location.href)
/** This worker may stand a second time before the addresses on tags: a phone that opens one without network gets the app. */
const TAGS = new URL('/c/', BASE)
const forTags = worker.registration.scope === TAGS.href
const CACHE = `field-${VERSION}`
/** The few subsets of the font that this phone has needed; their names change with their content. */
const FONTS = 'field-fonts'

worker.addEventListener('install', (event) => {
  // No screen is open there that an update could disturb.
  if (forTags) void worker.skipWaiting()
  event.waitUntil(keepFiles())
})
worker.addEventListener('activate', (event) => event.waitUntil(dropOldVersions()))
worker.addEventListener('message', (event) => {
  if (event.data === 'take-over') void worker.skipWaiting()
})
worker.addEventListener('push', (event) => event.waitUntil(showHint(event.data?.text() ?? '')))
worker.addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(openApp())
})
worker.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url)
  const ours = url.origin === BASE.origin && url.pathname.startsWith(BASE.pathname)
  const tapped = event.request.mode === 'navigate' && url.href.startsWith(TAGS.href)
  if (tapped) event.respondWith(answerTap(event.request))
  if (event.request.method !== 'GET' || !ours) return
  event.respondWith(answer(event.request, url))
})

/** All or nothing: a version that lacks one file would fail in the basement. Unchanged files are not fetched again. */
async function keepFiles(): Promise<void> {
  const cache = await caches.open(CACHE)
  await Promise.all(
    FILES.map(async (name) => {
      const url = new URL(name, BASE)
      const known = name.startsWith('assets/') ? await caches.match(url) : undefined
      const response = known ?? (await fetch(url, { cache: 'reload' }))
      // A server may answer a missing file with the start page.
      const page = response.headers.get('content-type')?.includes('text/html') === true
      if (!response.ok || response.redirected || page !== name.endsWith('.html')) {
        throw new Error(`${name} is not there: ${response.status}`)
      }
      await cache.put(url, response)
    }),
  )
}

async function dropOldVersions(): Promise<void> {
  const names = await caches.keys()
  const old = names.filter((name) => name.startsWith('field-') && name !== CACHE && name !== FONTS)
  await Promise.all(old.map((name) => caches.delete(name)))
  await worker.clients.claim()
}

async function answer(request: Request, url: URL): Promise<Response> {
  const cache = await caches.open(CACHE)
  // Every page of the app is the one page; which screen, it reads from the address.
  const key = request.mode === 'navigate' ? new URL('index.html', BASE) : url
  const kept = await cache.match(key, { ignoreSearch: true, ignoreVary: true })
  if (kept) return kept
  return /\.woff2?$/.test(url.pathname) ? answerFont(request) : fetch(request)
}

/** The server first: it alone knows who is logged in, and tells strangers nothing. */
async function answerTap(request: Request): Promise<Response> {
  try {
    return await fetch(request)
  } catch (error) {
    const page = await (await caches.open(CACHE)).match(new URL('index.html', BASE), { ignoreVary: true })
    if (page) return page
    throw error
  }
}

async function answerFont(request: Request): Promise<Response> {
  const fonts = await caches.open(FONTS)
  const kept = await fonts.match(request)
  if (kept) return kept
  const response = await fetch(request)
  if (response.ok) await fonts.put(request, response.clone())
  return response
}

/** In both languages, since a service worker does not know which one the officer chose. */
const hints: Record<string, string> = {
  order: '有新的勤務命令 · New order',
  message: '有新訊息 · New message',
  sos: '緊急求援 · Call for help',
  alert: '警示未確認，請查看 · Alert not acknowledged',
}

/** A push message says what kind of thing happened; browsers insist that each is shown. */
async function showHint(data: string): Promise<void> {
  const kind = /"kind":"(\w+)"/.exec(data)?.[1] ?? ''
  await worker.registration.showNotification('臺南電子巡簽', {
    body: hints[kind] ?? '請開啟巡簽 · Open the app',
    tag: kind,
    requireInteraction: kind !== 'message',
  })
}

async function openApp(): Promise<void> {
  const windows = await worker.clients.matchAll({ type: 'window' })
  const open = windows.find(({ url }) => url.startsWith(BASE.href))
  await (open ? open.focus() : worker.clients.openWindow(BASE))
}

// The WebWorker library calls every `self` a WorkerGlobalScope; the browser runs this file as a service worker only.
function asServiceWorker(scope: unknown) {
  return scope as ServiceWorkerGlobalScope
}
