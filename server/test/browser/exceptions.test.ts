import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import type { CheckIn, Tally, WallSnapshot, WindowState } from '@patrol/contract'
import { makeOfficer, newUuidV7 } from '@patrol/db/factories'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { buildClients } from '../../src/cli/build-clients.ts'
import { eventually, startTestCity, type TestCity } from '../build-app.ts'
import { audit, openScreen } from './dashboard.ts'
import { type FieldWorld, makeFieldWorld } from './field-world.ts'
import { hasChromium, launchChromium } from './launch-chromium.ts'

if (!hasChromium) console.log('No Chromium here: the journey of exceptions is skipped (CHROMIUM_PATH).')

let city: TestCity
let world: FieldWorld
let browser: Browser
let supervisor: { id: number; name: string; cookie: string }
let officer: string
let pages: Page[] = []

beforeAll(async () => {
  if (!hasChromium) return
  await buildClients(fileURLToPath(new URL('../../../', import.meta.url)), console.log)
  city = await startTestCity()
  world = await makeFieldWorld(city)
  const { id, name } = await makeOfficer(city.db, world.place, {
    roles: ['supervisor'],
    organisationId: world.place.precinctId,
  })
  supervisor = { id, name, cookie: (await city.logIn(id)).cookie }
  officer = (await city.logIn(world.officers[0].id)).cookie
  browser = await launchChromium()
})
afterEach(async () => {
  for (const page of pages) await page.context().close()
  pages = []
})
afterAll(async () => {
  await browser?.close()
  await city?.stop()
})

async function open(size: { width: number; height: number }): Promise<Page> {
  const page = await openScreen(browser, city.origin, supervisor.cookie)
  pages.push(page)
  await page.setViewportSize(size)
  await page.goto('/console/exceptions')
  return page
}

function ask(cookie: string, method: 'GET' | 'POST' | 'PUT', path: string, payload?: object) {
  return city.app.inject({
    method,
    url: `/api/v1${path}`,
    headers: { cookie, 'x-requested-with': 'patrol' },
    ...(payload === undefined ? {} : { payload }),
  })
}

/** A scan at the n-th point, some way off it. */
async function checkIn(n: number, metersNorth: number | null): Promise<string> {
  const now = new Date().toISOString()
  const item: CheckIn = {
    id: newUuidV7(),
    act: 'check-in',
    role: 'patrol',
    proof: { kind: 'qr', code: world.labels[n]?.code ?? '' },
    checkedInAt: now,
    clock: { deviceAt: now, monotonicMs: 0, beacon: null },
    position:
      metersNorth === null
        ? null
        : {
            lon: 120.2 + n * 0.004,
            lat: 23 + metersNorth / 111_320,
            accuracyMeters: 25,
            fixedAt: now,
          },
  }
  await ask(officer, 'POST', '/check-ins', item)
  return item.id
}

async function walk() {
  const breadcrumbs = Array.from({ length: 40 }, (_, nr) => ({
    lon: 120.2 + nr * 0.0001,
    lat: 23 + Math.sin(nr / 6) * 0.0008,
    recordedAt: new Date(Date.now() - (nr < 20 ? 5 : 180) * 1_000 - nr * 10_000).toISOString(),
    accuracyMeters: 12,
  }))
  await ask(officer, 'POST', '/breadcrumbs', { breadcrumbs })
}

/** Waits for these totals: a snapshot that somebody took a moment before is shared for a second. */
async function untilTally(expected: Partial<Tally>): Promise<void> {
  await eventually(`the totals ${JSON.stringify(expected)}`, async () => {
    const wall = (await ask(supervisor.cookie, 'GET', '/wall')).json<WallSnapshot>()
    const tally = wall.precincts.find(({ id }) => id === world.place.precinctId)?.tally
    const differs = Object.entries(expected).some(([state, n]) => tally?.[state as WindowState] !== n)
    return differs ? undefined : true
  })
}

