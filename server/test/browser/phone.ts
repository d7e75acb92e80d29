import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { buildClients } from '../../src/cli/build-clients.ts'
import { eventually } from '../build-app.ts'
import { launchChromium } from './launch-chromium.ts'
import { drawQrVideo } from './qr-video.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

export interface PhoneSettings {
  /** What the camera sees as a QR code; without it, Chromium's moving test picture. */
  qr?: string
  size?: { width: number; height: number }
  /** Null: the officer does not allow it. */
  geolocation?: { longitude: number; latitude: number; accuracy: number } | null
  colorScheme?: 'light' | 'dark'
}

export type Phone = Awaited<ReturnType<typeof openPhone>>

/** Chromium as a phone: a small touch screen, the officer's place, a camera before a label. `close` it. */
export async function openPhone(origin: string, settings: PhoneSettings = {}) {
  const { qr, size = { width: 390, height: 844 }, colorScheme = 'light' } = settings
  const { geolocation = { longitude: 120.2001, latitude: 23, accuracy: 12 } } = settings
  const folder = await mkdtemp(join(tmpdir(), 'patrol-phone-'))
  const video = join(folder, 'camera.y4m')
  if (qr !== undefined) await writeFile(video, drawQrVideo(qr))
  const browser = await launchChromium({
    args: [
      '--disable-background-networking',
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      ...(qr === undefined ? [] : [`--use-file-for-fake-video-capture=${video}`]),
    ],
  })
  const context = await browser.newContext({
    baseURL: origin,
    viewport: size,
    hasTouch: true,
    isMobile: true,
    locale: 'zh-TW',
    timezoneId: 'Asia/Taipei',
    colorScheme,
    permissions: geolocation ? ['geolocation', 'camera'] : ['camera'],
    ...(geolocation ? { geolocation } : {}),
  })
  return {
    context,
    page: await context.newPage(),
    async close() {
      await browser.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** Another phone in a browser that is open already: its officer has logged in and waits for an order. */
export async function openWaitingPhone(
  browser: Browser,
  origin: string,
  { account, lon, lat }: { account: { login: string; password: string }; lon: number; lat: number },
): Promise<Page> {
  const context = await browser.newContext({
    baseURL: origin,
    viewport: { width: 390, height: 844 },
    locale: 'zh-TW',
    timezoneId: 'Asia/Taipei',
    permissions: ['geolocation'],
    geolocation: { longitude: lon, latitude: lat, accuracy: 10 },
  })
  const page = await context.newPage()
  await page.goto('/field/')
  await logInOnPhone(page, account)
  await page.getByRole('button', { name: '派遣' }).click()
  await page.getByText('目前沒有派遣').waitFor()
  return page
}

export async function logInOnPhone(page: Page, account: { login: string; password: string }): Promise<void> {
  await page.getByLabel('帳號').fill(account.login)
  await page.getByLabel('密碼', { exact: true }).fill(account.password)
  await page.getByRole('button', { name: '登入' }).click()
}

/** Waits until the app would start without network. */
export async function waitForServiceWorker(page: Page): Promise<void> {
  // As text, since the server's TypeScript knows Node's navigator only; and not by waitForFunction, whose later looks
  // the page's security policy forbids.
  const controlled = 'navigator.serviceWorker.controller !== null'
  await eventually(
    'the service worker',
    async () => ((await page.evaluate(controlled)) ? true : undefined),
    30_000,
  )
}

/** Built before all tests already; where that failed, this says so. */
export const buildFieldClient = () => buildClients(root, console.log)
