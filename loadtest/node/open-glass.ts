import { setTimeout as sleep } from 'node:timers/promises'
import { chromium, type CDPSession, type Page } from 'playwright-core'

/** Event-to-glass latency of the last minute, in ms, as the dashboard measures it at the frame it painted. */
export interface GlassLatency {
  count: number
  p50: number | null
  p95: number | null
  p99: number | null
}

/** The dashboard as it is built, in a real browser, looked at from outside. */
export interface Glass {
  page: Page
  /** Bytes that the page's JavaScript holds on to, after everything that can be freed was freed. */
  heapBytes(): Promise<number>
  /** WebSockets of the page that are open now. */
  sockets(): number
  /** WebSockets opened since the start: more than one without a fault means that it had to reconnect. */
  socketsOpened(): number
  /** DOM nodes, event listeners and documents alive. */
  counts(): Promise<Record<string, number>>
  latency(): Promise<GlassLatency>
  /** Position up to which it has everything. */
  lastPos(): Promise<number>
  state(): Promise<{
    freshness: string
    points: number
    units: number
    paintedFrames: number
    snapshots: number
  }>
  /** Errors that the page did not handle. */
  faults: string[]
  close(): Promise<void>
}

const flags = [
  // Chromium has no sandbox for root.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-background-networking',
  // A wall is never in the background, whatever a headless browser thinks.
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
]

/** WebGL done by the processor, as in the tests; or none, as on a machine without a graphics card. */
const graphics = {
  software: ['--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
  none: ['--disable-gpu', '--disable-software-rasterizer'],
}

/**
 * Opens a page of the dashboard for the screen with this cookie, and waits until it is live.
 *
 * @param layers of the map that are switched on; all unless given
 */
export async function openGlass({
  origin,
  cookie,
  path,
  layers,
  gl = 'software',
  viewport = { width: 1920, height: 1080 },
}: {
  origin: string
  cookie: string
  path: string
  layers?: readonly string[]
  gl?: keyof typeof graphics
  viewport?: { width: number; height: number }
}): Promise<Glass> {
  const executablePath = process.env['CHROMIUM_PATH']
  if (!executablePath) throw new Error('There is no Chromium: name one in CHROMIUM_PATH.')
  const browser = await chromium.launch({ executablePath, args: [...flags, ...graphics[gl]] })
  try {
    const context = await browser.newContext({ baseURL: origin, viewport, locale: 'zh-TW' })
    const [name = '', value = ''] = cookie.split('=')
    await context.addCookies([{ name, value, url: origin }])
    const page = await context.newPage()
    const faults: string[] = []
    page.on('pageerror', (error) => faults.push(error.message))
    const cdp = await context.newCDPSession(page)
    const sockets = await countSockets(cdp)
    await cdp.send('Performance.enable')
    if (layers) {
      const shown = JSON.stringify(JSON.stringify(layers))
      await page.addInitScript(`localStorage.setItem('patrol.map-layers', ${shown})`)
    }
    await page.goto(path)
    const read = <T>(expression: string): Promise<T> => page.evaluate(`window.__wall.${expression}`)
    await untilLive(page)
    return {
      page,
      faults,
      async heapBytes() {
        // Twice: what a finaliser frees is only gone the second time.
        await cdp.send('HeapProfiler.collectGarbage')
        await cdp.send('HeapProfiler.collectGarbage')
        return (await cdp.send('Runtime.getHeapUsage')).usedSize
      },
      sockets: sockets.open,
      socketsOpened: sockets.opened,
      async counts() {
        const { metrics } = await cdp.send('Performance.getMetrics')
        const wanted = ['Nodes', 'JSEventListeners', 'Documents']
        return Object.fromEntries(
          metrics.filter((one) => wanted.includes(one.name)).map((one) => [one.name, one.value]),
        )
      },
      latency: () => read('latency()'),
      lastPos: () => read('lastPos'),
      state: () => read('state()'),
      close: () => browser.close(),
    }
  } catch (error) {
    await browser.close()
    throw error
  }
}

/** Asked from outside: the page's own policy forbids what would wait inside it. */
async function untilLive(page: Page): Promise<void> {
  const deadline = Date.now() + 120_000
  while ((await page.evaluate<string | undefined>('window.__wall?.state().freshness')) !== 'live') {
    if (Date.now() > deadline) throw new Error('The dashboard does not become live in the browser.')
    await sleep(100)
  }
}

async function countSockets(cdp: CDPSession) {
  const open = new Set<string>()
  let opened = 0
  cdp.on('Network.webSocketCreated', ({ requestId }) => {
    opened++
    open.add(requestId)
  })
  cdp.on('Network.webSocketClosed', ({ requestId }) => open.delete(requestId))
  await cdp.send('Network.enable', { maxTotalBufferSize: 0, maxResourceBufferSize: 0 })
  return { open: () => open.size, opened: () => opened }
}
