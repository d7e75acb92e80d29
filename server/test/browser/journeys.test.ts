// Over 300 lines: the same journeys at three sizes on one city, which takes longer to start than they take.
import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { inTransaction } from '@patrol/db'
import { POINT_COUNT } from '@patrol/db/seed'
import { sql } from 'drizzle-orm'
import type { Browser, Locator, Page, Request } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { raiseAlerts } from '../../src/alert/raise-alert.ts'
import { buildClients } from '../../src/cli/build-clients.ts'
import { eventually, startTestCity, type TestCity } from '../build-app.ts'
import { audit, openScreen, waitForState } from './dashboard.ts'
import {
  callIn,
  checkInAtDuePoint,
  clearDesk,
  furnishDemoCity,
  giveRoute,
  routeLength,
  type DemoCity,
} from './demo-city.ts'
import { hasChromium, launchChromium } from './launch-chromium.ts'
import { openWaitingPhone } from './phone.ts'

/**
 * The command center's journeys (wall, console, phones) on the whole demonstration city, at every size of screen that must
 * work. With SCREENSHOTS=folder each step is kept as a picture, and blurred by 8 px as well.
 */
if (!hasChromium) console.log("No Chromium here: the command center's journeys are skipped (CHROMIUM_PATH).")

const folder = process.env['SCREENSHOTS']
/** Of 1920 × 1080 each journey has its test elsewhere (wall-journeys, console, dispatch, playback): here for the pictures. */
const sizes = [
  ...(folder ? [{ width: 1920, height: 1080 }] : []),
  { width: 3840, height: 2160 },
  { width: 1366, height: 768 },
]

let city: TestCity
let demo: DemoCity
let browser: Browser
let cookie: string
let phones: Page[] = []
/** One screen at a time: two of 4K, drawn by two cores, would be late for everything. */
let page: Page

beforeAll(async () => {
  if (!hasChromium) return
  if (folder) await mkdir(folder, { recursive: true })
  await buildClients(fileURLToPath(new URL('../../../', import.meta.url)), console.log)
  city = await startTestCity()
  demo = await furnishDemoCity(city)
  const { rows } = await city.db.execute<{ id: number }>(sql`select id from officer where login = 'duty'`)
  cookie = (await city.logIn(rows[0]?.id ?? 0)).cookie
  browser = await launchChromium({ args: ['--disable-background-networking'] })
  phones = await Promise.all(demo.units.map((unit) => openWaitingPhone(browser, city.origin, unit)))
}, 300_000)
afterAll(async () => {
  await browser?.close()
  await city?.stop()
})

/** What a screen says of itself (`dashboard/src/lib/live/wall-probe.ts`). */
const probe = <T>(page: Page, expression: string): Promise<T> => page.evaluate(`window.__wall.${expression}`)
const doneOn = async (page: Page) => {
  const tallies = await probe<Record<string, Record<string, number>>>(page, 'tallies()')
  return Object.values(tallies).reduce((sum, tally) => sum + (tally['fulfilled'] ?? 0), 0)
}

async function open(path: string, size: (typeof sizes)[number], as: string | null = cookie): Promise<void> {
  await page?.context().close()
  page = await openScreen(browser, city.origin, as ?? undefined, size)
  // The ring's pulse would draw the whole screen anew sixty times a second.
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.goto(path)
  if (as !== null) await isLive()
}
const isLive = () => waitForState(page, 'a live screen', ({ freshness }) => freshness === 'live')

