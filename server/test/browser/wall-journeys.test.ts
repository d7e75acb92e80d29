import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Me, WallPairing } from '@patrol/contract'
import { inTransaction } from '@patrol/db'
import { newUuidV7 } from '@patrol/db/factories'
import { POINT_COUNT, seedCity } from '@patrol/db/seed'
import { raiseAlerts } from '../../src/alert/raise-alert.ts'
import { buildClients } from '../../src/cli/build-clients.ts'
import { materialiseWindows } from '../../src/window/materialise-windows.ts'
import { sweepWindows } from '../../src/window/sweep-windows.ts'
import { eventually, startTestCity, type TestCity } from '../build-app.ts'
import { audit, openScreen } from './dashboard.ts'
import { hasChromium, launchChromium } from './launch-chromium.ts'

/** The wall in a real browser, on the whole demonstration city. Pictures for people go to `.data/screenshots`. */
if (!hasChromium) console.log('No Chromium here: the journeys of the wall are skipped (CHROMIUM_PATH).')

const root = fileURLToPath(new URL('../../../', import.meta.url))
const pictures = `${root}.data/screenshots`

let city: TestCity
let browser: Browser
let page: Page

beforeAll(async () => {
  if (!hasChromium) return
  await mkdir(pictures, { recursive: true })
  await buildClients(root, console.log)
  city = await startTestCity()
  await seedCity(city.db, { now: new Date(), secret: Buffer.alloc(32, 1), keyVersion: 1 })
  await makeDue()
  await materialiseWindows(city.db)
  await sweepWindows(city.db)
  browser = await launchChromium({ args: ['--disable-background-networking'] })
  const context = await browser.newContext({
    baseURL: city.origin,
    viewport: { width: 1920, height: 1080 },
    locale: 'zh-TW',
    timezoneId: 'Asia/Taipei',
  })
  page = await context.newPage()
}, 300_000)
afterAll(async () => {
  await browser?.close()
  await city?.stop()
})

/** What the wall says of itself (`dashboard/src/lib/live/wall-probe.ts`); as text, since this is not the browser's program. */
const probe = <T>(expression: string): Promise<T> => page.evaluate(`window.__wall?.${expression}`)
const freshness = () => probe<string>('state().freshness')

/** At any hour something must be due: each point of a station with somebody on duty, from the last hour on. */
async function makeDue() {
  const taipei = new Date(Date.now() + 8 * 3_600_000)
  const minute = taipei.getUTCHours() * 60 + taipei.getUTCMinutes()
  await city.db.execute(sql`
    insert into window_rule (patrol_point_id, start_minute, duration_minutes, valid_from)
    select p.id, ${Math.max(0, minute - 60)}, 180, '2020-01-01'
    from patrol_point p where p.station_id in (
      select u.station_id from unit u join shift s on s.id = u.shift_id
      where s.starts_at <= city_now() and s.ends_at > city_now() order by u.id limit 1)`)
}

/** An officer on duty now, with a point of the station that is due, and the officer's session. */
async function someoneOnDuty() {
  const { rows } = await city.db.execute<{
    officer_id: number
    opaque_id: string
    lon: number
    lat: number
    name: string
  }>(sql`
    select m.officer_id, t.opaque_id, st_x(p.position) as lon, st_y(p.position) as lat, p.name
    from unit u join shift s on s.id = u.shift_id join unit_member m on m.unit_id = u.id
      join patrol_window w on w.station_id = u.station_id and w.state = 'open' and w.required_count = 1
      join patrol_point p on p.id = w.patrol_point_id join tag t on t.patrol_point_id = p.id
    where s.starts_at <= city_now() and s.ends_at > city_now()
      -- One visit settles every window that is open there: here it must be one.
      and not exists (select 1 from patrol_window o
        where o.patrol_point_id = p.id and o.id <> w.id and o.state in ('open', 'grace')) limit 1`)
  const row = rows[0]
  if (row === undefined) throw new Error('Nobody is on duty where something is due.')
  const { cookie } = await city.logIn(row.officer_id)
  return { ...row, cookie, code: city.codeOf({ opaqueId: BigInt(row.opaque_id), keyVersion: 1 }) }
}

