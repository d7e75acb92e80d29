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
import { hasChromium, launchChromium } from './launch-chromium.ts'

if (!hasChromium) console.log('No Chromium here: the journey of the planner is skipped (CHROMIUM_PATH).')

/** Threads of jobs have the lowest priority: on a busy machine they wait. */
const timeout = 60_000

let city: TestCity
let jobsDb: Db
let jobs: { stop(): Promise<void> }
let browser: Browser
let page: Page
let unitName: string

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
    await makePoint(db, place, { position: [120.2 + 0.01 * Math.cos(turn), 23 + 0.01 * Math.sin(turn)] })
  }
  const { unit } = await makeUnit(db, place, [(await makeOfficer(db, place)).id])
  unitName = unit.callSign
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

  test('a must-visit point is planned for, the route assigned, and the card says that it is followed', async () => {
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
    await page.getByRole('button', { name: /^指派給編組/ }).click()
    await page.getByText('執行中', { exact: true }).first().waitFor()
    expect(await audit(page)).toEqual([])
  })
})
