import { sql } from 'drizzle-orm'
import type { Evidence } from '@patrol/contract'
import { makeOfficer } from '@patrol/db/factories'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { eventually, startTestCity, type TestCity } from '../build-app.ts'
import { makeJpeg, segment } from '../make-jpeg.ts'
import { checkInsAt, type FieldWorld, makeAccount, makeFieldWorld } from './field-world.ts'
import { hasChromium } from './launch-chromium.ts'
import { buildFieldClient, logInOnPhone, openPhone, type Phone } from './phone.ts'

if (!hasChromium) console.log('No Chromium here: the journey of a watch is skipped (CHROMIUM_PATH).')

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

/** A phone before the label of a bank that asks for five minutes. */
async function openAtBank(size = { width: 390, height: 844 }) {
  const world = await makeFieldWorld(city)
  const [label] = world.labels
  if (label === undefined) throw new Error('The world has no label.')
  await city.db.execute(sql`update patrol_point set watch_minutes = 5 where id = ${label.point.id}`)
  const phone = await openPhone(city.origin, { qr: `https://patrol.example/c/${label.code}`, size })
  phones.push(phone)
  return { world, label, page: phone.page }
}

async function logInAndScan(page: Page, account: { login: string; password: string }) {
  await page.goto('/field/')
  await logInOnPhone(page, account)
  await page.getByRole('button', { name: '掃描簽到' }).click()
}

async function shoot(page: Page, name: string): Promise<void> {
  const folder = process.env['SHOTS']
  if (folder) await page.screenshot({ path: `${folder}/${name}.png` })
}

/** The watch began six minutes earlier, on the phone and on record, and the officer has been there since. */
async function passSixMinutes(page: Page, world: FieldWorld, checkInId: string) {
  const began = Date.now() - 6 * 60_000
  await city.db.execute(
    sql`update check_in set checked_in_at = ${new Date(began).toISOString()} where id = ${checkInId}`,
  )
  const { cookie } = await city.logIn(world.officers[0].id)
  const breadcrumbs = Array.from({ length: 24 }, (_, nr) => ({
    lon: 120.2001,
    lat: 23,
    recordedAt: new Date(began + nr * 15_000).toISOString(),
    accuracyMeters: 12,
  }))
  await city.app.inject({
    method: 'POST',
    url: '/api/v1/breadcrumbs',
    headers: { cookie, 'x-requested-with': 'patrol' },
    payload: { breadcrumbs },
  })
  await page.evaluate(`new Promise((resolve, reject) => {
    const opening = indexedDB.open('patrol-field')
    opening.onerror = reject
    opening.onsuccess = () => {
      const change = opening.result.transaction('setting', 'readwrite')
      const settings = change.objectStore('setting')
      const reading = settings.get('watch')
      reading.onsuccess = () => settings.put({ ...reading.result, startedAt: ${began} }, 'watch')
      change.oncomplete = resolve
    }
  })`)
}

