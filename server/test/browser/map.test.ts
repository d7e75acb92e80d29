import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { inTransaction, plannedRoute, plannedStop, routePlan, unitPosition } from '@patrol/db'
import { makeOfficer, makePoint, makePrecinct, makeUnit } from '@patrol/db/factories'
import { sql } from 'drizzle-orm'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { raiseAlerts } from '../../src/alert/raise-alert.ts'
import { sweepAlerts } from '../../src/alert/sweep-alerts.ts'
import { buildClients } from '../../src/cli/build-clients.ts'
import { reportIncident } from '../../src/incident/report-incident.ts'
import { eventually, startTestCity, type TestCity } from '../build-app.ts'
import { openScreen, waitForState } from './dashboard.ts'
import { hasChromium, launchChromium } from './launch-chromium.ts'

if (!hasChromium) console.log('No Chromium here: clicks on the map are skipped (CHROMIUM_PATH).')

/** Three patrol points at the very same place: a gate with three boxes. The map of their precinct has it in its middle. */
const gate: [number, number] = [120.31, 23.07]

let city: TestCity
let browser: Browser
/** A console that shows the gate. */
let page: Page
let place: Awaited<ReturnType<typeof makePrecinct>>

beforeAll(async () => {
  if (!hasChromium) return
  await buildClients(fileURLToPath(new URL('../../../', import.meta.url)), console.log)
  city = await startTestCity()
  place = await makePrecinct(city.db, { position: gate })
  for (let nr = 0; nr < 3; nr++) await makePoint(city.db, place, { position: gate })
  browser = await launchChromium()
  page = await openConsole(place)
})
afterAll(async () => {
  await browser?.close()
  await city?.stop()
})

/** The console of a duty officer of one precinct; its map is at once where it is sent to. */
async function openConsole(
  of: typeof place,
  prepare: (opened: Page) => Promise<unknown> | undefined = () => undefined,
): Promise<Page> {
  const { id } = await makeOfficer(city.db, of, { roles: ['duty-officer'], organisationId: of.precinctId })
  const opened = await openScreen(browser, city.origin, (await city.logIn(id)).cookie)
  await opened.emulateMedia({ reducedMotion: 'reduce' })
  await prepare(opened)
  await opened.goto('/console')
  await waitForState(opened, 'a live console', ({ freshness }) => freshness === 'live')
  return opened
}

const shoot = async (name: string, of = page) => {
  if (process.env['SCREENSHOTS']) await of.screenshot({ path: `${process.env['SCREENSHOTS']}/${name}.png` })
}

async function callIn(): Promise<number> {
  const report = { source: '110' as const, externalId: randomUUID(), occurredAt: new Date().toISOString() }
  const [lon, lat] = gate
  return inTransaction(city.db, async (tx) => {
    const { id } = await reportIncident(
      tx,
      { ...report, category: '竊盜', priority: 1, lon, lat, address: '中山路 1 號' },
      new Date(),
    )
    // The test precinct has no area of its own.
    await tx.execute(sql`update incident set precinct_id = ${place.precinctId} where id = ${id}`)
    await tx.execute(
      sql`update outbox set precinct_id = ${place.precinctId} where data->>'id' = ${String(id)}`,
    )
    return id
  })
}

describe.skipIf(!hasChromium)('a click on the map', () => {
  test('opens a cluster, and where points lie on each other a list to choose from', async () => {
    const map = page.getByRole('application')
    const card = page.getByRole('complementary', { name: '所選項目' })
    // From the nearest zoom (19) to one where points are counted together.
    for (let step = 0; step < 8; step++) await page.getByRole('button', { name: '縮小' }).click()
    await shoot('map-cluster')
    // The first click goes nearer, the second finds three that never come apart.
    let clicks = 0
    await eventually('the list', async () => {
      await map.click()
      clicks++
      return card.waitFor({ timeout: 1_500 }).then(
        () => true,
        () => undefined,
      )
    })
    expect(clicks).toBeGreaterThan(1)
    await shoot('map-heap')
    const rows = card.getByRole('listitem')
    expect(await rows.count()).toBe(3)
    const name = await rows.nth(1).innerText()
    await rows.nth(1).getByRole('button').press('Enter')
    await card.getByRole('heading', { name }).waitFor()
    await shoot('map-chosen')
    await page.keyboard.press('Escape')

    for (let step = 0; step < 5; step++) await page.getByRole('button', { name: '放大' }).click()
    await map.click()
    await card.getByRole('heading', { name: '此處有 3 項' }).waitFor()
    await shoot('map-nearest')
    await page.keyboard.press('Escape')
  })

  test('on ◆ opens the incident on the dispatch page', async () => {
    for (let step = 0; step < 3; step++) await page.getByRole('button', { name: '縮小' }).click()
    const id = await callIn()
    await eventually('the dispatch page of the incident', async () => {
      await page.getByRole('application').click()
      return page.waitForURL(`**/console/dispatch?incident=${id}`, { timeout: 1_500 }).then(
        () => true,
        () => undefined,
      )
    })
    await page.getByText('中山路 1 號').first().waitFor()
    await shoot('map-incident')
  })
})