async function auditedActions(subject: string): Promise<string[]> {
  const { rows } = await city.db.execute<{ action: string }>(
    sql`select action from audit where subject = ${subject} order by id`,
  )
  return rows.map(({ action }) => action)
}

/** For people who look at the screens: `SHOTS=/tmp/x npm test -- …`. */
async function shoot(page: Page, name: string): Promise<void> {
  const folder = process.env['SHOTS']
  if (folder) await page.screenshot({ path: `${folder}/${name}.png` })
}

describe.skipIf(!hasChromium)('exceptions', () => {
  test('a doubtful check-in is confirmed by one key on its evidence; window, totals and audit follow', async () => {
    await walk()
    const doubtful = await checkIn(0, 900)
    await checkIn(1, null)
    await untilTally({ fulfilled: 0 })

    const page = await open({ width: 1366, height: 768 })
    await page.getByRole('button', { name: world.labels[0]?.point.name ?? '' }).click()
    await page.getByText('回報位置與誤差圈').waitFor()
    await page.getByText('定位在巡邏點的容許範圍以外。').waitFor()
    await page.waitForTimeout(process.env['SHOTS'] ? 3_000 : 0)
    await shoot(page, 'review-1366')
    await page.setViewportSize({ width: 1920, height: 1080 })
    await page.waitForTimeout(process.env['SHOTS'] ? 2_000 : 0)
    await shoot(page, 'review-1920')
    expect(await audit(page)).toEqual([])
    expect(await auditedActions(`officer:${world.officers[0].id}`)).toContain('track:viewed')

    await page.keyboard.press('c')
    await page.getByText(`確認有效：${world.labels[0]?.point.name}`).waitFor()
    await untilTally({ fulfilled: 1 })
    expect(await auditedActions(`check-in:${doubtful}`)).toEqual(['check-in:confirmed'])

    // The next one is open already; rejecting asks for the reason.
    await page.getByRole('heading', { name: world.labels[1]?.point.name ?? '' }).waitFor()
    await page.keyboard.press('r')
    await page.getByLabel('未到場').check()
    await shoot(page, 'review-reject')
    await page.getByRole('dialog').getByRole('button', { name: '不予採計' }).click()
    await page.getByText('沒有需要處理的項目').waitFor()
    await page.getByLabel('判定').first().selectOption({ label: '已判定' })
    await page.getByRole('button', { name: world.labels[1]?.point.name ?? '' }).click()
    await page.getByText(new RegExp(`${supervisor.name} 於 .* 不予採計`)).waitFor()
  })

  test('a make-up that an officer asked for is approved by one click; totals and audit follow', async () => {
    const label = world.labels[2]
    await city.db.execute(
      sql`update patrol_window set state = 'missed', next_change_at = null where patrol_point_id = ${label?.point.id}`,
    )
    const { rows } = await city.db.execute<{ id: string }>(
      sql`select id from patrol_window where patrol_point_id = ${label?.point.id}`,
    )
    const windowId = Number(rows[0]?.id)
    await ask(officer, 'POST', `/patrol-windows/${windowId}/make-up`, {
      reason: '標籤破損，已口頭回報勤指中心',
    })

    const page = await open({ width: 390, height: 844 })
    await page.getByRole('button', { name: /漏簽/ }).click()
    await shoot(page, 'missed-list-390')
    await page.getByRole('button', { name: label?.point.name ?? '' }).click()
    await page.getByText('標籤破損，已口頭回報勤指中心').last().waitFor()
    await shoot(page, 'missed-390')
    expect(await audit(page)).toEqual([])
    await page.getByRole('button', { name: '核准補簽' }).click()
    await page.getByText('沒有需要處理的項目').waitFor()
    await untilTally({ 'made-up': 1, missed: 0 })
    expect(await auditedActions(`patrol-window:${windowId}`)).toEqual([
      'window:make-up-proposed',
      'window:made-up',
    ])
  })
})
