import { makeSecureTag } from '@patrol/db/factories'
import type { Route } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually, startTestCity, type TestCity } from '../build-app.ts'
import { programChip, tapChip } from '../secure-tag.ts'
import { makeFieldWorld } from './field-world.ts'
import { hasChromium } from './launch-chromium.ts'
import { addNfc, tapTag } from './nfc-shim.ts'
import { buildFieldClient, logInOnPhone, openPhone, waitForServiceWorker } from './phone.ts'

const INTERRUPTIONS = 200
/** Each as often as it stands here: opening a page is the dear part. */
const kinds =
  'reload close second-tab crash offline offline online online lost-answer lost-answer no-answer no-answer'.split(
    ' ',
  )

let city: TestCity
beforeAll(async () => {
  if (!hasChromium) return
  await buildFieldClient()
  city = await startTestCity()
})
afterAll(() => city?.stop())

/** The same rounds in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

test.skipIf(!hasChromium)(
  '200 kills, reloads and broken connections in the middle of the queue lose nothing, double nothing, and nothing is shown as saved that is not',
  async () => {
    const random = seeded(11)
    const world = await makeFieldWorld(city)
    const tag = await makeSecureTag(city.db, world.labels[0]?.point.id ?? 0)
    const chip = programChip(city.env.nfcMasterKey ?? Buffer.alloc(16), tag.uid ?? '', city.codeOf(tag))
    const phone = await openPhone(city.origin, { geolocation: null })
    const { context } = phone
    await addNfc(context)
    let page = phone.page
    await page.goto('/field/')
    await logInOnPhone(page, world.officers[0])
    await page.getByText('0/3').waitFor()
    await waitForServiceWorker(page)

    let answers: 'come' | 'get-lost' | 'fail' = 'come'
    await context.route('**/api/v1/check-ins', async (route: Route) => {
      if (answers === 'fail') return route.fulfill({ status: 503, body: 'down' })
      if (answers === 'come') return route.continue()
      await route.fetch().catch(() => undefined)
      return route.abort()
    })
    const reopen = async () => {
      page = await context.newPage()
      await page.goto('/field/')
    }
    let counter = 0
    /** Ids whose ✓ an officer has seen. */
    const shown = new Set<string>()
    const tap = async () => {
      await page.getByText('靠近標籤即自動簽到').or(page.locator('.symbol')).first().waitFor()
      counter++
      // A reader that is just starting hears nothing: then it was no tap.
      await tapTag(page, `04${counter.toString(16).padStart(12, '0')}`, tapChip(chip, counter))
    }
    const look = async () => {
      const symbol = page.locator('.symbol', { hasText: '✓' })
      await symbol.waitFor()
      const id = /#verdict\/(.+)$/.exec(page.url())?.[1]
      if (id !== undefined) shown.add(id)
    }
    const interrupt = async (kind: string) => {
      if (kind === 'offline' || kind === 'online') return context.setOffline(kind === 'offline')
      if (kind === 'lost-answer') answers = answers === 'get-lost' ? 'come' : 'get-lost'
      if (kind === 'no-answer') answers = answers === 'fail' ? 'come' : 'fail'
      if (kind === 'reload') await page.reload()
      if (kind === 'close') {
        await page.close()
        await reopen()
      }
      if (kind === 'second-tab') {
        const before = page
        await reopen()
        await before.close()
      }
      if (kind === 'crash') {
        const session = await context.newCDPSession(page)
        const crashed = page.waitForEvent('crash')
        // Nobody answers any more.
        void session.send('Page.crash').catch(() => undefined)
        await crashed
        await page.close()
        await reopen()
      }
    }

    for (let nr = 0; nr < INTERRUPTIONS; nr++) {
      await tap()
      // Half of them before the screen could say anything.
      if (random() < 0.5) await look()
      const kind = kinds[Math.floor(random() * kinds.length)] ?? 'reload'
      await interrupt(kind)
    }
    answers = 'come'
    await context.setOffline(false)
    await page.close()
    await reopen()
    await page.getByRole('button', { name: '全部已上傳' }).waitFor({ timeout: 60_000 })

    const stored = await eventually('the record', async () => {
      const { rows } = await city.db.$client.query<{ id: string; read_counter: number | null }>(
        'select id, read_counter from check_in where officer_id = $1',
        [world.officers[0].id],
      )
      return rows
    })
    console.log(
      `${INTERRUPTIONS} interruptions: ${counter} taps, ${shown.size} shown as saved, ${stored.length} on record`,
    )
    const ids = new Set(stored.map(({ id }) => id))
    expect([...shown].filter((id) => !ids.has(id))).toEqual([])
    expect(new Set(stored.map(({ read_counter }) => read_counter)).size).toBe(stored.length)
    expect(stored.length).toBeLessThanOrEqual(counter)
    expect(shown.size).toBeGreaterThan(50)
    await phone.close()
  },
)
