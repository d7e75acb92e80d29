import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import qrcode from 'qrcode'
import { makeDevice, makeOfficer } from '@patrol/db/factories'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeRotatingCode } from '../../src/check-in/proof/rotating-code.ts'
import { stepAt } from '../../src/check-in/proof/totp.ts'
import { buildClients } from '../../src/cli/build-clients.ts'
import { startTestCity, type TestCity } from '../build-app.ts'
import { makeDeviceKey } from '../secure-tag.ts'
import { audit, openScreen } from './dashboard.ts'
import { makeFieldWorld } from './field-world.ts'
import { hasChromium, launchChromium } from './launch-chromium.ts'

/** With SCREENSHOTS=folder pictures are kept, to be looked at. */
const folder = process.env['SCREENSHOTS']

let city: TestCity
beforeAll(async () => {
  if (!hasChromium) return
  if (folder !== undefined) mkdirSync(folder, { recursive: true })
  await buildClients(fileURLToPath(new URL('../../../', import.meta.url)), console.log)
  city = await startTestCity()
})
afterAll(() => city?.stop())

/** The QR codes that the display at a point may show about now. */
async function drawCodes(patrolPointId: number) {
  const { rows } = await city.db.execute<{ opaque_id: string }>(sql`
    select opaque_id from tag where patrol_point_id = ${patrolPointId} and kind = 'display'`)
  const key = city.env.tagKeys.get(1)
  if (key === undefined) throw new Error('The test city has a key.')
  const now = stepAt(new Date(), 1)
  return Promise.all(
    [now - 1, now, now + 1].map((step) =>
      qrcode.toString(
        `${city.env.publicOrigin}/c/${writeRotatingCode(BigInt(rows[0]?.opaque_id ?? 0), 1, key, step)}`,
        { type: 'svg', errorCorrectionLevel: 'M' },
      ),
    ),
  )
}

test.skipIf(!hasChromium)(
  'a display is paired for a point on the console, shows the code of now, and is ended in the list of devices',
  async () => {
    const world = await makeFieldWorld(city)
    const [label] = world.labels
    if (label === undefined) throw new Error('The world has no label.')
    const chief = await makeOfficer(city.db, world.place, {
      roles: ['duty-officer'],
      organisationId: world.place.precinctId,
    })
    await makeDevice(city.db, world.officers[0].id, makeDeviceKey().publicKey, { approvedAt: null })
    const browser = await launchChromium()
    const look = async (page: Awaited<ReturnType<typeof openScreen>>, name: string) => {
      if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`) })
    }
    try {
      const display = await openScreen(browser, city.origin)
      await display.goto('/code')
      await display.getByText('等待核准').waitFor()
      const code = await display.getByLabel('配對代碼').innerText()

      const desk = await openScreen(browser, city.origin, (await city.logIn(chief.id)).cookie)
      await desk.setViewportSize({ width: 1366, height: 768 })
      await desk.goto('/console/devices')
      await desk.getByRole('button', { name: '配對螢幕' }).click()
      await desk.getByLabel('螢幕上的代碼').fill(code)
      await desk.getByLabel('螢幕名稱').fill('里辦公處螢幕')
      await desk.getByLabel('用途').selectOption({ label: '巡邏點螢幕' })
      const writeIn = desk.getByRole('combobox', { name: '地點' })
      await writeIn.fill(`${label.point.code} ${label.point.name}`)
      await look(desk, 'pair-point-display')
      await desk.getByRole('dialog').getByRole('button', { name: '核准' }).click()
      await desk.getByText('已核准「里辦公處螢幕」').waitFor()
      await desk.getByRole('button', { name: '取消' }).click()

      const picture = display.getByRole('img', { name: '目前的 QR Code' })
      await picture.waitFor()
      const shown = decodeURIComponent((await picture.getAttribute('src'))?.split(',').slice(1).join() ?? '')
      expect(await drawCodes(label.point.id)).toContain(shown)
      // Nothing on it says where it is.
      expect(await display.locator('body').innerText()).not.toContain(label.point.name)
      expect(await audit(display)).toEqual([])
      await look(display, 'point-display')

      await desk.reload()
      await desk.getByRole('button', { name: '核准' }).click()
      await desk.getByText('使用中的手機 1').waitFor()
      const row = desk.getByRole('row', { name: /里辦公處螢幕/ })
      await row.getByText(label.point.name).waitFor()
      expect(await audit(desk)).toEqual([])
      await look(desk, 'devices')
      await row.getByRole('button', { name: '停用' }).click()
      await row.getByRole('button', { name: '確定停用' }).click()
      await desk.getByText('尚無已配對的螢幕').waitFor()
      await display.reload()
      await display.getByText(/未配對到巡邏點|等待核准/).waitFor()
    } finally {
      await browser.close()
    }
  },
)
