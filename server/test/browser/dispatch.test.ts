import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import {
  feedback,
  inTransaction,
  officer,
  patrolRoute,
  patrolRouteStop,
  unit,
  unitPosition,
} from '@patrol/db'
import { makeOfficer, makeUnit, newUuidV7 } from '@patrol/db/factories'
import { eq } from 'drizzle-orm'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { raiseAlerts } from '../../src/alert/raise-alert.ts'
import { buildClients } from '../../src/cli/build-clients.ts'
import { reportIncident } from '../../src/incident/report-incident.ts'
import { hashPassword } from '../../src/organisation/password.ts'
import { eventually, startTestCity, type TestCity } from '../build-app.ts'
import { audit, openScreen, waitForState } from './dashboard.ts'
import { type FieldWorld, makeFieldWorld } from './field-world.ts'
import { hasChromium, launchChromium } from './launch-chromium.ts'
import { logInOnPhone, openPhone, type Phone } from './phone.ts'

if (!hasChromium) console.log('No Chromium here: the journeys of dispatch are skipped (CHROMIUM_PATH).')

let city: TestCity
let world: FieldWorld
let second: { id: number; callSign: string; account: { login: string; password: string } }
let browser: Browser
let console_: Page
let phones: Phone[] = []

beforeAll(async () => {
  if (!hasChromium) return
  await buildClients(fileURLToPath(new URL('../../../', import.meta.url)), console.log)
  city = await startTestCity()
  world = await makeFieldWorld(city)
  const { place } = world
  second = await makeSecondUnit()
  await placeUnit(world.unit.id, 120.201)
  await placeUnit(second.id, 120.23)
  const boss = await makeOfficer(city.db, place, {
    roles: ['duty-officer'],
    organisationId: place.precinctId,
  })
  browser = await launchChromium()
  console_ = await openScreen(browser, city.origin, (await city.logIn(boss.id)).cookie)
  phones = await Promise.all([openPhone(city.origin), openPhone(city.origin)])
  const accounts = [world.officers[0], second.account]
  for (const [i, { page }] of phones.entries()) {
    await page.goto('/field/')
    await logInOnPhone(page, accounts[i] ?? world.officers[0])
    await page.getByRole('button', { name: '派遣' }).waitFor()
  }
})
afterAll(async () => {
  for (const phone of phones) await phone.close()
  await browser?.close()
  await city?.stop()
})

async function makeSecondUnit() {
  const { id, login } = await makeOfficer(city.db, world.place)
  const password = 'Patrol-2026-second'
  await city.db
    .update(officer)
    .set({ passwordHash: await hashPassword(password) })
    .where(eq(officer.id, id))
  const made = await makeUnit(city.db, world.place, [id])
  return { id: made.unit.id, callSign: made.unit.callSign, account: { login, password } }
}

async function placeUnit(unitId: number, lon: number) {
  const { precinctId, stationId } = world.place
  await city.db
    .insert(unitPosition)
    .values({ unitId, precinctId, stationId, lon, lat: 23, recordedAt: new Date() })
}

async function callIn(category: string) {
  const report = { source: '110' as const, externalId: randomUUID(), occurredAt: new Date().toISOString() }
  return inTransaction(city.db, async (tx) => {
    const incident = await reportIncident(
      tx,
      { ...report, category, priority: 1, lon: 120.2, lat: 23, address: '中山路 1 號' },
      new Date(),
    )
    // The test precinct has no area of its own.
    await tx.$client.query('update incident set precinct_id = $1 where id = $2', [
      world.place.precinctId,
      incident.id,
    ])
    await tx.$client.query('update outbox set precinct_id = $1 where data->>$2 = $3', [
      world.place.precinctId,
      'id',
      String(incident.id),
    ])
    return incident.id
  })
}

/** What an officer answered to the card of an incident. */
async function answerCard(incidentId: number) {
  const { precinctId, stationId } = world.place
  await city.db.insert(feedback).values({
    id: newUuidV7(),
    occasionId: newUuidV7(),
    officerId: world.officers[0].id,
    kind: 'incident',
    refId: incidentId,
    answer: 'handled',
    text: '已張貼告示',
    precinctId,
    stationId,
    givenAt: new Date(),
    receivedAt: new Date(),
  })
}