describe.skipIf(!hasChromium)('a stationary watch', () => {
  test('tap in, countdown over a reload, tap out: 完成; a note and a photo went along', async () => {
    const { world, label, page } = await openAtBank()
    await logInAndScan(page, world.officers[0])
    await page.getByRole('heading', { name: '簽到成功' }).waitFor()

    await page.getByRole('button', { name: '可疑人車' }).click()
    await page.getByText('✓ 已送出').waitFor()
    const exif = segment(0xe1, Buffer.from('Exif\0\0 GPS 22.9999N 120.2269E', 'latin1'))
    const picture = makeJpeg(80, 60, (x, y) => 40 + ((x * 7 + y * 11) % 180), [exif])
    await page.getByLabel('拍照').setInputFiles({ name: 'a.jpg', mimeType: 'image/jpeg', buffer: picture })
    const photos = () =>
      city.db.execute<{ width: number; picture: Buffer }>(sql`
        select f.width, f.picture from check_in_photo f join check_in c on c.id = f.check_in_id
        where c.patrol_point_id = ${label.point.id}`)
    const [stored] = await eventually('the photo', async () => {
      const { rows } = await photos()
      return rows.length > 0 ? rows : undefined
    })
    expect(stored?.width).toBe(640)
    expect(stored?.picture.includes('GPS')).toBe(false)
    await shoot(page, 'field-verdict')

    await page.getByRole('button', { name: '完成' }).click()
    await page.getByRole('heading', { name: '守望中' }).waitFor()
    await page.getByText(/^4:\d\d$/).waitFor()
    await shoot(page, 'field-watch')
    await page.reload()
    await page.getByText(/^4:\d\d$/).waitFor()

    const [tapIn] = await checkInsAt(city.db, label.point.id)
    await passSixMinutes(page, world, tapIn?.id ?? '')
    await page.reload()
    await page.getByRole('heading', { name: '時間到，請簽退' }).waitFor()
    await page.getByRole('button', { name: '掃描簽退' }).click()
    await page.getByText('守望完成').waitFor()
    await shoot(page, 'field-watch-done')
    const { rows } = await city.db.execute(sql`
      select act, watch->>'outcome' as outcome, watch->>'checkInId' as begun from check_in
      where patrol_point_id = ${label.point.id} order by received_at`)
    expect(rows).toEqual([
      { act: 'check-in', outcome: null, begun: null },
      { act: 'check-out', outcome: 'completed', begun: tapIn?.id },
    ])

    const sergeant = await makeOfficer(city.db, world.place, { roles: ['supervisor'] })
    const { cookie } = await city.logIn(sergeant.id)
    const evidence = await city.app.inject({
      method: 'GET',
      url: `/api/v1/check-ins/${tapIn?.id}/evidence`,
      headers: { cookie },
    })
    expect(evidence.json<Evidence>().notes).toMatchObject([{ kind: 'suspicious' }])
  })

  test('offline it begins on the phone’s own list, and who taps out at once is told 未滿時', async () => {
    const { world, page } = await openAtBank({ width: 320, height: 568 })
    await page.goto('/field/')
    await logInOnPhone(page, world.officers[0])
    await page.getByText('0/3').first().waitFor()
    await page.context().setOffline(true)
    await page.getByRole('button', { name: '掃描簽到' }).click()
    await page.getByRole('heading', { name: '離線簽到，待上傳' }).waitFor()
    await page.getByRole('button', { name: '無異狀' }).click()
    await page.getByText('↑ 1 項待上傳').waitFor()
    await shoot(page, 'field-verdict-320')
    await page.getByRole('button', { name: '查看守望' }).click()
    await page.getByRole('heading', { name: '守望中' }).waitFor()
    await shoot(page, 'field-watch-320')
    await page.getByRole('button', { name: '掃描簽退' }).click()
    await page.getByRole('heading', { name: '離線簽到，待上傳' }).waitFor()
    await page.context().setOffline(false)
    await page.getByText('守望未滿時').waitFor()
    const { rows } = await city.db.execute(
      sql`select kind from work_note where officer_id = ${world.officers[0].id}`,
    )
    expect(rows).toEqual([{ kind: 'nothing-unusual' }])
  })
})

describe.skipIf(!hasChromium)('督簽', () => {
  test('a supervisor’s inspection is listed apart and fulfils nothing', async () => {
    const { world, label, page } = await openAtBank()
    const supervisor = await makeAccount(city.db, world.place, { roles: ['supervisor'] })
    await page.goto('/field/#inspect')
    await logInOnPhone(page, supervisor)
    await page.getByRole('button', { name: '開始督簽' }).click()
    await page.getByRole('heading', { name: '簽到成功' }).waitFor()
    const { rows } = await city.db.execute(sql`
      select c.role, c.fulfils, w.state from check_in c join patrol_window w on w.patrol_point_id = c.patrol_point_id
      where c.patrol_point_id = ${label.point.id}`)
    expect(rows).toEqual([{ role: 'supervisor', fulfils: 'no', state: 'open' }])
    const { cookie } = await city.logIn(supervisor.id)
    const listed = await city.app.inject({
      method: 'GET',
      url: '/api/v1/check-ins?role=supervisor',
      headers: { cookie },
    })
    expect(listed.json()).toMatchObject({ checkIns: [{ role: 'supervisor', pointId: label.point.id }] })
  })
})
