// Over 300 lines: one city and one browser for all, as starting them takes longer than most of the tests.
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { CheckIn, CheckInAnswers } from '@patrol/contract'
import { sql } from 'drizzle-orm'
import { inTransaction } from '@patrol/db'
import { makeDepartment, makeOfficer, makePrecinct, newUuidV7 } from '@patrol/db/factories'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { raiseAlerts } from '../../src/alert/raise-alert.ts'
import { buildClients } from '../../src/cli/build-clients.ts'
import { sweepAlerts } from '../../src/alert/sweep-alerts.ts'
import { signQr } from '../../src/check-in/proof/signed-qr.ts'
import { hashPassword } from '../../src/organisation/password.ts'
import { startTestCity, type TestCity } from '../build-app.ts'
import { audit, followRequests, openScreen, waitForState } from './dashboard.ts'
import { type FieldWorld, makeFieldWorld } from './field-world.ts'
import { hasChromium, launchChromium } from './launch-chromium.ts'

if (!hasChromium) console.log("No Chromium here: the console's journeys are skipped (CHROMIUM_PATH).")

let city: TestCity
let world: FieldWorld
let browser: Browser
/** The cookie of an operator of the whole city. */
let operator: string
let pages: Page[] = []

beforeAll(async () => {
  if (!hasChromium) return
  await buildClients(fileURLToPath(new URL('../../../', import.meta.url)), console.log)
  city = await startTestCity()
  world = await makeFieldWorld(city)
  const department = await makeDepartment(city.db)
  const place = { precinctId: null, stationId: null }
  const { id } = await makeOfficer(city.db, place, { roles: ['operator'], organisationId: department.id })
  operator = (await city.logIn(id)).cookie
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

async function open(path: string, cookie?: string): Promise<Page> {
  const page = await openScreen(browser, city.origin, cookie)
  pages.push(page)
  await page.goto(path)
  return page
}

/** A scan at the n-th point by the first officer. */
async function checkIn(n: number, code = world.labels[n]?.code): Promise<CheckIn> {
  const time = await fetch(`${city.origin}/api/v1/time`)
  const { now, beacon }: { now: string; beacon: string } = JSON.parse(await time.text())
  const item: CheckIn = {
    id: newUuidV7(),
    act: 'check-in',
    role: 'patrol',
    proof: { kind: 'qr', code: code ?? '' },
    checkedInAt: now,
    clock: { deviceAt: now, monotonicMs: 1_000, beacon: { token: beacon, monotonicMs: 1_000 } },
    position: { lon: 120.2 + n * 0.004, lat: 23, accuracyMeters: 8, fixedAt: now },
  }
  const { cookie } = await city.logIn(world.officers[0].id)
  const response = await fetch(`${city.origin}/api/v1/check-ins`, {
    method: 'POST',
    headers: { cookie, 'content-type': 'application/json', 'x-requested-with': 'patrol' },
    body: JSON.stringify(item),
  })
  const answer: CheckInAnswers = JSON.parse(await response.text())
  expect(answer.results[0], JSON.stringify(answer)).toMatchObject({ stored: true })
  return item
}

/** The console of a duty officer of the whole city, whose password is `correct horse`. */
async function openDutyOfficer(name: string): Promise<Page> {
  const department = await makeDepartment(city.db)
  const place = { precinctId: null, stationId: null }
  const { id } = await makeOfficer(city.db, place, {
    roles: ['duty-officer'],
    organisationId: department.id,
  })
  const hash = await hashPassword('correct horse')
  await city.db.execute(sql`update officer set name = ${name}, password_hash = ${hash} where id = ${id}`)
  const page = await open('/console', (await city.logIn(id)).cookie)
  await waitForState(page, 'a live console', ({ freshness }) => freshness === 'live')
  return page
}

describe.skipIf(!hasChromium)('the wall', () => {
  test('has no serious finding of axe while it shows a check-in', async () => {
    const page = await open('/wall', operator)
    await waitForState(page, 'a live wall', ({ freshness }) => freshness === 'live')
    const { id } = await checkIn(0)
    await waitForState(page, 'the check-in', ({ feed }) => feed[0] === id)
    await page.getByRole('region', { name: '巡簽動態' }).getByText(world.unit.callSign).waitFor()
    expect(await audit(page)).toEqual([])
  })
})

describe.skipIf(!hasChromium)('the console', () => {
  test('acknowledges an alert with the key A, and the wall shows who did', async () => {
    const wall = await open('/wall', operator)
    const page = await open('/console', operator)
    await waitForState(page, 'a live console', ({ freshness }) => freshness === 'live')
    await checkIn(2, signQr(1n, 1, randomBytes(32)))
    await page.getByText('偽造標籤').first().waitFor()
    await page.keyboard.press('a')
    await page.getByText(/已確認 \d\d:\d\d$/).waitFor()
    await wall.getByText(/已確認$/).waitFor()
    expect(await audit(page)).toEqual([])
  })

  // A second try would find the alerts of the first, answered: it has one.
  test(
    'the keyboard keeps its place while rows move: at the next one after an answer, else at its own row',
    { retry: 0 },
    async () => {
      const page = await open('/console', operator)
      await waitForState(page, 'a live console', ({ freshness }) => freshness === 'live')
      await raise('焦點甲', '焦點乙', '焦點丙')
      const row = (name: string) => page.getByRole('listitem').filter({ hasText: name })
      for (const name of ['焦點甲', '焦點乙', '焦點丙']) await row(name).waitFor()
      const names = (await page.locator('li[id^=alert-]').allInnerTexts()).map(
        (text) => /焦點./.exec(text)?.[0],
      )
      const [first, second, third] = names.filter((name) => name !== undefined)
      if (!first || !second || !third) throw new Error('There are three.')

      // By the key: the row goes down, and the next one has choice and focus.
      await row(first).locator('.choose').focus()
      await page.keyboard.press('Enter')
      await page.keyboard.press('a')
      await row(first)
        .getByText(/已確認 \d\d:\d\d$/)
        .waitFor()
      await row(second).locator('.choose:focus').waitFor()
      // Its row moves under the keyboard, since another console answers it: the focus goes with it.
      const { rows } = await city.db.execute<{ id: number }>(
        sql`select id from alert where dedup_key = ${second}`,
      )
      await page.evaluate(`fetch('/api/v1/alerts/${rows[0]?.id}/acknowledge',
      { method: 'POST', headers: { 'x-requested-with': 'patrol' } })`)
      await row(second)
        .getByText(/已確認 \d\d:\d\d$/)
        .waitFor()
      await row(second).locator('.choose:focus').waitFor()
      // By the button of a row, which goes: the last one keeps the focus.
      await row(third).getByRole('button', { name: '確認', exact: true }).focus()
      await page.keyboard.press('Enter')
      await row(third)
        .getByText(/已確認 \d\d:\d\d$/)
        .waitFor()
      await row(third).locator('.choose:focus').waitFor()
      // Closed, it is gone: the focus is on the row that stands there now.
      await page.keyboard.press('Enter')
      const readIds = async () =>
        Promise.all((await page.locator('li[id^=alert-]').all()).map((each) => each.getAttribute('id')))
      const at = (await readIds()).indexOf(await row(third).getAttribute('id'))
      await page.keyboard.press('x')
      await row(third).waitFor({ state: 'detached' })
      const left = await readIds()
      await page.locator(`#${left[Math.min(at, left.length - 1)]} .choose:focus`).waitFor()
      for (const name of [first, second]) {
        await row(name).locator('.choose').click()
        await page.keyboard.press('x')
        await row(name).waitFor({ state: 'detached' })
      }
    },
  )

  test('who writes by the time an alert is answered is left there', async () => {
    const page = await open('/console', operator)
    await waitForState(page, 'a live console', ({ freshness }) => freshness === 'live')
    const names = ['打字甲', '打字乙']
    await raise(...names)
    const row = (name: string) => page.getByRole('listitem').filter({ hasText: name })
    for (const name of names) await row(name).waitFor()
    const { promise, resolve } = Promise.withResolvers<void>()
    await page.route('**/acknowledge', async (route) => {
      await promise
      await route.continue()
    })
    await row('打字甲').locator('.choose').focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('a')
    await page.keyboard.press('/')
    await page.locator('[data-search]:focus').waitFor()
    const answered = page.waitForResponse(/acknowledge$/)
    resolve()
    await answered
    await row('打字甲')
      .getByText(/已確認 \d\d:\d\d$/)
      .waitFor()
    // An A that is meant for the field must not answer the next one.
    await page.keyboard.type('a')
    expect(await page.locator('[data-search]:focus').inputValue()).toBe('a')
    await page.locator('[data-search]').fill('')
    await row('打字乙').getByRole('button', { name: '確認', exact: true }).click()
    for (const name of names) {
      await row(name)
        .getByText(/已確認 \d\d:\d\d$/)
        .waitFor()
      await row(name).locator('.choose').click()
      await page.keyboard.press('x')
      await row(name).waitFor({ state: 'detached' })
    }
  })

  test('journey 5: one key answers, S and a digit shelve, a group opens; another console has it without a reload', async () => {
    const other = await open('/console', operator)
    const page = await open('/console', operator)
    for (const one of [page, other]) {
      await waitForState(one, 'a live console', ({ freshness }) => freshness === 'live')
    }
    const { precinctId, stationId } = world.place
    await inTransaction(city.db, (tx) =>
      raiseAlerts(
        tx,
        new Date(),
        Array.from({ length: 5 }, (_, i) => ({
          kind: 'impossible-travel',
          dedupKey: `journey-${i}`,
          priority: 2 as const,
          precinctId,
          stationId,
          subject: { callSign: `測試${i}` },
        })),
      ),
    )
    await sweepAlerts(city.db)
    const rowOf = (at: Page) => at.getByRole('listitem').filter({ hasText: '移動速度異常 ×5' })
    await rowOf(page).waitFor()
    await rowOf(page).getByRole('button', { name: '展開 5 則' }).click()
    await page.getByText('測試3').waitFor()
    await rowOf(page)
      .getByRole('button', { name: /移動速度異常/ })
      .click()

    await page.keyboard.press('a')
    await rowOf(page)
      .getByText(/已確認 \d\d:\d\d$/)
      .waitFor()
    // Not measured here, since the machine may be busy; it comes with the next frame.
    await rowOf(other)
      .getByText(/已確認 \d\d:\d\d$/)
      .waitFor()
    expect(await audit(page)).toEqual([])

    await page.keyboard.press('s')
    await page.getByRole('dialog', { name: /^擱置/ }).waitFor()
    expect(await audit(page)).toEqual([])
    await page.keyboard.press('2')
    await other.getByRole('button', { name: '擱置 5' }).click()
    await other
      .getByText(/設備維修中/)
      .first()
      .waitFor()
    await other.keyboard.press('Escape')
    await rowOf(other).waitFor({ state: 'detached' })
  })

  test('the pages of rules and performance have what they name', async () => {
    const page = await open('/console/alert-rules', operator)
    await page.getByRole('form', { name: '定位中斷' }).waitFor()
    await page.goto('/console/alarm-performance')
    await page.getByRole('rowheader', { name: '平均每 10 分鐘（每人）' }).waitFor()
    await page.goto('/console/figures')
    await page.getByRole('heading', { name: '見警率' }).waitFor()
    await page.goto('/console/notices')
    await page.getByRole('heading', { name: '通報', exact: true }).waitFor()
  })

  test('no page of the console has a serious finding of axe, in Chinese or in English', async () => {
    const department = await makeDepartment(city.db)
    const { id } = await makeOfficer(
      city.db,
      { precinctId: null, stationId: null },
      { roles: ['duty-officer', 'administrator'], organisationId: department.id },
    )
    const page = await open('/console', (await city.logIn(id)).cookie)
    await waitForState(page, 'a live console', ({ freshness }) => freshness === 'live')
    const links = page.locator('nav').first().getByRole('link')
    const found: string[] = []
    const answered = followRequests(page)
    for (const language of ['中文', 'English']) {
      await page.getByRole('button', { name: language }).click()
      for (const link of await links.all()) {
        await link.click()
        await page.locator('nav a[aria-current=page]').and(link).waitFor()
        await page.locator('.page > *').first().waitFor()
        await answered()
        found.push(...(await audit(page)).map((line) => `${language} ${page.url()}: ${line}`))
      }
    }
    expect(await links.count()).toBe(15)
    expect(found).toEqual([])
  })

  test('a shift is handed over: one signs what is open, the other reads and signs, and it stands for good', async () => {
    const [leaving, taking] = await Promise.all(['交班 甲', '接班 乙'].map(openDutyOfficer))
    if (!leaving || !taking) throw new Error('There are two.')
    await inTransaction(city.db, (tx) =>
      raiseAlerts(tx, new Date(), [
        { kind: 'device-shared', dedupKey: 'handover', priority: 2, ...world.place, subject: {} },
      ]),
    )
    await leaving.keyboard.press('g')
    await leaving.keyboard.press('s')
    await leaving.getByRole('listitem').filter({ hasText: '多人共用裝置' }).first().waitFor()
    await leaving.getByLabel('交班備註').fill('中正路施工，改道巡邏')
    const password = /輸入您的密碼/
    await leaving.getByLabel(password).fill('wrong')
    await leaving.keyboard.press('Enter')
    await leaving.getByText('密碼錯誤，未簽章').waitFor()
    expect(await audit(leaving)).toEqual([])
    await leaving.getByLabel(password).fill('correct horse')
    await leaving.keyboard.press('Enter')
    await leaving.getByText('您已簽章交班，等待他人接班。').waitFor()

    await taking.goto('/console/handover')
    await taking
      .getByRole('button', { name: /交班 甲 → …/ })
      .first()
      .click()
    await taking.getByText('中正路施工，改道巡邏').waitFor()
    await taking.getByLabel('接班備註').fill('已點交')
    await taking.getByLabel(password).fill('correct horse')
    await taking.getByRole('button', { name: '簽章接班' }).click()
    for (const page of [leaving, taking]) {
      // The one who left sees it without a reload.
      await page.getByText('已點交').waitFor()
      expect(await page.getByRole('button', { name: '簽章接班' }).count()).toBe(0)
    }
    expect(await audit(taking)).toEqual([])
  })

  test('the strip of the last hours leads to the time machine, by keys too', async () => {
    const page = await open('/console', operator)
    await checkIn(1)
    const strip = page.getByRole('region', { name: '近 4 小時' })
    const now = strip.getByRole('link').last()
    await now.waitFor()
    const last = await now.getAttribute('href')
    await now.focus()
    await page.keyboard.press('ArrowLeft')
    const href = (await strip.locator('a:focus').getAttribute('href')) ?? ''
    expect(href).not.toBe(last)
    await page.keyboard.press('Enter')
    await page.waitForURL(`**${href.replace(/at=.*/, 'at=*')}`)
    await page
      .getByText(/^回放 /)
      .first()
      .waitFor()
  })

  test('an administrator begins a joint defence and makes a key, which is shown once', async () => {
    const department = await makeDepartment(city.db)
    const nowhere = { precinctId: null, stationId: null }
    const { id } = await makeOfficer(city.db, nowhere, {
      roles: ['administrator'],
      organisationId: department.id,
    })
    const other = await makePrecinct(city.db)
    const page = await open('/console/admin', (await city.logIn(id)).cookie)
    await page.getByRole('textbox', { name: '名稱', exact: true }).fill('春安聯防')
    for (const { name } of [world.place.precinct, other.precinct])
      await page.getByRole('checkbox', { name }).check()
    await page.getByRole('button', { name: '開始聯防' }).click()
    await page
      .getByRole('listitem')
      .filter({ hasText: '春安聯防' })
      .getByRole('button', { name: '結束' })
      .click()
    await page.getByRole('button', { name: '確認結束' }).click()
    await page.getByText('目前沒有聯防').waitFor()

    await page.getByLabel('使用單位').fill('市政戰情中心')
    await page.getByRole('button', { name: '建立金鑰' }).click()
    const key = (await page.getByText(/^srf_/).textContent()) ?? ''
    expect(await audit(page)).toEqual([])
    const figures = () =>
      fetch(`${city.origin}/api/v1/situation-room/figures`, { headers: { authorization: `Bearer ${key}` } })
    expect((await figures()).status).toBe(200)
    await page.reload()
    const row = page.getByRole('listitem').filter({ hasText: '市政戰情中心' })
    await row.getByRole('button', { name: '撤銷' }).click()
    expect(await page.getByText(/^srf_/).count()).toBe(0)
    await row.getByRole('button', { name: '確認撤銷' }).click()
    await row.getByText(/ 撤銷$/).waitFor()
    expect((await figures()).status).toBe(401)
  })

  test('has a command palette that does what it names', async () => {
    const page = await open('/console', operator)
    await inTransaction(city.db, (tx) =>
      raiseAlerts(tx, new Date(), [
        { kind: 'tag-revoked', dedupKey: 'palette', priority: 1, ...world.place, subject: {} },
      ]),
    )
    const row = page.getByRole('listitem').filter({ hasText: '停用標籤' })
    await row.getByRole('button', { name: '確認', exact: true }).waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: '輸入頁面或動作' }).fill('停用')
    await page.getByRole('option', { name: /確認：停用標籤/ }).waitFor()
    expect(await audit(page)).toEqual([])
    await page.keyboard.press('Enter')
    await row.getByText(/已確認 \d\d:\d\d$/).waitFor()
    expect(await page.getByRole('navigation', { name: '頁面' }).getByRole('link').count()).toBeGreaterThan(0)
  })

  test('sends a stranger to the log-in, in Chinese first and English by choice', async () => {
    const page = await open('/console')
    await page.waitForURL('**/login?next=/console')
    await page.getByLabel('帳號').waitFor()
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByLabel('Account').fill('nobody')
    await page.getByLabel('Password').fill('wrong')
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByText('Wrong account or password').waitFor()
    expect(await page.evaluate('document.documentElement.lang')).toBe('en')
    expect(await audit(page)).toEqual([])
  })
})

/** A P2 alert of the place for each call sign. */
function raise(...callSigns: string[]) {
  const { precinctId, stationId } = world.place
  return inTransaction(city.db, (tx) =>
    raiseAlerts(
      tx,
      new Date(),
      callSigns.map((callSign) => ({
        kind: 'forged-tag',
        dedupKey: callSign,
        priority: 2 as const,
        precinctId,
        stationId,
        subject: { callSign },
      })),
    ),
  )
}