describe.skipIf(!hasChromium).each(sizes)('at $width × $height', (size) => {
  beforeAll(() => clearDesk(city.db))
  const [unit, other] = [() => demo.units[0], () => demo.units[1]]
  const name = (what: string) => `${what} ${size.width}`

  const shoot = async (what: string) => {
    if (!folder) return
    await page.screenshot({ path: `${folder}/${what}-${size.width}.png` })
    await page.evaluate("document.documentElement.style.filter = 'blur(8px)'")
    await page.screenshot({ path: `${folder}/${what}-${size.width}-blurred.png` })
    await page.evaluate("document.documentElement.style.filter = ''")
  }
  const expectNoScrollbar = async () => {
    const overflow = await page.evaluate<boolean>(
      'document.documentElement.scrollHeight > innerHeight || document.documentElement.scrollWidth > innerWidth',
    )
    expect(overflow).toBe(false)
  }
  /** A cry for help, and two alerts that can wait. */
  const raise = async (place: string) => {
    const { precinctId, stationId, callSign, lon, lat } = other()
    const about = { precinctId, stationId, subject: { callSign, place, lon, lat } }
    await inTransaction(city.db, (tx) =>
      raiseAlerts(tx, new Date(), [
        { kind: 'sos', dedupKey: place, priority: 1, ...about },
        { kind: 'forged-tag', dedupKey: `tag ${place}`, priority: 2, ...about },
        { kind: 'impossible-travel', dedupKey: `travel ${place}`, priority: 2, ...about },
      ]),
    )
    const row = page.getByRole('listitem').filter({ hasText: place }).filter({ hasText: '緊急' })
    await row.waitFor()
    return row
  }

  test('journeys 1 and 3: the wall fills every region, nothing scrolls, and no text is below 20 arc-minutes', async () => {
    await open('/wall', size)
    expect(await probe(page, 'state().points')).toBe(POINT_COUNT)
    for (const text of ['線上警力', '應簽', '涵蓋率', '未確認警示', '民國', '第一', '玉井', '即時'])
      await page.getByText(text).first().waitFor()
    await expectNoScrollbar()
    const smallest = await page.evaluate<number>(smallestText)
    // 37 px of the 1920-wide layout are 20' on 75 inches at 5 m (dashboard/src/routes/(wall)/wall/wall-type.ts).
    expect(smallest / Math.min(size.width / 1920, size.height / 1080)).toBeGreaterThan(36.9)
    expect(await page.evaluate(cutLabels)).toEqual([])
    await shoot('1-wall')
  })

  test('journey 2: a sign-in shows on the wall as a feed row and one more 已簽', async () => {
    const before = await doneOn(page)
    const { id } = await checkInAtDuePoint(city, unit())
    await waitForState(page, 'the feed row', ({ feed }) => feed[0] === id)
    await eventually('one more', async () => ((await doneOn(page)) === before + 1 ? true : undefined))
    await page.getByRole('region', { name: '巡簽動態' }).getByText(unit().callSign).first().waitFor()
    await shoot('2-sign-in')
  })

  test('a P1 stands out on the wall, with who owns it as soon as somebody does', async () => {
    const place = name('牆')
    const row = await raise(place)
    await shoot('5-p1-wall')
    const { rows } = await city.db.execute<{ id: number }>(
      sql`select id from alert where dedup_key = ${place}`,
    )
    const acknowledged = await city.app.inject({
      method: 'POST',
      url: `/api/v1/alerts/${rows[0]?.id}/acknowledge`,
      headers: { cookie, 'x-requested-with': 'patrol' },
    })
    expect(acknowledged.statusCode).toBeLessThan(300)
    await row.getByText(/示範值日官.*已確認$/).waitFor()
    await shoot('5-owned-wall')
    expect(await audit(page)).toEqual([])
  })

  test('journey 17: the wall in English', async () => {
    await page.evaluate("localStorage.setItem('patrol.language', 'en')")
    await page.reload()
    await isLive()
    await page.getByText('Units on street').waitFor()
    await expectNoScrollbar()
    // Nothing is smaller than in Chinese, and no label or name is cut.
    expect(await page.evaluate<number>(smallestText)).toBeGreaterThan(
      36.9 * Math.min(size.width / 1920, size.height / 1080),
    )
    expect(await page.evaluate(cutLabels)).toEqual([])
    await shoot('17-english-wall')
    expect(await audit(page)).toEqual([])
  })

  test('journey 5: a P1 stands out on the console, and one key answers it', async () => {
    await open('/console', size)
    await shoot('1-console')
    const row = await raise(name('主控台'))
    await shoot('5-p1-console')
    await page.keyboard.press('a')
    await row.getByText(/已確認 \d\d:\d\d$/).waitFor()
    await shoot('5-owned-console')
    await expectNoScrollbar()
    expect(await audit(page)).toEqual([])
  })

  test('journey 4: a call goes to the nearest unit, and its phone has it', async () => {
    const category = name('搶奪')
    await callIn(city.db, unit(), category, '中正路 1 號')
    await page.goto('/console/dispatch')
    await page.getByRole('button', { name: new RegExp(category) }).click()
    await page.getByRole('radio').nth(2).waitFor()
    await page.getByRole('radio', { name: new RegExp(unit().callSign) }).check()
    await shoot('4-nearest')
    await page.getByRole('button', { name: `確認派遣 ${unit().callSign}` }).click()
    // The phone has its list of orders open.
    await phones[0]?.getByText(category).first().waitFor()
    await phones[0]?.getByRole('button', { name: '受理', exact: true }).first().waitFor()
    await page.getByRole('complementary', { name: '案件與派遣' }).getByText('派遣中').first().waitFor()
    await shoot('4-ordered')
  })

  test('journey 7: a route goes to another unit in three clicks, and both phones show it', async () => {
    const route = name('路線')
    await giveRoute(city.db, unit(), route)
    await page.goto('/console/roster')
    const row = page.getByRole('row').filter({ hasText: route })
    await row.getByRole('button', { name: '改派路線' }).click()
    await page.getByRole('radio', { name: new RegExp(other().callSign) }).check()
    await shoot('7-roster')
    await page.getByRole('button', { name: `確認改由 ${other().callSign}` }).click()
    await page.getByText(`${unit().callSign} 的路線已改由 ${other().callSign}`).waitFor()
    // The one who has it now walks its points; it is theirs before anybody reloads.
    await phones[1]?.getByRole('button', { name: '路線' }).click()
    await eventually('the points of the route', async () =>
      (await phones[1]?.getByRole('main').getByRole('listitem').count()) === routeLength ? true : undefined,
    )
  })

  test('journey 6: the past is framed and says so, a unit is followed, Escape leads back', async () => {
    await page.goto(`/console/playback?at=${new Date(Date.now() - 600_000).toISOString()}`)
    await page.getByText(/^回放 民國/).waitFor()
    await page.getByLabel('跟隨單位').selectOption({ label: unit().callSign })
    await page.getByRole('link', { name: '軌跡 GPX' }).waitFor()
    for (let n = 0; n < 5; n++) await page.getByRole('button', { name: '放大', exact: true }).click()
    await shoot('6-followed')
    await page.locator('body').press('Escape')
    await page.waitForURL(/\/console$/)
  })

  test('journeys 17 and 18: in English by choice, kept; no serious finding of axe', async () => {
    await page.getByRole('button', { name: 'English' }).click()
    const queue = page.getByRole('heading', { name: 'Alerts', exact: true })
    await queue.waitFor()
    await page.reload()
    await isLive()
    await queue.waitFor()
    await expectNoScrollbar()
    await shoot('17-english')
    expect(await audit(page)).toEqual([])
  })
})

