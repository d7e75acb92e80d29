import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import { inTransaction } from '@patrol/db'
import { makeOfficer, makePoint, makePrecinct, makeUnit } from '@patrol/db/factories'
import type { FeatureCollection } from 'geojson'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { raiseAlerts } from '../../src/alert/raise-alert.ts'
import { buildClients } from '../../src/cli/build-clients.ts'
import { eventually, startTestCity, type TestCity } from '../build-app.ts'
import { audit, openScreen } from './dashboard.ts'
import { hasChromium, launchChromium } from './launch-chromium.ts'

if (!hasChromium) console.log('No Chromium here: the playback is skipped (CHROMIUM_PATH).')

let city: TestCity
let browser: Browser
let page: Page
let world: Awaited<ReturnType<typeof furnish>>

beforeAll(async () => {
  if (!hasChromium) return
  await buildClients(fileURLToPath(new URL('../../../', import.meta.url)), console.log)
  city = await startTestCity()
  world = await furnish()
  browser = await launchChromium()
  page = await openScreen(browser, city.origin, world.cookie)
})
afterAll(async () => {
  await browser?.close()
  await city?.stop()
})

const ago = (seconds: number) => new Date(Date.now() - seconds * 1_000)

/** A unit that drove north for half an hour, unheard of for five minutes of it, and an alert twenty minutes ago. */
async function furnish() {
  const { db } = city
  const place = await makePrecinct(db)
  const officer = await makeOfficer(db, place)
  const { unit } = await makeUnit(db, place, [officer.id])
  await makePoint(db, place)
  const start = ago(1_800).toISOString()
  for (const day of [start, ago(0).toISOString()])
    await db.execute(sql`select ensure_breadcrumb_partition(${day.slice(0, 10)}::date)`)
  await db.execute(sql`
    insert into breadcrumb (officer_id, recorded_at, unit_id, received_at, lon, lat)
    select ${officer.id}, ${start}::timestamptz + s * interval '1 second', ${unit.id}, now(), 120.2, 23 + s * 0.00002
    from generate_series(0, 1795, 5) s where s not between 900 and 1200`)
  await inTransaction(db, (tx) =>
    raiseAlerts(tx, ago(1_200), [
      {
        kind: 'impossible-travel',
        dedupKey: 'playback',
        priority: 2,
        precinctId: place.precinctId,
        stationId: place.stationId,
        subject: { callSign: unit.callSign },
      },
    ]),
  )
  await eventually('the events to be numbered', async () => {
    const { rows } = await db.execute(sql`select 1 from outbox`)
    return rows.length === 0 ? true : undefined
  })
  const duty = await makeOfficer(db, place, { roles: ['duty-officer'], organisationId: place.precinctId })
  return { unit, place, duty, cookie: (await city.logIn(duty.id)).cookie }
}

const clockOf = () => page.locator('output').innerText()

describe.skipIf(!hasChromium)('the playback', () => {
  test('shows another time in a frame that says so, plays on, and Escape leads back to the present', async () => {
    await page.goto(`/console/playback?at=${ago(1_500).toISOString()}`)
    await page.getByText(/^回放 民國/).waitFor()
    await page.getByText('當時沒有警示').waitFor()
    const before = await clockOf()
    await page.getByRole('button', { name: '60×' }).click()
    await page.getByRole('button', { name: '播放（空白鍵）' }).click()
    // Five minutes of the city later the alert is raised: it comes by itself.
    await page.getByRole('heading', { name: '當時警示（1）' }).waitFor()
    expect((await clockOf()) > before || before.startsWith('23')).toBe(true)
    expect(await audit(page)).toEqual([])
    await page.locator('body').press('Escape')
    await page.waitForURL(/\/console$/)
  })

  test('following one unit is put on record before it is shown', async () => {
    await page.goto(`/console/playback?at=${ago(900).toISOString()}`)
    const choice = page.getByLabel('跟隨單位')
    await choice.selectOption({ label: world.unit.callSign })
    await page.getByRole('link', { name: '軌跡 GPX' }).waitFor()
    // Its silence of five minutes is hatched on the time line, and told in words.
    const gaps = page.getByRole('region', { name: /^定位中斷 \d 段/ })
    await gaps.getByRole('button', { name: /–.*（5 分）$/ }).waitFor()
    expect(await page.locator('rect[fill="url(#gap-hatch)"]').count()).toBe(
      await gaps.getByRole('button').count(),
    )
    if (process.env['SCREENSHOTS'])
      await page.screenshot({ path: `${process.env['SCREENSHOTS']}/playback-gaps.png` })
    const { rows } = await city.db.execute(sql`
      select subject from audit where action = 'track:viewed' and officer_id = ${world.duty.id}`)
    expect(rows).toEqual([{ subject: `unit:${world.unit.id}` }])
  })

  test('what is taken away holds what was there: the scene, the way in two pieces, and a picture', async () => {
    // A minute ago: the unit's silence lies behind it.
    await page.goto(`/console/playback?at=${ago(60).toISOString()}`)
    await page.getByLabel('跟隨單位').selectOption({ label: world.unit.callSign })
    const take = async (control: Locator) => {
      const [file] = await Promise.all([page.waitForEvent('download'), control.click()])
      return readFile(await file.path())
    }
    const gpx = (await take(page.getByRole('link', { name: '軌跡 GPX' }))).toString()
    expect(gpx).toContain(`<name>${world.unit.callSign}</name>`)
    expect(gpx.match(/<trkseg>/g)).toHaveLength(2)
    const scene = (await take(page.getByRole('link', { name: '此刻 GeoJSON' }))).toString()
    const { features } = JSON.parse(scene) as FeatureCollection
    expect(features.map(({ properties }) => properties?.['kind'] as string)).toContain('unit')
    const image = await take(page.getByRole('button', { name: '此刻影像' }))
    expect(image.subarray(1, 4).toString()).toBe('PNG')
    // Width and height stand in the first chunk: as large as the map is drawn.
    const box = await page.getByRole('application').boundingBox()
    expect(image.readUInt32BE(16)).toBe(Math.round(box?.width ?? 0))
    expect(image.readUInt32BE(20)).toBe(Math.round(box?.height ?? 0))
    if (process.env['SCREENSHOTS']) {
      await writeFile(`${process.env['SCREENSHOTS']}/playback-export.png`, image)
      await page.screenshot({ path: `${process.env['SCREENSHOTS']}/playback.png` })
    }
    const { rows } = await city.db.execute(sql`
      select count(*)::int as n from audit where action = 'playback:exported' and officer_id = ${world.duty.id}`)
    expect(rows).toEqual([{ n: 2 }])
  })

  test('an urgent alert of the present breaks through', async () => {
    await inTransaction(city.db, (tx) =>
      raiseAlerts(tx, new Date(), [
        {
          kind: 'sos',
          dedupKey: 'now',
          priority: 1,
          precinctId: world.place.precinctId,
          stationId: world.place.stationId,
          subject: { callSign: world.unit.callSign },
        },
      ]),
    )
    await page.getByRole('button', { name: /即時緊急警示/ }).waitFor()
  })
})
