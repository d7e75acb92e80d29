import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { roleGrant } from '@patrol/db'
import { makeBeat, makeIncident, makeNotice } from '@patrol/db/factories'
import { inTransaction } from '@patrol/db'
import { writeContacts } from '../../src/import/import-contacts.ts'
import { eventually, startTestCity, type TestCity } from '../build-app.ts'
import { makeFieldWorld } from './field-world.ts'
import { hasChromium } from './launch-chromium.ts'
import { buildFieldClient, logInOnPhone, openPhone, waitForServiceWorker } from './phone.ts'

/** With SCREENSHOTS=folder pictures are kept, to be looked at. */
const folder = process.env['SCREENSHOTS']

let city: TestCity
beforeAll(async () => {
  if (!hasChromium) return
  if (folder !== undefined) mkdirSync(folder, { recursive: true })
  await buildFieldClient()
  city = await startTestCity()
})
afterAll(() => city?.stop())

/** A beat of the first officer with two contacts, and something to know nearby. */
async function furnish() {
  const world = await makeFieldWorld(city)
  const [officer] = world.officers
  const { db, env } = city
  const beat = await makeBeat(db, world.place)
  await db.insert(roleGrant).values({ officerId: officer.id, role: 'beat-officer', organisationId: beat.id })
  await db.execute(sql`
    update organisation set area = st_multi(st_buffer(position, 0.02)) where id = ${world.place.precinctId}`)
  await makeIncident(db, world.place.precinctId, [120.2005, 23])
  await makeNotice(db, officer.id, { title: '注意詐騙車手', body: '多在下午出現', priority: 1 })
  const { precinctId, stationId } = world.place
  await inTransaction(db, async (tx) => {
    if (env.contactKeys === null) throw new Error('There are no keys.')
    const items = ['王曉明', '林大山'].map((name, i) => ({
      kind: 'recorded' as const,
      beatId: beat.id,
      precinctId,
      stationId,
      secret: { registerId: `${beat.id}-${i}`, name, address: `測試路 ${i + 1} 號`, phone: '', note: '' },
    }))
    await writeContacts(tx, env.contactKeys, items, { batchId: null, synthetic: false })
  })
  return { ...world, officer }
}

describe.skipIf(!hasChromium)('journey 16, a beat visit', () => {
  test('surroundings first; masked; opened on record; the outcome waits offline and arrives', async () => {
    const { officer } = await furnish()
    const phone = await openPhone(city.origin)
    const { page, context } = phone
    const look = async (name: string) => {
      if (folder !== undefined) await page.screenshot({ path: join(folder, `visit-${name}.png`) })
    }
    try {
      await page.goto('/field/')
      await logInOnPhone(page, officer)
      await page.getByText('軌跡記錄中').waitFor()
      await waitForServiceWorker(page)
      await page.getByRole('button', { name: '訪查' }).click()
      await page.getByText('注意詐騙車手').waitFor()
      await page.getByText('王○○').waitFor()
      expect(await page.textContent('body')).not.toMatch(/王曉明|測試路/)
      await look('1-list')

      await page.getByRole('button', { name: '有用' }).click()
      await page.getByText('已回報：有用').waitFor()

      const row = page.getByRole('listitem').filter({ hasText: '王○○' })
      await row.getByRole('button', { name: '開啟資料' }).click()
      await look('2-purpose')
      await page.getByRole('button', { name: '本次訪查' }).click()
      await page.getByText('王曉明').waitFor()
      await page.getByText('測試路 1 號').waitFor()
      await look('3-details')
      const { rows } = await city.db.execute(sql`
        select details from audit where officer_id = ${officer.id} and action = 'contact:opened'`)
      expect(rows).toEqual([{ details: { purpose: 'visit' } }])
      await page.getByRole('button', { name: '立即隱藏' }).click()

      await row.getByRole('button', { name: '開始訪查' }).click()
      await page.getByText('訪查中：王○○').waitFor()
      await eventually('the start on record', async () => {
        const started = await city.db.execute(sql`select 1 from visit where officer_id = ${officer.id}`)
        return started.rows.length === 1 ? true : undefined
      })
      await context.setOffline(true)
      await page.getByRole('button', { name: '結束訪查' }).click()
      await look('4-outcome')
      await page.getByRole('button', { name: '訪查完成' }).click()
      await row.getByText('已記錄：訪查完成').waitFor()
      await row.getByText('待上傳').waitFor()
      await page.reload()
      await page.getByText('王○○').waitFor()
      await page.getByText('離線名單').waitFor()
      expect(await page.getByRole('button', { name: '開啟（需連線）' }).first().isDisabled()).toBe(true)
      await look('5-offline')
      // Nothing of the person is left on the phone.
      const kept = await page.evaluate<string>(dumpStorage)
      expect(kept).toContain('王○○')
      expect(kept).not.toMatch(/王曉明|測試路/)

      await context.setOffline(false)
      await eventually(
        'the outcome on record',
        async () => {
          const { rows: visits } = await city.db.execute(sql`
            select outcome from visit where officer_id = ${officer.id} and outcome is not null`)
          return visits[0]
        },
        30_000,
      )
    } finally {
      await phone.close()
    }
  })
})

/** Everything in the phone's databases and caches, as text. */
const dumpStorage = `(async () => {
  const found = []
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((resolve) => {
      const request = indexedDB.open(name)
      request.onsuccess = () => resolve(request.result)
    })
    for (const store of database.objectStoreNames) {
      found.push(await new Promise((resolve) => {
        const request = database.transaction(store).objectStore(store).getAll()
        request.onsuccess = () => resolve(JSON.stringify(request.result))
      }))
    }
    database.close()
  }
  for (const name of await caches.keys()) {
    for (const request of await (await caches.open(name)).keys()) found.push(request.url)
  }
  return found.join() + JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage })
})()`
