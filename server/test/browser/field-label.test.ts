import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestCity, type TestCity } from '../build-app.ts'
import { checkInsAt, type FieldWorld, makeFieldWorld } from './field-world.ts'
import { buildFieldClient, logInOnPhone, openPhone, type Phone } from './phone.ts'
import { hasChromium } from './launch-chromium.ts'

let city: TestCity
let world: FieldWorld
let phone: Phone
let path: string

beforeAll(async () => {
  if (!hasChromium) return
  await buildFieldClient()
  city = await startTestCity()
})
afterAll(() => city?.stop())
beforeEach(async () => {
  if (!hasChromium) return
  world = await makeFieldWorld(city)
  phone = await openPhone(city.origin)
  path = `/c/${world.labels[0]?.code}`
})
afterEach(() => phone?.close())

const onRecord = () => checkInsAt(city.db, world.labels[0]?.point.id ?? 0)

describe.skipIf(!hasChromium)('a label opened as a link', () => {
  test('tells a stranger nothing and stores nothing', async () => {
    const { page, context } = phone
    const answer = await page.goto(path)
    expect(answer?.status()).toBe(200)
    expect(answer?.headers()['x-robots-tag']).toContain('noindex')
    await page.getByRole('heading', { name: '公務標籤' }).waitFor()
    expect(await page.content()).not.toContain(world.labels[0]?.point.name)
    // As it is sent: only the page's own script puts its address into the link to the log-in.
    const text = await answer?.text()
    expect(await context.cookies()).toEqual([])

    const unknown = await page.goto(path.replace(/.$/, (last) => (last === '0' ? '1' : '0')))
    expect(await unknown?.text()).toBe(text)
    // The app's own page of the code, opened by hand, asks for a log-in and says no more.
    await page.goto(`/field${path}`)
    await page.getByRole('button', { name: '登入' }).waitFor()
    expect(await page.content()).not.toContain(world.labels[0]?.point.name)
    expect(await onRecord()).toEqual([])
  })

  test('asks an officer for one tap; reload and Back make no second check-in', async () => {
    const { page } = phone
    await page.goto('/field/')
    await logInOnPhone(page, world.officers[0])
    await page.getByText('0/3').waitFor()

    await page.goto(path)
    await page.getByText('已定位').waitFor()
    await page.reload()
    await page.getByText('已定位').waitFor()
    expect(await onRecord()).toEqual([])
    await page.getByRole('button', { name: '簽到', exact: true }).click()
    await page.getByRole('heading', { name: '簽到成功' }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: '簽到成功' }).waitFor()
    await page.goBack()
    await page.goForward()
    await page.getByText('1/3').or(page.getByText('已簽 1／應簽 3')).first().waitFor()
    expect(await onRecord()).toMatchObject([{ verdict: 'accepted', officer_id: world.officers[0].id }])
  })

  test('a page killed after the tap was saved shows the same check-in when it opens again', async () => {
    const { page } = phone
    await page.goto('/field/')
    await logInOnPhone(page, world.officers[0])
    await page.getByText('0/3').waitFor()
    await page.goto(path)
    await page.getByText('已定位').waitFor()
    // Killed before the address changed: the entry of the history still has the id, as after a crash of the browser.
    await page.evaluate('history.replaceState = () => {}')
    await page.getByRole('button', { name: '簽到', exact: true }).click()
    await page.getByRole('heading', { name: '簽到成功' }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: '簽到成功' }).waitFor()
    expect(await onRecord()).toHaveLength(1)
  })
})
