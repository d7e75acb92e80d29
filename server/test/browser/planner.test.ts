import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import { pino } from 'pino'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, inTransaction, type Db } from '@patrol/db'
import { makeOfficer, makePoint, makePrecinct, makeUnit } from '@patrol/db/factories'
import { buildClients } from '../../src/cli/build-clients.ts'
import { countTouchedCells } from '../../src/hotspot/count-cells.ts'
import { refreshStudyArea } from '../../src/hotspot/study-area.ts'
import { reportIncident } from '../../src/incident/report-incident.ts'
import { startJobs } from '../../src/jobs/run-jobs.ts'
import { startTestCity, type TestCity } from '../build-app.ts'
import { audit, openScreen } from './dashboard.ts'
import { makeAccount, type Account } from './field-world.ts'
import { hasChromium, launchChromium } from './launch-chromium.ts'
import { logInOnPhone } from './phone.ts'

if (!hasChromium) console.log('No Chromium here: the journey of the planner is skipped (CHROMIUM_PATH).')

/** Threads of jobs have the lowest priority: on a busy machine they wait. */
const timeout = 60_000

let city: TestCity
let jobsDb: Db
let jobs: { stop(): Promise<void> }
let browser: Browser
let page: Page
let unitName: string
let unitId: number
let phone: Page | undefined
let patrolOfficer: Account
/** The code on the label of each point, by the point's name. */
const codes = new Map<string, string>()

/** A precinct with a corner where somebody steals twice a week, eight points around it and one unit on patrol. */
beforeAll(async () => {
  if (!hasChromium) return
  await buildClients(fileURLToPath(new URL('../../../', import.meta.url)), console.log)
  city = await startTestCity()
  const { db } = city
  jobsDb = connect(city.env.databaseUrl, { max: 6, name: 'test worker' })
  jobs = startJobs({ db: jobsDb, env: city.env, log: pino({ level: 'silent' }) })
  const place = await makePrecinct(db, { position: [120.2, 23] })
  await db.execute(
    sql`update organisation set area = st_multi(st_buffer(position, 0.03)) where id = ${place.precinctId}`,
  )
  for (let i = 0; i < 8; i++) {
    const turn = (2 * Math.PI * i) / 8
    const position = [120.2 + 0.01 * Math.cos(turn), 23 + 0.01 * Math.sin(turn)] as const
    const { point, tag } = await makePoint(db, place, { position: [...position] })
    codes.set(point.name, city.codeOf(tag))
  }
  patrolOfficer = await makeAccount(db, place)
  const { unit } = await makeUnit(db, place, [patrolOfficer.id])
  unitName = unit.callSign
  unitId = unit.id
  const now = new Date()
  await inTransaction(db, async (tx) => {
    for (let day = 1; day < 300; day += 4) {
      const occurredAt = new Date(now.getTime() - day * 86_400_000).toISOString()
      const theft = { source: '110' as const, category: '竊盜', occurredAt, lon: 120.2, lat: 23 }
      await reportIncident(tx, { ...theft, externalId: `t${day}` }, now)
    }
  })
  await refreshStudyArea(db)
  await countTouchedCells(db)
  const boss = await makeOfficer(db, place, { roles: ['duty-officer'], organisationId: place.precinctId })
  browser = await launchChromium()
  page = await openScreen(browser, city.origin, (await city.logIn(boss.id)).cookie)
  page.setDefaultTimeout(timeout)
})
afterAll(async () => {
  await browser?.close()
  await jobs?.stop()
  await jobsDb?.$client.end()
  await city?.stop()
})

