import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestCity, type TestCity } from '../build-app.ts'
import { type FieldWorld, makeFieldWorld } from './field-world.ts'
import { hasChromium } from './launch-chromium.ts'
import { buildFieldClient, logInOnPhone, openPhone, waitForServiceWorker } from './phone.ts'

/** With SCREENSHOTS=folder every screen is kept as a picture, to be looked at. */
const folder = process.env['SCREENSHOTS']
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

let city: TestCity
let world: FieldWorld

beforeAll(async () => {
  if (!hasChromium) return
  if (folder !== undefined) mkdirSync(folder, { recursive: true })
  await buildFieldClient()
  city = await startTestCity()
})
afterAll(() => city?.stop())

const looks = [320, 390].flatMap((width) =>
  (['day', 'night'] as const).flatMap((theme) =>
    (['zh', 'en'] as const).map((language) => ({ width, theme, language })),
  ),
)

describe.skipIf(!hasChromium)('every screen', () => {
  test.each(looks)(
    'at $width px by $theme in $language fits, is large enough to hit, and has no serious axe finding',
    async ({ width, theme, language }) => {
      world = await makeFieldWorld(city)
      const phone = await openPhone(city.origin, {
        qr: 'https://shop.example/menu',
        size: { width, height: width === 320 ? 568 : 844 },
        colorScheme: theme === 'night' ? 'dark' : 'light',
      })
      const { page, context } = phone
      const look = (screen: string) => inspect(page, `${width}-${theme}-${language}-${screen}`, language)
      const text = (zh: string, en: string) => (language === 'zh' ? zh : en)
      try {
        await context.addInitScript(
          `localStorage.getItem('language') ?? localStorage.setItem('language', 'zh')`,
        )
        await page.goto('/field/')
        await page.getByRole('button', { name: '登入' }).waitFor()
        if (language === 'en') await page.getByRole('button', { name: 'English' }).click()
        await look('1-login')
        if (language === 'en') await page.getByRole('button', { name: '中文' }).click()
        await logInOnPhone(page, world.officers[0])
        await page.getByText('0/3').waitFor()
        await page.evaluate(`localStorage.setItem('language', '${language}')`)
        await page.reload()
        await page.getByText(text('軌跡記錄中', 'Track is on')).waitFor()
        await page.getByText(/10 m/).waitFor()
        await waitForServiceWorker(page)
        await look('2-ready')

        await page.getByRole('button', { name: text('掃描簽到', 'Scan to check in') }).click()
        await page.getByText(text('這不是巡邏點', 'This is not the QR')).waitFor()
        await look('3-scan')
        await page.getByRole('button', { name: text('輸入代碼', 'Type code') }).click()
        await page.getByRole('textbox').fill('01hj-kmnp')
        await look('4-typed')

        const [first, second] = world.labels
        const submit = page.getByRole('button', { name: text('簽到', 'Check in'), exact: true })
        await page.goto(`/c/${first?.code}`)
        await page.getByText(text('已定位', 'Position known')).waitFor()
        await look('5-confirm')
        await submit.click()
        await page.getByRole('heading', { name: text('簽到成功', 'Checked in'), exact: true }).waitFor()
        await look('6-accepted')
        await page.goto(`/c/${second?.code}`)
        await page.getByText(text('已定位', 'Position known')).waitFor()
        await submit.click()
        await page.getByRole('heading', { name: text('已收，待複核', 'Received, needs review') }).waitFor()
        await look('7-needs-review')
        await page.goto(`/c/${first?.code.replace(/.$/, (last) => (last === '0' ? '1' : '0'))}`)
        await submit.click()
        await page.getByRole('heading', { name: text('無法簽到', 'Not accepted') }).waitFor()
        await look('8-rejected')

        await page.goto('/field/#device')
        await page.getByText(text('此裝置尚未登錄', 'This device is not enrolled')).waitFor()
        await look('13-device')
        await page.goto('/field/#points')
        await page.getByRole('heading', { name: text('巡邏路線', 'Patrol route') }).waitFor()
        await look('9-points')
        await context.setOffline(true)
        await page.goto(`/field/c/${first?.code}`)
        await submit.click()
        await page.getByRole('heading', { name: text('離線簽到，待上傳', 'Checked in offline') }).waitFor()
        await look('10-offline')
        await page.goto('/field/#me')
        await page.getByRole('heading', { name: text('待上傳 1', 'To be uploaded 1') }).waitFor()
        await look('11-me')
        await page.getByRole('button', { name: text('登出', 'Log out'), exact: true }).click()
        await page.getByText(text('還有 1 筆', 'Not uploaded yet: 1')).waitFor()
        await look('12-log-out')
        await page.getByRole('button', { name: text('取消', 'Cancel') }).click()
        await page.goto('/field/')
        await page.getByRole('button', { name: /SOS/ }).focus()
        await page.keyboard.down('Enter')
        await page.getByRole('heading', { name: text('求援尚未送達', 'Not sent yet') }).waitFor()
        await page.keyboard.up('Enter')
        await look('14-sos-unsent')
        await context.setOffline(false)
        await page.getByRole('heading', { name: text('求援已送達', 'Call received') }).waitFor()
        await look('15-sos')
        await page.goto('/field/')
        await look('16-ready-called')
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

/** Looks at one screen as it is. */
async function inspect(page: Page, name: string, language: 'zh' | 'en'): Promise<void> {
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
    const names = [...world.officers.map((one) => one.name), ...world.labels.map((one) => one.point.name)]
    const own = names.reduce((text, data) => text.replaceAll(data, ''), shape.text).replaceAll('中文', '')
    expect({ name, stray: own.match(/[\u3000-\u9fff\uff00-\uffef]+/g) }).toEqual({ name, stray: null })
  }
  // Injected by the protocol, so that the page's own security policy stays as it is.
  await page.evaluate(axe)
  const findings = await page.evaluate<Finding[]>(`axe.run().then((result) => result.violations)`)
  const serious = findings
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => [id, ...nodes.map((node) => `${node.html} ${node.any[0]?.message ?? ''}`)])
  expect({ name, serious }).toEqual({ name, serious: [] })
}
