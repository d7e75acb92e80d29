import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import { inTransaction, unitPosition } from '@patrol/db'
import { makeOfficer, makeUnit } from '@patrol/db/factories'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { raiseAlerts } from '../../src/alert/raise-alert.ts'
import { buildClients } from '../../src/cli/build-clients.ts'
import { reportIncident } from '../../src/incident/report-incident.ts'
import { eventually, startTestCity, type TestCity } from '../build-app.ts'
import { openScreen, waitForState } from './dashboard.ts'
import { makeAccount, makeFieldWorld, type FieldWorld } from './field-world.ts'
import { hasChromium, launchChromium } from './launch-chromium.ts'
import { openWaitingPhone } from './phone.ts'

if (!hasChromium) console.log('No Chromium here: nobody acts together (CHROMIUM_PATH).')

let city: TestCity
let world: FieldWorld
let browser: Browser
let screens: { first: Page; second: Page; wall: Page }
let phones: { page: Page; callSign: string }[] = []

beforeAll(async () => {
  if (!hasChromium) return
  await buildClients(fileURLToPath(new URL('../../../', import.meta.url)), console.log)
  city = await startTestCity()
  world = await makeFieldWorld(city)
  browser = await launchChromium()
  const { place } = world
  const watch = async (role: 'duty-officer' | 'operator', path: string) => {
    const { id } = await makeOfficer(city.db, place, { roles: [role], organisationId: place.precinctId })
    const page = await openScreen(browser, city.origin, (await city.logIn(id)).cookie)
    await page.goto(path)
    await waitForState(page, `a live ${path}`, ({ freshness }) => freshness === 'live')
    return page
  }
  phones = await Promise.all([0, 1, 2].map(openUnit))
  screens = {
    first: await watch('duty-officer', '/console/dispatch'),
    second: await watch('duty-officer', '/console'),
    wall: await watch('operator', '/wall'),
  }
})
afterAll(async () => {
  await browser?.close()
  await city?.stop()
})

/** A unit on duty, farther away the later it comes, with its phone logged in. */
async function openUnit(n: number) {
  const { place } = world
  const account = n === 0 ? world.officers[0] : await makeAccount(city.db, place)
  const unit = n === 0 ? world.unit : (await makeUnit(city.db, place, [account.id])).unit
  await city.db.insert(unitPosition).values({
    unitId: unit.id,
    precinctId: place.precinctId,
    stationId: place.stationId,
    lon: 120.2 + n * 0.02,
    lat: 23,
    recordedAt: new Date(),
  })
  const page = await openWaitingPhone(browser, city.origin, { account, lon: 120.2 + n * 0.02, lat: 23 })
  return { page, callSign: unit.callSign }
}

async function callIn(category: string) {
  await inTransaction(city.db, async (tx) => {
    const { precinctId } = world.place
    // The test precinct has no area of its own, until now.
    await tx.execute(
      sql`update organisation set area = st_multi(st_buffer(position, 0.05)) where id = ${precinctId}`,
    )
    const occurredAt = new Date().toISOString()
    await reportIncident(
      tx,
      {
        source: '110',
        externalId: category,
        category,
        priority: 1,
        occurredAt,
        lon: 120.2,
        lat: 23,
        address: '中山路 1 號',
      },
      new Date(),
    )
  })
}

