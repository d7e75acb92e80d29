import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { inTransaction, roleGrant } from '@patrol/db'
import { makeBeat, makeOfficer, newUuidV7 } from '@patrol/db/factories'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { raiseSos } from '../../src/alert/raise-sos.ts'
import { writeContacts } from '../../src/import/import-contacts.ts'
import { startTestCity, type TestCity } from '../build-app.ts'
import { makeFieldWorld } from './field-world.ts'
import { hasChromium } from './launch-chromium.ts'
import { buildFieldClient, logInOnPhone, openPhone, waitForServiceWorker } from './phone.ts'

/** With SCREENSHOTS=folder every screen is kept as a picture, to be looked at. */
const folder = process.env['SCREENSHOTS']
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

let city: TestCity

beforeAll(async () => {
  if (!hasChromium) return
  if (folder !== undefined) mkdirSync(folder, { recursive: true })
  await buildFieldClient()
  city = await startTestCity()
})
afterAll(() => city?.stop())

/** Of both, in one page: the sizes of a small phone and a usual one, by day and by night. */
const sizes = [
  { width: 320, height: 568 },
  { width: 390, height: 844 },
]
const themes = ['day', 'night'] as const

/** An officer with every role that has screens of its own, and something waiting on each of them. */
async function furnish() {
  const made = await makeFieldWorld(city)
  const { db, env } = city
  const { place, unit, labels } = made
  const [officer] = made.officers
  const beat = await makeBeat(db, place)
  await db.insert(roleGrant).values([
    { officerId: officer.id, role: 'beat-officer', organisationId: beat.id },
    { officerId: officer.id, role: 'supervisor', organisationId: place.precinctId },
  ])
  await db.execute(sql`
    update organisation set area = st_multi(st_buffer(position, 0.02)) where id = ${place.precinctId}`)
  await db.execute(sql`update patrol_point set watch_minutes = 5 where id = ${labels[0]?.point.id}`)
  await inTransaction(db, async (tx) => {
    if (env.contactKeys === null) throw new Error('There are no keys.')
    const secret = { registerId: `${beat.id}`, name: '王曉明', address: '測試路 1 號', phone: '', note: '' }
    const contact = { kind: 'recorded' as const, beatId: beat.id, ...place, secret }
    await writeContacts(tx, env.contactKeys, [contact], { batchId: null, synthetic: false })
    const alertId = await raiseSos(tx, new Date(), { officerId: made.officers[1].id, place: null })
    await tx.execute(sql`
      insert into alert_notice (alert_id, officer_id, level, at) values (${alertId}, ${officer.id}, 2, now())`)
  })
  const chief = await makeOfficer(db, place, { roles: ['duty-officer'], organisationId: place.precinctId })
  const { cookie } = await city.logIn(chief.id)
  const post = async (url: string, payload: object) => {
    const headers = { cookie, 'x-requested-with': 'patrol' }
    const { statusCode, body } = await city.app.inject({ method: 'POST', url, headers, payload })
    expect(statusCode, body).toBe(200)
  }
  const to = { title: 'Traffic accident', address: 'Test Road 1', lon: 120.201, lat: 23.001 }
  await post('/api/v1/assignments', { id: newUuidV7(), unitId: unit.id, to })
  const text = 'Please keep an eye on the night market.'
  await post('/api/v1/messages', { id: newUuidV7(), to: { kind: 'unit', id: unit.id }, text, urgent: false })
  return { ...made, names: [chief.name, unit.callSign] }
}