/** Answers to GET of this path are read now and given when the returned function is called. */
async function holdAnswers(page: Page, path: string) {
  const { promise, resolve } = Promise.withResolvers<void>()
  const isIt = (url: URL) => url.pathname === path
  await page.route(isIt, async (route) => {
    if (route.request().method() !== 'GET') return route.fallback()
    const response = await route.fetch()
    await promise
    await route.fulfill({ response })
  })
  return async () => {
    resolve()
    await page.unrouteAll({ behavior: 'wait' })
  }
}

/** The console has applied the event by which a reader of the message was counted. */
async function waitForReceipt(page: Page, text: string) {
  await eventually('the receipt on the console', async () => {
    const { rows } = await city.db.$client.query<{ pos: string }>(
      `select e.pos from event e join message m on m.id::text = e.data->>'id'
       where m.text = $1 and e.type = 'message:read'`,
      [text],
    )
    const lastPos = await page.evaluate<number>('window.__wall.lastPos')
    return rows[0] !== undefined && lastPos >= Number(rows[0].pos) ? true : undefined
  })
}

const shoot = async (page: Page, name: string) => {
  if (process.env['SHOTS']) await page.screenshot({ path: `${process.env['SHOTS']}/${name}.png` })
}

describe.skipIf(!hasChromium)('dispatch', () => {
  test('a call is sent to the nearest unit, whose phone shows it; a stale answer is refused with the new holder’s name', async () => {
    const [first, other] = phones
    if (first === undefined || other === undefined) throw new Error('There are two phones.')
    await console_.goto('/console/dispatch')
    await waitForState(console_, 'a live console', ({ freshness }) => freshness === 'live')
    await answerCard(await callIn('搶奪'))
    await console_.locator('body').press('/')
    await console_.locator('[data-search]:focus').waitFor()
    await console_.getByRole('button', { name: /搶奪/ }).click()
    await console_.getByRole('radio').first().waitFor()
    await console_.getByText('已張貼告示').waitFor()
    await shoot(console_, 'console-nearest')
    const from = performance.now()
    await console_.getByRole('button', { name: `確認派遣 ${world.unit.callSign}` }).click()
    await first.page.getByRole('alert').filter({ hasText: '新派遣：搶奪' }).waitFor()
    console.log(`on the phone ${Math.round(performance.now() - from)} ms after the click`)
    const drawer = console_.getByRole('complementary', { name: '案件與派遣' })
    await drawer.getByText('派遣中').first().waitFor()
    expect(await audit(console_)).toEqual([])
    await shoot(console_, 'console-ordered')
    await first.page.getByRole('alert').getByRole('button').click()
    await first.page.getByRole('button', { name: '受理' }).waitFor()
    await shoot(first.page, 'phone-order')
    expect(await audit(first.page)).toEqual([])

    // Without a signal the officer accepts; meanwhile the console has sent another.
    await first.context.setOffline(true)
    await first.page.getByRole('button', { name: '受理' }).click()
    await first.page.getByText('待送出：受理').waitFor()
    await console_.getByRole('tab', { name: /派遣/ }).click()
    await console_.getByRole('button', { name: '改派', exact: true }).first().click()
    await console_.getByRole('radio').first().waitFor()
    await shoot(console_, 'console-reassign')
    await console_.getByRole('button', { name: `確認改派 ${second.callSign}` }).click()
    await other.page.getByRole('alert').filter({ hasText: '新派遣：搶奪' }).getByRole('button').click()
    await first.context.setOffline(false)
    await first.page
      .getByText(`「搶奪」已改派給 ${second.callSign}，您的回覆（受理）未被採用`)
      .waitFor({ timeout: 40_000 })
    await shoot(first.page, 'phone-refused')

    for (const [act, state] of [
      ['受理', '已受理'],
      ['出發', '前往中'],
      ['到場', '到場'],
    ] as const) {
      await other.page.getByRole('button', { name: act, exact: true }).click()
      await drawer.getByText(state).first().waitFor()
    }
    await other.page.getByRole('button', { name: '結束', exact: true }).click()
    await other.page.getByText('目前沒有派遣').waitFor()
    await console_.getByText('無進行中的派遣').waitFor()
  })

  test('a message is read on the phone, and the console knows', async () => {
    const [first] = phones
    if (first === undefined) throw new Error('There are two phones.')
    // Where the first test leaves the phone, or a first try of this one: news is told above every other screen.
    await first.page.getByRole('button', { name: '派遣' }).click()
    const text = `注意白色廂型車 ${randomUUID().slice(0, 4)}`
    await console_.goto('/console/messages')
    await console_
      .getByLabel('選擇對象')
      .selectOption({ label: `${world.unit.callSign}（${world.place.station.name}）` })
    await console_.getByLabel('內容').fill(text)
    await console_.getByLabel(/急/).check()
    // The console's list is on its way while the phone reads the message: it comes late, and with nobody who has read it.
    const letGo = await holdAnswers(console_, '/api/v1/messages')
    await console_.getByRole('button', { name: '傳送' }).click()
    await console_.getByText('已傳送給 2 位在勤員警').waitFor()
    await first.page.getByRole('alert').filter({ hasText: text }).getByRole('button').click()
    await waitForReceipt(console_, text)
    await letGo()
    await console_.getByRole('button', { name: text }).getByText('已讀 1／2').waitFor()
    await shoot(first.page, 'phone-messages')
    await shoot(console_, 'console-messages')
    expect(await audit(console_)).toEqual([])
  })

  test('a route goes to another unit in three clicks, and both phones show their new points', async () => {
    const [first, other] = phones
    const [label] = world.labels
    const { precinctId, stationId } = world.place
    const [route] = await city.db
      .insert(patrolRoute)
      .values({ code: randomUUID(), name: '甲線', precinctId, stationId })
      .returning()
    const patrolRouteId = route?.id ?? 0
    await city.db
      .insert(patrolRouteStop)
      .values({ patrolRouteId, sequence: 1, patrolPointId: label?.point.id ?? 0 })
    await city.db.update(unit).set({ patrolRouteId }).where(eq(unit.id, world.unit.id))
    await console_.goto('/console/roster')
    await console_.getByRole('button', { name: '改派路線' }).click()
    await console_.getByRole('radio').check()
    await shoot(console_, 'console-roster')
    expect(await audit(console_)).toEqual([])
    await console_.getByRole('button', { name: `確認改由 ${second.callSign}` }).click()
    await console_.getByText(`${world.unit.callSign} 的路線已改由 ${second.callSign}`).waitFor()
    // One with the route has its one point; one without has all of the station's.
    for (const [phone, points] of [
      [other, 1],
      [first, world.labels.length],
    ] as const) {
      await phone?.page.getByRole('button', { name: '路線' }).click()
      await phone?.page
        .getByRole('listitem')
        .nth(points - 1)
        .waitFor()
      expect(await phone?.page.getByRole('main').getByRole('listitem').count()).toBe(points)
    }
  })

  test('who cries for help is no choice from that moment, before the list is asked for anew', async () => {
    await console_.goto('/console/dispatch')
    await waitForState(console_, 'a live console', ({ freshness }) => freshness === 'live')
    const category = `鬥毆 ${randomUUID().slice(0, 4)}`
    await callIn(category)
    await console_.getByRole('button', { name: new RegExp(category) }).click()
    const choice = console_.getByRole('radio', { name: new RegExp(second.callSign) })
    await choice.waitFor()
    const letGo = await holdAnswers(console_, '/api/v1/units/nearest')
    const { precinctId, stationId } = world.place
    await inTransaction(city.db, (tx) =>
      raiseAlerts(tx, new Date(), [
        {
          kind: 'sos',
          dedupKey: `sos:unit:${second.id}`,
          priority: 1,
          precinctId,
          stationId,
          subject: { callSign: second.callSign },
        },
      ]),
    )
    await choice.waitFor({ state: 'detached' })
    await letGo()
  })
})
