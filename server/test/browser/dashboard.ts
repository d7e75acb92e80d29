import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import type { WallSnapshot } from '@patrol/contract'
import { eventually } from '../build-app.ts'

const run = promisify(execFile)
const dashboard = fileURLToPath(new URL('../../../dashboard', import.meta.url))
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

/** Builds the dashboard where its sources are newer than what is built. */
export async function buildDashboard(): Promise<void> {
  const built = join(dashboard, 'build/index.html')
  const sources = (await readdir(dashboard, { recursive: true })).filter((name) =>
    /^(src|static)\/.*\.|^(vite\.config\.ts|package\.json|tsconfig\.json)$/.test(name),
  )
  const times = await Promise.all(sources.map(async (name) => (await stat(join(dashboard, name))).mtimeMs))
  if (existsSync(built) && (await stat(built)).mtimeMs > Math.max(...times)) return
  await run(process.execPath, ['node_modules/vite/bin/vite.js', 'build'], { cwd: dashboard })
}

/** A browser window of its own, with its own cookies. */
export async function openScreen(browser: Browser, origin: string, cookie?: string): Promise<Page> {
  const context = await browser.newContext({
    baseURL: origin,
    viewport: { width: 1920, height: 1080 },
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
  lastPos: number
  freshness: string
  points: number
  alerts: number
  paintedFrames: number
  tallies: Record<string, Record<string, number>>
  feed: string[]
}

// As text: the server's TypeScript knows no browser.
const readState = `window.__wall && {
  ...window.__wall.state(), lastPos: window.__wall.lastPos, tallies: window.__wall.tallies(),
  feed: window.__wall.feed().map((row) => row.id),
}`

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

/** What the database says now, as a fresh screen of the same session would show it. */
export async function readSnapshot(page: Page): Promise<WallSnapshot> {
  const response = await page.request.get('/api/v1/wall')
  return response.json()
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