describe.skipIf(!hasChromium)('every screen', () => {
  test.each(['zh', 'en'] as const)(
    'in %s, by day and night, fits two sizes, is large enough to hit, and has no serious axe finding',
    async (language) => {
      const world = await furnish()
      const names = [
        ...world.names,
        ...world.officers.map((one) => one.name),
        ...world.labels.map((one) => one.point.name),
        '王○○',
      ]
      const phone = await openPhone(city.origin, { qr: 'https://shop.example/menu' })
      const { page, context } = phone
      const look = (screen: string) => inspect(page, screen, { language, names })
      const text = (zh: string, en: string) => (language === 'zh' ? zh : en)
      const heading = (zh: string, en: string) =>
        page
          .getByRole('heading', { name: text(zh, en), exact: true })
          .first()
          .waitFor()
      const visit = async (screen: string, zh: string, en: string) => {
        await page.goto(`/field/#${screen}`)
        await heading(zh, en)
        await look(screen)
      }
      try {
        await context.addInitScript(
          `localStorage.getItem('language') ?? localStorage.setItem('language', 'zh')`,
        )
        await page.goto('/field/')
        await page.getByRole('button', { name: '登入' }).waitFor()
        if (language === 'en') await page.getByRole('button', { name: 'English' }).click()
        await look('login')
        if (language === 'en') await page.getByRole('button', { name: '中文' }).click()
        await logInOnPhone(page, world.officers[0])
        await page.getByText('0/3').waitFor()
        await page.evaluate(`localStorage.setItem('language', '${language}')`)
        await page.reload()
        await page.getByText(text('軌跡記錄中', 'Track is on')).waitFor()
        await page.getByText(/10 m/).waitFor()
        await waitForServiceWorker(page)
        await look('ready')

        await visit('orders', '派遣', 'Orders')
        await page.getByRole('button', { name: text('受理', 'Accept') }).click()
        await page.getByRole('button', { name: text('出發', 'En route') }).waitFor()
        await page.goto('/field/#messages')
        await page.getByRole('button', { name: text('知道了', 'Understood') }).waitFor()
        await look('messages')
        await page.getByRole('button', { name: text('知道了', 'Understood') }).click()
        await page.getByRole('button', { name: text('知道了', 'Understood') }).waitFor({ state: 'detached' })
        await page.goto('/field/#visits')
        await page.getByText('王○○').waitFor()
        await look('visits')
        await visit('inspect', '督導簽到', 'Inspection check-in')
        await visit('tags', '標籤建置', 'Set up a tag')
        await visit('device', '裝置登錄', 'This device')
        await visit('points', '巡邏路線', 'Patrol route')

        await page.goto('/field/')
        await page.getByRole('button', { name: text('掃描簽到', 'Scan to check in') }).click()
        await page.getByText(text('這不是巡邏點', 'This is not the QR')).waitFor()
        await look('scan')
        await page.getByRole('button', { name: text('輸入代碼', 'Type code') }).click()
        await page.getByRole('textbox').fill('01hj-kmnp')
        await look('typed')

        const [first, second, third] = world.labels
        const submit = page.getByRole('button', { name: text('簽到', 'Check in'), exact: true })
        const open = async (code = '') => {
          await page.goto(`/c/${code}`)
          await submit.waitFor()
        }
        await open(first?.code)
        await page.getByText(text('已定位', 'Position known')).waitFor()
        await look('confirm')
        await submit.click()
        await heading('簽到成功', 'Checked in')
        await look('accepted')
        await visit('watch', '守望中', 'On watch')
        for (const press of [1, 2]) {
          await page.getByRole('button', { name: text('取消守望', 'Cancel the watch') }).click()
          if (press === 1) await page.getByText(text('確定取消', 'Sure?')).waitFor()
        }
        await open(second?.code)
        await page.getByText(text('已定位', 'Position known')).waitFor()
        await submit.click()
        await heading('已收，待複核', 'Received, needs review')
        await look('needs-review')
        await open(first?.code.replace(/.$/, (last) => (last === '0' ? '1' : '0')))
        await submit.click()
        await heading('無法簽到', 'Not accepted')
        await look('rejected')

        await context.setOffline(true)
        await page.goto(`/field/c/${third?.code}`)
        await submit.click()
        await heading('離線簽到，待上傳', 'Checked in offline, to be uploaded')
        await look('offline')
        await page.goto('/field/#me')
        await heading('待上傳 1', 'To be uploaded 1')
        await look('me')
        await page.getByRole('button', { name: text('登出', 'Log out'), exact: true }).click()
        await page.getByText(text('還有 1 筆', 'Not uploaded yet: 1')).waitFor()
        await look('log-out')
        await page.getByRole('button', { name: text('取消', 'Cancel') }).click()
        await page.goto('/field/')
        await page.getByRole('button', { name: /SOS/ }).focus()
        await page.keyboard.down('Enter')
        await heading('求援尚未送達', 'Not sent yet')
        await page.keyboard.up('Enter')
        await look('sos-unsent')
        await context.setOffline(false)
        await heading('求援已送達', 'Call received')
        await look('sos')
        await page.goto('/field/')
        await look('ready-called')
      } finally {
        await phone.close()
      }
    },
  )
})

interface Finding {
  impact: string
  id: string
  nodes: { html: string; any: { message: string }[] }[]
}

/** Looks at one screen as it is, in every size and theme. */
async function inspect(
  page: Page,
  screen: string,
  { language, names }: { language: 'zh' | 'en'; names: readonly string[] },
): Promise<void> {
  // A verdict closes by itself, unless it is touched.
  await page.locator('body').dispatchEvent('pointerdown')
  for (const theme of themes) {
    // As the app itself does it; what is on the screen stays as it is.
    await page.evaluate(`document.documentElement.dataset.theme = '${theme}'`)
    // Colours fit or not in either size and language, and a theme moves nothing: only a person looks at all of them.
    if (language === 'zh') await runAxe(page, `${theme}-${screen}`)
    if (theme === 'day' || folder !== undefined) {
      for (const size of sizes) {
        await page.setViewportSize(size)
        await measure(page, `${size.width}-${theme}-${language}-${screen}`, { language, names })
      }
    }
  }
  await page.evaluate(`document.documentElement.dataset.theme = 'day'`)
}

async function measure(
  page: Page,
  name: string,
  { language, names }: { language: 'zh' | 'en'; names: readonly string[] },
): Promise<void> {
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`) })
  const shape = await page.evaluate<{ overflow: number; small: string[]; text: string }>(`({
    overflow: document.documentElement.scrollWidth - innerWidth,
    // 「離線」 and the like are labels; a target is what can be hit.
    small: [...document.querySelectorAll('button, input:not([type=checkbox], [type=radio], [type=file]), label:has([type=checkbox], [type=radio], [type=file])')]
      .filter((one) => one.checkVisibility())
      .map((one) => [one.textContent.trim(), one.getBoundingClientRect(), one.classList.contains('primary') ? 96 : 64])
      .filter(([, box, least]) => box.height < least || box.width < 64)
      .map(([text, box]) => text + ' ' + box.width + '×' + box.height),
    text: document.body.innerText,
  })`)
  expect({ name, overflow: shape.overflow, small: shape.small }).toEqual({ name, overflow: 0, small: [] })
  if (language === 'en') {
    const own = names.reduce((text, data) => text.replaceAll(data, ''), shape.text).replaceAll('中文', '')
    expect({ name, stray: own.match(/[\u3000-\u9fff\uff00-\uffef]+/g) }).toEqual({ name, stray: null })
  }
}

async function runAxe(page: Page, name: string): Promise<void> {
  // Injected by the protocol, so that the page's own security policy stays as it is.
  await page.evaluate(axe)
  const findings = await page.evaluate<Finding[]>(`axe.run().then((result) => result.violations)`)
  const serious = findings
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => [id, ...nodes.map((node) => `${node.html} ${node.any[0]?.message ?? ''}`)])
  expect({ name, serious }).toEqual({ name, serious: [] })
}