describe.skipIf(!hasChromium)('together', () => {
  test('two consoles, a wall and three phones: each act of one is on all others by itself', async () => {
    const { first, second, wall } = screens
    const [a, b, c] = phones
    if (!a || !b || !c) throw new Error('There are three phones.')
    const pages = [first, second, wall, ...phones.map(({ page }) => page)]
    for (const page of pages) await page.evaluate('window.__sameDocument = true')
    const delays: number[] = []
    /** Does the act, and waits until everybody has it; how long each waited counts from the act. */
    const spread = async (act: () => Promise<unknown>, seen: readonly (() => Promise<unknown>)[]) => {
      const from = performance.now()
      const waits = seen.map(async (one) => {
        await one()
        delays.push(performance.now() - from)
      })
      await act()
      await Promise.all(waits)
    }
    const holds = (page: Page, order: RegExp) => () =>
      eventually(`${order} on ${page.url()}`, async () => {
        const orders = await page.evaluate<string[]>('window.__wall.state().assignments')
        return orders.some((one) => order.test(one)) ? true : undefined
      })
    const onScreens = (order: RegExp) => [first, second, wall].map((page) => holds(page, order))
    const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
    const ready = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).waitFor()

    await inTransaction(city.db, (tx) =>
      raiseAlerts(tx, new Date(), [
        { kind: 'forged-tag', dedupKey: 'together', priority: 2, ...world.place, subject: {} },
      ]),
    )
    await second
      .getByRole('listitem')
      .filter({ hasText: '偽造標籤' })
      .getByRole('button', { name: '確認', exact: true })
      .waitFor()
    await spread(
      () => second.keyboard.press('a'),
      [() => second.getByText(/已確認 \d\d:\d\d$/).waitFor(), () => wall.getByText(/已確認$/).waitFor()],
    )

    await spread(() => callIn('搶奪'), [() => first.getByRole('button', { name: /搶奪/ }).waitFor()])
    await first.getByRole('button', { name: /搶奪/ }).click()
    const send = first.getByRole('button', { name: `確認派遣 ${a.callSign}` })
    await send.waitFor()
    await spread(() => send.click(), [...onScreens(/ 1 ordered /), () => ready(a.page, '受理')])
    await spread(() => press(a.page, '受理'), [...onScreens(/ 1 accepted /), () => ready(a.page, '出發')])

    // The other console takes it from the first unit.
    await second.keyboard.press('g')
    await second.keyboard.press('d')
    await second.getByRole('tab', { name: /派遣/ }).click()
    await press(second, '改派')
    await second.getByRole('radio').nth(1).waitFor()
    await second.getByRole('radio', { name: new RegExp(b.callSign) }).check()
    await spread(
      () => press(second, `確認改派 ${b.callSign}`),
      [
        ...onScreens(/ 2 ordered /),
        () => ready(b.page, '受理'),
        () => a.page.getByText(`「搶奪」已改派給 ${b.callSign}`).waitFor(),
      ],
    )
    // A third one helps, and both move at once.
    await first.getByRole('radio', { name: new RegExp(c.callSign) }).check()
    await spread(
      () => press(first, `確認派遣 ${c.callSign}`),
      [...onScreens(/ 1 ordered /), () => ready(c.page, '受理')],
    )
    for (const [act, state] of [
      ['受理', 'accepted'],
      ['到場', 'on-scene'],
    ] as const) {
      if (act === '到場') {
        for (const { page } of [b, c]) {
          await press(page, '出發')
          await ready(page, '到場')
        }
      }
      await spread(
        () => Promise.all([press(b.page, act), press(c.page, act)]),
        [...onScreens(new RegExp(` 2 ${state} `)), ...onScreens(new RegExp(` 1 ${state} `))],
      )
    }
    for (const { page } of [b, c]) await press(page, '結束')
    for (const page of [first, second, wall])
      await eventually('no order anywhere', async () =>
        (await page.evaluate<number>('window.__wall.state().assignments.length')) === 0 ? true : undefined,
      )

    for (const page of pages) expect(await page.evaluate('window.__sameDocument'), page.url()).toBe(true)
    for (const page of [first, second, wall])
      expect(await page.evaluate('window.__wall.state().snapshots'), page.url()).toBe(1)
    const sorted = delays.toSorted((x, y) => x - y)
    const at = (share: number) => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0)
    console.log(
      `${delays.length} arrivals on real pages: p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, most ${at(1)} ms`,
    )
  })
})
