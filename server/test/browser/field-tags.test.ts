import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TagKeys } from '@patrol/contract'
import { codeOfUrl } from '../../src/check-in/proof/sun-url.ts'
import { startTestCity, type TestCity } from '../build-app.ts'
import { tapChip } from '../secure-tag.ts'
import { checkInsAt, makeAccount, makeFieldWorld } from './field-world.ts'
import { hasChromium } from './launch-chromium.ts'
import { addNfc, tapTag } from './nfc-shim.ts'
import { buildFieldClient, logInOnPhone, openPhone } from './phone.ts'

let city: TestCity
beforeAll(async () => {
  if (!hasChromium) return
  await buildFieldClient()
  city = await startTestCity()
})
afterAll(() => city?.stop())

test.skipIf(!hasChromium)(
  'a supervisor binds a chip to a point by holding it to the phone, gets the program sheet without keys, and activates it by a tap',
  async () => {
    const world = await makeFieldWorld(city)
    const { point } = world.labels[1] ?? world.labels[0] ?? { point: { id: 0, name: '' } }
    const sergeant = await makeAccount(city.db, world.place, { roles: ['supervisor'] })
    const boss = await makeAccount(city.db, world.place, { roles: ['administrator'] })
    const phone = await openPhone(city.origin)
    try {
      const { page, context } = phone
      await addNfc(context)
      await page.goto('/field/')
      await logInOnPhone(page, sergeant)
      await page.getByRole('button', { name: '我的' }).click()
      await page.getByRole('button', { name: '標籤建置' }).click()
      await page.getByLabel('名稱、編號或地址').fill(point.name)
      await page.getByRole('button', { name: point.name }).click()
      await page.getByText('請將標籤靠近手機').waitFor()
      const uid = '04A1B2C3D4E5F6'
      await tapTag(page, uid, null)
      await page.getByRole('region', { name: '寫入設定' }).waitFor()
      const text = await page.locator('body').innerText()
      expect(text).toContain('4000E0C1FF12')

      // The writer's program, with an administrator's log-in.
      const { rows } = await city.db.$client.query<{ id: number }>('select id from tag where uid = $1', [uid])
      const { cookie } = await city.logIn(boss.id)
      const told = await city.app.inject({
        method: 'POST',
        url: `/api/v1/tags/${rows[0]?.id}/keys`,
        headers: { cookie, 'x-requested-with': 'patrol' },
      })
      const [, metaRead = '', fileRead = ''] = told.json<TagKeys>().keys.map(({ key }) => key)
      for (const key of [metaRead, fileRead]) expect(text).not.toContain(key)
      const url = /https?:\/\/\S+\/c\/\S+/.exec(text)?.[0] ?? ''
      const chip = {
        uid,
        code: codeOfUrl(url) ?? '',
        metaReadKey: Buffer.from(metaRead, 'hex'),
        fileReadKey: Buffer.from(fileRead, 'hex'),
      }
      const zero = Buffer.alloc(16)
      // Not yet programmed; then programmed. Each tap looks like another chip, or it would be one that stays at the phone.
      await tapTag(page, '04000000000001', tapChip({ ...chip, metaReadKey: zero, fileReadKey: zero }, 1))
      await page.getByText('標籤仍是出廠金鑰').waitFor()
      await tapTag(page, uid, tapChip(chip, 2))
      await page.getByText('標籤已啟用').waitFor()
      expect(await checkInsAt(city.db, point.id)).toEqual([])

      await page.goto('/field/')
      await page.getByText('靠近標籤即自動簽到').waitFor()
      await tapTag(page, uid, tapChip(chip, 3))
      await page.getByRole('button', { name: '完成' }).waitFor()
      await page.getByText('全部已上傳').waitFor()
      expect(await checkInsAt(city.db, point.id)).toMatchObject([{ proof_kind: 'sun' }])
    } finally {
      await phone.close()
    }
  },
)