describe.skipIf(!hasChromium)('the map', () => {
  // What a graphics card draws is drawn by the processor here: the page is only told that there is one.
  test.each([
    { card: false, lon: 120.205 },
    { card: true, lon: 120.405 },
  ])(
    'draws × in place where a point is out of service, routes and units, $card graphics card',
    async ({ card, lon }) => {
      const park = await makePrecinct(city.db, { position: [lon, 23.004] })
      const points = []
      // The station's name stands below them.
      for (const n of [-1, 0, 1])
        points.push(
          (await makePoint(city.db, park, { position: [lon + n * 0.005, 23.0046 + n * 0.004] })).point,
        )
      const unitId = await followRoute(
        park,
        points.map(({ id }) => id),
      )
      await city.db.insert(unitPosition).values({
        unitId,
        precinctId: park.precinctId,
        stationId: park.stationId,
        lon: lon - 0.0004,
        lat: 23.005,
        recordedAt: new Date(),
      })
      const faults: string[] = []
      const desk = await openConsole(park, (opened) => {
        opened.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
        opened.on('pageerror', (error) => faults.push(error.message))
        return card ? opened.addInitScript(pretendCard) : undefined
      })
      const box = await desk.getByRole('application').boundingBox()
      if (!box) throw new Error('no map')
      // The middle of the map; the panel of the layers lies beside it.
      const clip = {
        x: box.x + box.width / 2 - 100,
        y: box.y + box.height / 2 - 100,
        width: 200,
        height: 200,
      }
      const look = () => desk.screenshot({ clip })
      const untilChanged = (before: Buffer, what: string) =>
        eventually(what, async () => ((await look()).equals(before) ? undefined : true))
      const calm = await untilCalm(look)

      await desk.keyboard.press('l')
      await desk.getByRole('checkbox', { name: '規劃路線（執勤中）' }).check()
      await untilChanged(calm, 'the route on the map')
      await shoot('map-routes', desk)
      await desk.getByRole('checkbox', { name: '規劃路線（執勤中）' }).uncheck()
      await eventually('the map without', async () => ((await look()).equals(calm) ? true : undefined))

      const units = desk.getByRole('checkbox', { name: '警力', exact: true })
      await units.uncheck()
      await untilChanged(calm, 'the map without units')
      const empty = await look()
      await units.check()
      await untilChanged(empty, 'the map with them')

      const before = await untilCalm(look)
      await putOutOfService(park, points[1]?.id ?? 0)
      await untilChanged(before, '× on the map')
      // A card's buffers are made by a worker: what comes in between is not what stays.
      const grown = (await brightIn(desk, await untilCalm(look))) - (await brightIn(desk, before))
      expect(grown).toBeGreaterThan(12)
      await shoot(`map-out-of-service${card ? '-card' : ''}`, desk)
      expect(faults).toEqual([])
      // Drawn by WebGL where a card is told of, and only there.
      expect((await desk.evaluate<number>('window.__drawn ?? 0')) > 0).toBe(card)
      await desk.context().close()
    },
  )
})

