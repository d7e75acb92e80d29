import { createRequire } from 'node:module'
import type { Browser, Page, Request } from 'playwright-core'
import { eventually } from '../build-app.ts'

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

/** A browser window of its own, with its own cookies. */
export async function openScreen(
  browser: Browser,
  origin: string,
  cookie?: string,
  viewport = { width: 1920, height: 1080 },
): Promise<Page> {
  const context = await browser.newContext({
    baseURL: origin,
    viewport,
    locale: 'zh-TW',
    timezoneId: 'Asia/Taipei',
    // axe is put into the page by the test; the page's own policy is tested by it working at all elsewhere.
    bypassCSP: true,
  })
  if (cookie !== undefined) {
    const [name = '', value = ''] = cookie.split('=')
    await context.addCookies([{ name, value, url: origin }])
  }
  return context.newPage()
}

export interface ScreenState {
  freshness: string
  /** Ids, newest first. */
  feed: string[]
}

// As text: the server's TypeScript knows no browser.
const readState =
  'window.__wall && { ...window.__wall.state(), feed: window.__wall.feed().map((row) => row.id) }'

/** Waits until the screen's own state is as `accept` wants it. */
export async function waitForState(
  page: Page,
  what: string,
  accept: (state: ScreenState) => boolean,
): Promise<ScreenState> {
  return eventually(
    what,
    async () => {
      const state = await page.evaluate<ScreenState | undefined>(readState)
      return state && accept(state) ? state : undefined
    },
    60_000,
  )
}

/**
 * Follows what the page asks the server for, from now on.
 * @returns waits until all of it has come: a list that is not here yet has nothing in it to find fault with
 */
export function followRequests(page: Page): () => Promise<true> {
  const waiting = new Set<Request>()
  page.on('request', (request) => {
    if (request.resourceType() === 'fetch') waiting.add(request)
  })
  page.on('requestfinished', (request) => waiting.delete(request))
  page.on('requestfailed', (request) => waiting.delete(request))
  const isQuiet = async () => {
    // What has come is drawn, and may ask for more.
    if (waiting.size === 0) await page.waitForTimeout(100)
    return waiting.size === 0 ? (true as const) : undefined
  }
  return () => eventually('all answers', isQuiet, 60_000)
}

/** @returns the serious and critical findings of axe, as lines */
export async function audit(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: axe })
  const found = await page.evaluate<{ impact: string; id: string; nodes: { html: string }[] }[]>(
    'axe.run().then((result) => result.violations)',
  )
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)
}