describe.skipIf(!hasChromium)('a duty officer plans the shift', () => {
  test('the hotspot is on the list with its hours and its record, and may be visited', async () => {
    await page.goto('/console/hotspots')
    const first = page.locator('#tab-panel li').first()
    await first.getByRole('button').first().click()
    await expect.poll(() => first.textContent(), { timeout }).toContain('75 件')
    await page.getByRole('button', { name: '要求巡訪 4 週' }).click()
    await page.getByRole('tab', { name: '巡訪' }).click()
    await expect.poll(() => page.locator('#tab-panel').textContent(), { timeout }).toContain('10')
    await page.getByRole('tab', { name: '準確度' }).click()
    await expect
      .poll(() => page.locator('#tab-panel').textContent(), { timeout })
      .toContain('報案不等於全部犯罪')
    expect(await audit(page)).toEqual([])
  })

  test('a must-visit point is planned for, a stop dragged on the map, and the route assigned', async () => {
    await page.goto('/console/planner')
    const form = page.getByRole('form', { name: '規劃條件' })
    await form.getByText(unitName).waitFor()
    await form.getByRole('button', { name: '開始規劃' }).click()
    await page.getByRole('button', { name: /^方案 1/ }).waitFor()
    await page
      .getByRole('button', { name: /^下次規劃必到/ })
      .first()
      .click()
    await form.getByRole('button', { name: '開始規劃' }).click()
    await page.locator('li small', { hasText: '必到' }).first().waitFor()
    await dragStop()
    await page.getByRole('button', { name: /^指派給編組/ }).click()
    await page
      .getByText(/^執行中/)
      .first()
      .waitFor()
    expect(await audit(page)).toEqual([])
  })

  // What these two do to the city stays done, so that a second try begins elsewhere: they have one.
  test(
    'the officer follows it on the phone: next stop, how far, which way; what is signed is done on both',
    { retry: 0 },
    async () => {
      const [first = '', second = ''] = await readStops()
      phone = await openPhone()
      await logInOnPhone(phone, patrolOfficer)
      const next = phone.locator('.next')
      await next.filter({ hasText: first }).waitFor()
      await expect.poll(() => next.textContent(), { timeout }).toMatch(/預定 \d\d:\d\d.*\d k?m\s*[東南西北]/s)
      const before = await readProgress()
      expect(before).toMatchObject({ done: 0 })
      await phone.getByRole('button', { name: '路線' }).click()
      await phone.getByRole('img', { name: '路線圖，上方為北' }).waitFor()
      expect(await audit(phone)).toEqual([])
      await shoot(phone, 'phone-route')
      await phone.goto(`/c/${codes.get(first)}`)
      await phone.getByRole('button', { name: '簽到', exact: true }).click()
      // Far from the point, the phone guesses none: its name comes with the server's answer.
      await phone.locator('main .point', { hasText: first }).waitFor()
      await phone.goto('/field/')
      await next.filter({ hasText: second }).waitFor()
      expect(await readProgress()).toEqual({ ...before, done: 1 })
      await page.locator('ol li').first().getByText('已簽').waitFor()
      await shoot(page, 'planner-followed')
    },
  )

  test(
    'sent to a call, the unit has the rest planned anew: the console and the phone show the same new list',
    { retry: 0 },
    async () => {
      if (phone === undefined) throw new Error('There is no phone.')
      const [first = ''] = await readStops()
      const timesBefore = await readTimes()
      await page.request.post('/api/v1/assignments', {
        headers: { 'x-requested-with': 'patrol' },
        data: { id: randomUUID(), unitId, to: { title: '查處', lon: 120.215, lat: 23.005 } },
      })
      await phone.getByRole('alert').filter({ hasText: '新派遣：查處' }).getByRole('button').click()
      await phone.getByRole('button', { name: '受理', exact: true }).click()
      await expect.poll(readTimes, { timeout }).not.toEqual(timesBefore)
      await page.getByRole('button', { name: new RegExp(`${unitName}.*執行中 0／`), pressed: true }).waitFor()
      const anew = await readStops()
      // It has just been signed at: if it is visited again, then not first.
      expect(anew[0]).not.toBe(first)
      await phone.goto('/field/')
      await phone
        .locator('.next')
        .filter({ hasText: anew[0] ?? '' })
        .waitFor()
      await phone.getByRole('button', { name: '路線' }).click()
      const names = phone.getByRole('main').locator('li .name')
      await expect
        .poll(
          async () => (await names.allTextContents()).map((name) => name.replace(/^\s*\d*\s*/, '').trim()),
          {
            timeout,
          },
        )
        .toEqual([...new Set(anew)])
      await shoot(phone, 'phone-replanned')
      await shoot(page, 'planner-replanned')
    },
  )
})

async function openPhone(): Promise<Page> {
  const context = await browser.newContext({
    baseURL: city.origin,
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
    // As in openScreen: the test puts axe into the page.
    bypassCSP: true,
    locale: 'zh-TW',
    timezoneId: 'Asia/Taipei',
    permissions: ['geolocation'],
    geolocation: { longitude: 120.2, latitude: 23, accuracy: 10 },
  })
  const opened = await context.newPage()
  opened.setDefaultTimeout(timeout)
  await opened.goto('/field/')
  return opened
}

/** n of m on the phone's first screen. */
async function readProgress(): Promise<{ done: number; due: number }> {
  const [done = -1, due = -1] = ((await phone?.locator('p.progress').textContent()) ?? '')
    .split('/')
    .map(Number)
  return { done, due }
}

/** When the stops of the route in focus are due. */
const readTimes = async (): Promise<string[]> => page.locator('ol li > span:nth-child(3)').allTextContents()

async function shoot(from: Page, name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS']
  if (folder) await from.screenshot({ path: `${folder}/${name}.png` })
}

/** Names of the stops of the route in focus, in their order. Under each name stands its code. */
const readStops = async (): Promise<string[]> =>
  (await page.locator('ol li .name').allInnerTexts()).map((text) => text.split('\n')[0]?.trim() ?? '')

/** Takes the easternmost stop on the map with the mouse and lets it go in the west. */
async function dragStop(): Promise<void> {
  const box = await page.locator('canvas').first().boundingBox()
  if (box === null) throw new Error('There is no map.')
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  const before = await readStops()
  let east = 0
  for (let step = box.width / 2 - 4; step > 60 && east === 0; step -= 6) {
    await page.mouse.move(x + step, y)
    if ((await page.locator('.ol-grab').count()) > 0) east = step
  }
  expect(east, 'a stop under the mouse').toBeGreaterThan(0)
  await page.mouse.down()
  await page.mouse.move(x, y, { steps: 4 })
  const edited = page.waitForResponse((response) => /planned-routes\/[^/]+\/stops$/.test(response.url()))
  await page.mouse.move(x - east / 2, y, { steps: 4 })
  await page.mouse.up()
  expect((await edited).status()).toBe(200)
  await expect.poll(readStops, { timeout }).not.toEqual(before)
}