/** Has the page believe that a card draws (`dashboard/src/lib/map/graphics-card.ts`), and counts how often WebGL sets out to. */
const pretendCard = `
  window.__drawn = 0
  for (const gl of [WebGLRenderingContext.prototype, WebGL2RenderingContext.prototype]) {
    const { getParameter, useProgram } = gl
    gl.getParameter = function (name) {
      return name === 37446 || name === gl.RENDERER ? 'A card' : getParameter.call(this, name)
    }
    gl.useProgram = function (program) {
      window.__drawn += 1
      return useProgram.call(this, program)
    }
  }`

/** How many pixels in the middle of a picture of 200 × 200 are as light as a symbol. */
function brightIn(at: Page, picture: Buffer): Promise<number> {
  return at.evaluate(`(async () => {
    const data = Uint8Array.from(atob('${picture.toString('base64')}'), (letter) => letter.charCodeAt(0))
    const image = await createImageBitmap(new Blob([data], { type: 'image/png' }))
    const pen = new OffscreenCanvas(200, 200).getContext('2d')
    pen.drawImage(image, 0, 0)
    const pixels = pen.getImageData(88, 88, 24, 24).data
    let bright = 0
    for (let i = 0; i < pixels.length; i += 4) if (pixels[i] > 110) bright += 1
    return bright
  })()`)
}

/** Tiles and fonts come after the city. @returns what stays as it is */
async function untilCalm(look: () => Promise<Buffer>): Promise<Buffer> {
  let last = await look()
  let alike = 0
  return eventually('a calm map', async () => {
    const next = await look()
    alike = next.equals(last) ? alike + 1 : 0
    last = next
    return alike >= 5 ? last : undefined
  })
}

/** @returns the unit on duty that drives the route */
async function followRoute(of: typeof place, pointIds: readonly number[]): Promise<number> {
  const { id: officerId } = await makeOfficer(city.db, of)
  const { unit } = await makeUnit(city.db, of, [officerId])
  const { precinctId, stationId } = of
  const [plan, route] = [randomUUID(), randomUUID()]
  const shared = { precinctId, stationId, shiftId: unit.shiftId }
  await city.db.insert(routePlan).values({
    ...shared,
    id: plan,
    request: {},
    seed: 1,
    state: 'ready',
    requestedBy: officerId,
    requestedAt: new Date(),
  })
  await city.db.insert(plannedRoute).values({
    ...shared,
    id: route,
    routePlanId: plan,
    unitId: unit.id,
    alternative: 0,
    mode: 'car',
    line: 'variable',
    direction: 'forward',
    startsAt: new Date(Date.now() - 3_600_000),
    endsAt: new Date(Date.now() + 3_600_000),
    travelSeconds: 600,
    meters: 3_000,
    score: 1,
    coverage: 1,
    costRatio: 1,
    state: 'assigned',
  })
  await city.db.insert(plannedStop).values(
    pointIds.map((patrolPointId, nr) => ({
      plannedRouteId: route,
      sequence: nr + 1,
      patrolPointId,
      arrivesAt: new Date(Date.now() + nr * 300_000),
      serviceSeconds: 300,
      score: 1,
      fixed: false,
    })),
  )
  return unit.id
}

/** By the alert about its label, as a duty officer does it. */
async function putOutOfService({ precinctId, stationId, ...of }: typeof place, pointId: number) {
  const { id } = await makeOfficer(
    city.db,
    { precinctId, stationId },
    { roles: ['duty-officer'], organisationId: of.precinct.id },
  )
  const subject = { pointId, place: '公園' }
  await inTransaction(city.db, (tx) =>
    raiseAlerts(tx, new Date(Date.now() - 600_000), [
      { kind: 'failing-label', dedupKey: `label ${pointId}`, priority: 3, precinctId, stationId, subject },
    ]),
  )
  await sweepAlerts(city.db)
  const { rows } = await city.db.execute<{ id: number }>(
    sql`select id from alert where precinct_id = ${precinctId} and kind = 'failing-label'`,
  )
  const { cookie } = await city.logIn(id)
  const answer = await fetch(`${city.origin}/api/v1/alerts/${rows[0]?.id}/out-of-service`, {
    method: 'POST',
    headers: { cookie, 'content-type': 'application/json', 'x-requested-with': 'patrol' },
    body: JSON.stringify({ reason: '標籤待換' }),
  })
  expect(answer.ok, await answer.text()).toBe(true)
}