describe.skipIf(!hasChromium)('by keyboard only', () => {
  beforeAll(() => clearDesk(city.db))
  const shoot = async (what: string) => {
    if (folder) await page.screenshot({ path: `${folder}/keyboard-${what}.png` })
  }
  const press = (...keys: string[]) =>
    keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve())
  const focused = () => page.locator(':focus')
  /** Every step must show where one is. */
  const expectVisibleFocus = async () => {
    const look = await page.evaluate<{ style: string; width: number } | null>(`(() => {
      const element = document.activeElement
      if (!element || element === document.body || !element.matches(':focus-visible')) return null
      const { outlineStyle, outlineWidth } = getComputedStyle(element)
      return { style: outlineStyle, width: parseFloat(outlineWidth) }
    })()`)
    expect(look?.style).toBe('solid')
    expect(look?.width).toBeGreaterThanOrEqual(2)
  }
  /** Tab until the element has the focus. @returns how many presses it took */
  const tabTo = async (what: string, isThere: () => Promise<boolean>, most: number, key = 'Tab') => {
    for (let n = 1; n <= most; n++) {
      await page.keyboard.press(key)
      await expectVisibleFocus()
      if (await isThere()) return n
    }
    throw new Error(`${most} times Tab, and not at ${what}.`)
  }
  /** By the bracket keys, down the list and up again. */
  const choose = async (row: Locator) => {
    for (const key of [']', '[']) {
      for (let n = 0; n < 20; n++) {
        if ((await row.locator('.choose[aria-pressed=true]').count()) > 0) return
        await page.keyboard.press(key)
      }
    }
    throw new Error('The brackets do not lead to the row.')
  }

  test('log in, answer an alert and send somebody there, find a page by its name, close, log out', async () => {
    await open('/login?next=/console', { width: 1366, height: 768 }, null)
    await page.getByLabel('帳號').and(focused()).waitFor()
    await page.keyboard.type(demo.dutyOfficer.login)
    await press('Tab')
    await page.keyboard.type(demo.dutyOfficer.password)
    await press('Enter')
    await page.waitForURL(({ pathname }) => pathname === '/console')
    await isLive()

    // From the top of the page to the alert in the queue, and to its place on the map.
    const { id, precinctId, stationId, callSign, lon, lat } = demo.units[0]
    const place = '鍵盤 1 號'
    const cause = { kind: 'sos', dedupKey: `sos:unit:${id}`, priority: 1 as const, precinctId, stationId }
    await inTransaction(city.db, (tx) =>
      raiseAlerts(tx, new Date(), [{ ...cause, subject: { callSign, place, lon, lat } }]),
    )
    const row = page.getByRole('listitem').filter({ hasText: place })
    await row.waitFor()
    await tabTo('the alert', async () => (await row.locator('.choose:focus').count()) > 0, 45)
    await shoot('alert')
    await press('Enter')
    await row.locator('.choose[aria-pressed=true]').waitFor()
    await press('a')
    await row.getByText(/示範值日官 已確認 \d\d:\d\d$/).waitFor()

    // D: the call is written already; Enter enters it, and the nearest unit is chosen; Enter sends it.
    await choose(row)
    await press('d')
    await page.getByLabel('案類或任務名稱').and(focused()).waitFor()
    await page.getByText('位置已選').waitFor()
    await shoot('call')
    // Enter that is held down a little too long enters the call, and sends nobody.
    const sendings: string[] = []
    const noteSending = (request: Request) => {
      if (request.method() === 'POST' && request.url().includes('/assignments')) sendings.push(request.url())
    }
    page.on('request', noteSending)
    await page.keyboard.down('Enter')
    await page.getByRole('radio').first().and(focused()).waitFor()
    for (let n = 0; n < 5; n++) await page.keyboard.down('Enter')
    await page.keyboard.up('Enter')
    await expectVisibleFocus()
    await press('ArrowDown')
    await page.getByRole('radio').nth(1).and(focused()).waitFor()
    // By now it would have been asked for; that it has not come yet proves nothing.
    page.off('request', noteSending)
    expect(sendings).toEqual([])
    await shoot('unit')
    // The one who cries for help is the nearest of all, and no choice: it says why.
    const drawer = page.getByRole('complementary', { name: '案件與派遣' })
    expect(await page.getByRole('radio', { name: new RegExp(callSign) }).count()).toBe(0)
    const left = drawer.getByRole('region', { name: '附近不能派遣的單位' }).getByRole('listitem').first()
    expect(await left.innerText()).toMatch(new RegExp(`${callSign}[^]*SOS 尚未結案`))
    await press('ArrowUp', 'Enter')
    await drawer.getByText('派遣中').first().waitFor()
    await shoot('sent')
    await press('Escape')
    await drawer.waitFor({ state: 'detached' })

    // A page by its name, then back by its key; the layers, by theirs.
    await press('Control+k')
    await page.getByRole('combobox', { name: '輸入頁面或動作' }).and(focused()).waitFor()
    await page.keyboard.type('勤務')
    await page.getByRole('option', { name: /^前往：勤務 / }).waitFor()
    await shoot('palette')
    await press('Enter')
    await page.waitForURL('**/console/roster')
    await press('g', 'o')
    await page.waitForURL(({ pathname }) => pathname === '/console')
    await press('l')
    const layers = page.getByRole('region', { name: '圖層' })
    await layers.getByRole('checkbox').first().and(focused()).waitFor()
    await shoot('layers')
    await press('Escape')
    await layers.waitFor({ state: 'detached' })

    // The alert is chosen by the bracket keys, and closed.
    await row.waitFor()
    await choose(row)
    await press('x')
    await row.waitFor({ state: 'detached' })

    const leave = page.getByRole('button', { name: '登出' }).and(focused())
    await tabTo('log out', async () => (await leave.count()) > 0, 45, 'Shift+Tab')
    await press('Enter')
    await page.getByLabel('帳號').waitFor()
    expect(new URL(page.url()).pathname).toBe('/login')
  })
})

/** Of all text that is shown, the smallest in px. As text: the server's TypeScript knows no browser. */
const smallestText = `Math.min(...[...document.querySelectorAll('body *')]
  .filter((element) => element.checkVisibility() && !element.closest('.visually-hidden')
    && [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== ''))
  .map((element) => parseFloat(getComputedStyle(element).fontSize)))`

/**
 * Labels of figures and names of precincts that do not fit, also beside a share of 100 %: what an ellipsis hides nobody reads
 * from across the room.
 */
const cutLabels = `(() => {
  const asides = [...document.querySelectorAll('article .aside')].flatMap(({ firstChild }) => firstChild ?? [])
  const shown = asides.map(({ data }) => data)
  for (const text of asides) text.data = text.data.replace(/(\\d+%|—)$/, '100%')
  const cut = [...document.querySelectorAll('article h2, section li > .name')]
    .filter((element) => element.scrollWidth > element.clientWidth)
    .map((element) => element.textContent)
  asides.forEach((text, at) => (text.data = shown[at]))
  return cut
})()`
