import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startTestCity, type TestCity } from '../build-app.ts'
import { type Account, type FieldWorld, makeAccount, makeFieldWorld } from './field-world.ts'
import { hasChromium } from './launch-chromium.ts'
import { buildFieldClient, logInOnPhone, openPhone, type Phone } from './phone.ts'

let city: TestCity
let phones: Phone[] = []

beforeAll(async () => {
  if (!hasChromium) return
  await buildFieldClient()
  city = await startTestCity()
})
afterAll(() => city?.stop())
afterEach(async () => {
  for (const phone of phones) await phone.close()
  phones = []
})

async function logInOn(account: Account) {
  const phone = await openPhone(city.origin)
  phones.push(phone)
  await phone.page.goto('/field/')
  await logInOnPhone(phone.page, account)
  await phone.page.getByRole('button', { name: '我的' }).click()
  return phone
}

const openDevice = async (page: Page) => {
  await page.goto('/field/#device')
  await page.getByRole('heading', { name: '裝置登錄' }).waitFor()
}

/** Checks in at a label, by its address. */
async function checkIn(page: Page, world: FieldWorld, nr: number) {
  await page.goto(`/c/${world.labels[nr]?.code}`)
  await page.getByText('已定位').waitFor()
  await page.getByRole('button', { name: '簽到', exact: true }).click()
  await page.getByRole('button', { name: '完成' }).click()
}

test.skipIf(!hasChromium)(
  'a phone is enrolled, approved by the supervisor, signs what it sends, and is revoked',
  async () => {
    const world = await makeFieldWorld(city)
    const sergeant = await makeAccount(city.db, world.place, { roles: ['supervisor'] })
    const { page } = await logInOn(world.officers[0])
    await page.getByRole('button', { name: '裝置登錄' }).click()
    await page.getByLabel('裝置名稱').fill('測試手機')
    await page.getByRole('button', { name: '登錄此裝置' }).click()
    await page.getByText('等待核准').first().waitFor()
    // Not even the page itself can take the key away.
    const exportable = await page.evaluate<boolean>(`new Promise((resolve) => {
      const asked = indexedDB.open('patrol-field')
      asked.onsuccess = () => {
        const got = asked.result.transaction('setting').objectStore('setting').get('deviceKey')
        got.onsuccess = () => resolve(got.result.privateKey.extractable)
      }
    })`)
    expect(exportable).toBe(false)

    const desk = await logInOn(sergeant)
    await openDevice(desk.page)
    await desk.page.getByText('測試手機').waitFor()
    await desk.page.getByRole('button', { name: '核准' }).click()
    await desk.page.getByText('沒有等待核准的裝置').waitFor()

    await page.getByRole('button', { name: '重新查詢' }).click()
    await page.getByText('每筆簽到都會簽章').waitFor()
    await checkIn(page, world, 0)
    await page.getByText('全部已上傳').waitFor()
    const { rows } = await city.db.$client.query(
      `select c.device_id, d.approved_by, c.reasons from check_in c left join device d on d.id = c.device_id
       where c.officer_id = $1`,
      [world.officers[0].id],
    )
    expect(rows).toMatchObject([{ approved_by: sergeant.id }])
    expect(JSON.stringify(rows[0]?.reasons)).not.toContain('device')

    await desk.page.getByText('其他裝置').click()
    await desk.page.getByRole('button', { name: '停用' }).click()
    await desk.page.getByRole('button', { name: '確定停用' }).click()
    await openDevice(page)
    await page.getByText('已停用').waitFor()
    await page.getByRole('button', { name: '換新金鑰' }).click()
    await page.getByText('此裝置尚未登錄').waitFor()
  },
)