async function checkIn() {
  const officer = await someoneOnDuty()
  const now = new Date().toISOString()
  const response = await city.app.inject({
    method: 'POST',
    url: '/api/v1/check-ins',
    headers: { cookie: officer.cookie, 'x-requested-with': 'patrol' },
    payload: {
      id: newUuidV7(),
      act: 'check-in',
      role: 'patrol',
      proof: { kind: 'qr', code: officer.code },
      checkedInAt: now,
      clock: { deviceAt: now, monotonicMs: 0, beacon: null },
      position: { lon: officer.lon, lat: officer.lat, accuracyMeters: 6, fixedAt: now },
    },
  })
  expect(response.json().results).toMatchObject([{ verdict: 'accepted', fulfils: 'yes' }])
  return { name: officer.name, id: String(response.json().results[0].id) }
}

async function openConsole(role: 'operator') {
  const { rows } = await city.db.execute<{ id: number }>(sql`
    select officer_id as id from role_grant where role = ${role} limit 1`)
  return city.logIn(rows[0]?.id ?? 0)
}

describe.skipIf(!hasChromium)('the wall', () => {
  test('journey 1: a display pairs by its code and fills every region, without a scrollbar', async () => {
    const asked = page.waitForResponse('**/api/v1/wall-displays')
    await page.goto('/wall')
    const { code } = (await (await asked).json()) as WallPairing
    const shown = await eventually('the code on the screen', async () => {
      const text = (await page.locator('body').innerText()).replace(/[\s-]/g, '')
      return text.includes(code) ? text : undefined
    })
    expect(shown).toContain(code)
    const { cookie } = await openConsole('operator')
    const approved = await city.app.inject({
      method: 'POST',
      url: '/api/v1/wall-displays/approval',
      headers: { cookie, 'x-requested-with': 'patrol' },
      payload: { code, name: '測試牆' },
    })
    expect(approved.statusCode).toBe(204)

    await eventually(
      'the wall to be live',
      async () => ((await freshness()) === 'live' ? true : undefined),
      60_000,
    )
    expect(await probe('state().points')).toBe(POINT_COUNT)
    await page.getByText('即時').first().waitFor()
    for (const text of ['線上警力', '應簽', '涵蓋率', '未確認警示', '民國', '第一', '玉井']) {
      await page.getByText(text).first().waitFor()
    }
    const overflow: boolean = await page.evaluate(
      'document.documentElement.scrollHeight > innerHeight || document.documentElement.scrollWidth > innerWidth',
    )
    expect(overflow).toBe(false)
    await page.screenshot({ path: `${pictures}/wall-1920.png` })
    const me = await page.request.get('/api/v1/session')
    expect(((await me.json()) as Me).roles).toEqual(['wall-display'])
  })

  test('journey 2: a sign-in shows as a feed row and one more 已簽', async () => {
    const doneOf = async () => {
      const tallies = await probe<Record<string, Record<string, number>>>('tallies()')
      return Object.values(tallies).reduce((sum, tally) => sum + (tally['fulfilled'] ?? 0), 0)
    }
    const before = await doneOf()
    const { id, name } = await checkIn()
    await eventually('the tally', async () => ((await doneOf()) === before + 1 ? true : undefined))
    const feed = await probe<{ id: string }[]>('feed()')
    expect(feed[0]?.id).toBe(id)
    // The row leaves the district out: the village says where.
    await page
      .getByText(name.replace(/^.*?區/, '').slice(0, 3))
      .first()
      .waitFor()
    const shown = await city.db.execute<{ n: number }>(sql`
      select count(*)::int as n from patrol_window where state = 'fulfilled'
        and service_on = (city_now() at time zone 'Asia/Taipei')::date`)
    expect(await doneOf()).toBe(shown.rows[0]?.n)
  })

  test('through a server restart: it says that it is old, and comes back with exactly what it missed', async () => {
    const snapshots = await probe<number>('state().snapshots')
    await city.restart(async () => {
      await eventually(
        'the wall to know',
        async () => ((await freshness()) === 'live' ? undefined : true),
        30_000,
      )
      await page.screenshot({ path: `${pictures}/wall-cut-off.png` })
      await inTransaction(city.db, (tx) =>
        raiseAlerts(tx, new Date(), [
          {
            kind: 'forged-tag',
            dedupKey: 'while down',
            priority: 2,
            precinctId: null,
            stationId: null,
            subject: { place: '斷線期間' },
          },
        ]),
      )
      await eventually(
        'a banner in words',
        async () =>
          (await page.locator('body').innerText()).includes('舊資料') || (await freshness()) === 'stale'
            ? true
            : undefined,
        60_000,
      )
    })
    await eventually(
      'the wall to be live again',
      async () => ((await freshness()) === 'live' ? true : undefined),
      30_000,
    )
    await page.getByText('斷線期間').first().waitFor()
    expect(await probe('state().alerts')).toBe(1)
    await eventually('the head of the log', async () =>
      (await probe('lastPos')) === city.app.feed.head() ? true : undefined,
    )
    // From the log, not by starting over.
    expect(await probe('state().snapshots')).toBe(snapshots)
    await checkIn()
    await eventually('a live event again', async () =>
      (await probe('lastPos')) === city.app.feed.head() ? true : undefined,
    )
    await page.screenshot({ path: `${pictures}/wall-back.png` })
  })

  test('a map sent from a console stands on the wall with its sender, and goes when it is taken back', async () => {
    const { cookie } = await openConsole('operator')
    const desk = await openScreen(browser, city.origin, cookie)
    await desk.goto('/console')
    await desk.getByRole('button', { name: '送上電視牆' }).click()
    const panel = desk.getByRole('region', { name: '送上電視牆' })
    await panel.getByLabel('畫面').selectOption({ label: '全市' })
    await panel.getByRole('checkbox', { name: '測試牆' }).check()
    await panel.getByRole('button', { name: '送出' }).click()
    await page.getByText('送上此畫面').waitFor()
    await page.screenshot({ path: `${pictures}/wall-sent.png` })
    // Who else may send sees by whom and until when.
    await panel.getByText('送上此畫面').waitFor()
    await panel.getByRole('button', { name: '收回' }).click()
    await page.getByText('送上此畫面').waitFor({ state: 'detached' })
    expect(await audit(desk)).toEqual([])

    // Under a name it is kept for all of the place, with the layers that are on; sent again, it comes with them.
    await panel.getByLabel('將目前地圖與圖層存為場景').fill('花園夜市')
    await desk.keyboard.press('Enter')
    await panel.getByText('場景已儲存').waitFor()
    await panel.getByRole('button', { name: '送出' }).click()
    await page.getByText('送上此畫面').waitFor()
    const sent = await city.db.execute<{ layers: string[] }>(sql`
      select scene->'layers' as layers from wall_view where ended_at is null`)
    expect(sent.rows[0]?.layers).toContain('units')
    await panel.getByRole('button', { name: '收回' }).click()
    await page.getByText('送上此畫面').waitFor({ state: 'detached' })
    const asked = page.waitForResponse('**/api/v1/wall-scenes')
    await page.goto('/wall?views=花園夜市&every=60')
    expect(await (await asked).json()).toMatchObject({ scenes: [{ name: '花園夜市' }] })
    await eventually('the wall', async () => ((await freshness()) === 'live' ? true : undefined), 60_000)
    await page.screenshot({ path: `${pictures}/wall-scene.png` })
    await panel.getByRole('button', { name: '刪除場景「花園夜市」' }).click()
    await panel.getByText('場景已刪除').waitFor()
    await desk.keyboard.press('Escape')

    // The layers by keyboard, remembered; a file that is no layer is refused by the field at fault.
    await desk.keyboard.press('l')
    const layers = desk.getByRole('region', { name: '圖層' })
    const tracks = layers.getByRole('checkbox', { name: '30 分鐘軌跡' })
    await tracks.press('Space')
    const file = (geometry: object) => ({
      name: '管制區.geojson',
      mimeType: 'application/geo+json',
      buffer: Buffer.from(
        JSON.stringify({ type: 'FeatureCollection', features: [{ type: 'Feature', geometry }] }),
      ),
    })
    const upload = layers.locator('input[type=file]')
    await upload.setInputFiles(file({ type: 'Point', coordinates: [169_000, 2_545_000] }))
    await layers.getByText('features[0].geometry.coordinates').waitFor()
    await upload.setInputFiles(file({ type: 'Point', coordinates: [120.2, 23] }))
    await layers.getByText('1 個圖徵').waitFor()
    expect(await audit(desk)).toEqual([])
    await desk.screenshot({ path: `${pictures}/console-layers.png` })
    await desk.reload()
    await desk.getByRole('button', { name: '圖層' }).click()
    await layers.getByText('管制區').waitFor()
    expect(await tracks.isChecked()).toBe(false)

    // Measuring without a mouse: two places of the middle, the map moved by its keys in between.
    await desk.keyboard.press('Escape')
    await desk.keyboard.press('m')
    const measure = desk.getByRole('region', { name: '量測' })
    const add = measure.getByRole('button', { name: '中心加點' })
    await add.press('Enter')
    await desk.getByRole('application').press('ArrowRight')
    await eventually('the map to rest where it was moved to', async () => {
      await add.press('Enter')
      return (await measure.getByRole('status').innerText()) === '—' ? undefined : true
    })
    await desk.context().close()
  })
})
