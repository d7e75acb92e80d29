import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, describe, test } from 'vitest'
import { startTestCity, type TestCity } from '../build-app.ts'
import { type FieldWorld, makeAccount, makeFieldWorld } from './field-world.ts'
import { hasChromium } from './launch-chromium.ts'
import { buildFieldClient, logInOnPhone, openPhone, type Phone, waitForServiceWorker } from './phone.ts'

let city: TestCity
let world: FieldWorld
let phone: Phone

beforeAll(async () => {
  if (!hasChromium) return
  await buildFieldClient()
  city = await startTestCity()
})
afterAll(() => city?.stop())
beforeEach(async () => {
  if (!hasChromium) return
  world = await makeFieldWorld(city)
  phone = await openPhone(city.origin)
  await phone.page.goto('/field/')
  await logInOnPhone(phone.page, world.officers[0])
  await phone.page.getByText('0/3').waitFor()
  await phone.page.getByText(/10 m/).waitFor()
})
afterEach(() => phone?.close())

const button = (page: Page) => page.getByRole('button', { name: /SOS/ })
const heading = (page: Page, name: string) => page.getByRole('heading', { name }).waitFor()

async function alerts() {
  const { rows } = await city.db.$client.query(
    `select id, priority, count, subject from alert where kind = 'sos' and precinct_id = $1`,
    [world.place.precinctId],
  )
  return rows
}

/** Presses, waits, and lets go. */
async function hold(page: Page, ms: number) {
  await button(page).hover()
  await page.mouse.down()
  await page.waitForTimeout(ms)
  await page.mouse.up()
}

describe.skipIf(!hasChromium)('SOS', () => {
  test('let go early, it is cancelled; held, it raises the alert, and the screen says who answers', async () => {
    const { page } = phone
    await hold(page, 700)
    await page.getByText('已取消，未送出').waitFor()
    expect(await alerts()).toEqual([])
    await hold(page, 1_600)
    await heading(page, '求援已送達')
    await page.getByText('已附上位置').waitFor()
    const [alert] = await alerts()
    expect(alert).toMatchObject({
      priority: 1,
      count: 1,
      subject: { callSign: world.unit.callSign, lat: 23 },
    })
    const desk = await makeAccount(city.db, world.place, { roles: ['duty-officer'] })
    const { cookie } = await city.logIn(desk.id)
    const headers = { cookie, 'x-requested-with': 'patrol' }
    await city.app.inject({ method: 'POST', url: `/api/v1/alerts/${alert?.id}/acknowledge`, headers })
    await heading(page, '已有人處理')
    await page.getByText(desk.name).waitFor()
    await page.getByRole('button', { name: '返回' }).click()
    await page.getByRole('button', { name: `求援：${desk.name} 已確認` }).waitFor()
  })

  test('without network it is kept, says so, survives a reload, and goes first when the network is back', async () => {
    const { page, context } = phone
    await waitForServiceWorker(page)
    await context.setOffline(true)
    // The keyboard holds like a finger.
    await button(page).focus()
    await page.keyboard.down(' ')
    await heading(page, '求援尚未送達')
    await page.keyboard.up(' ')
    await page.getByText('以無線電呼叫').waitFor()
    await page.reload()
    await heading(page, '求援尚未送達')
    expect(await alerts()).toEqual([])
    await context.setOffline(false)
    await heading(page, '求援已送達')
    expect(await alerts()).toMatchObject([{ count: 1 }])
  })
})
