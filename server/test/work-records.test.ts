import { createHash, randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Evidence, ReviewPage } from '@patrol/contract'
import { makeOfficer, makePoint, makePrecinct, makeUnit, newUuidV7 } from '@patrol/db/factories'
import { forgetPictures } from '../src/photo/forget-pictures.ts'
import { startTestCity, type TestCity } from './build-app.ts'
import { makeJpeg, segment } from './make-jpeg.ts'

let city: TestCity
beforeAll(async () => {
  city = await startTestCity()
})
afterAll(() => city.stop())

/** An officer with an accepted check-in, and a supervisor of the precinct. */
async function patrol() {
  const place = await makePrecinct(city.db)
  const officer = await makeOfficer(city.db, place)
  await makeUnit(city.db, place, [officer.id])
  const { tag } = await makePoint(city.db, place)
  const supervisor = await makeOfficer(city.db, place, { roles: ['supervisor'] })
  const { cookie } = await city.logIn(officer.id)
  const code = city.codeOf(tag)
  return {
    cookie,
    reviewer: (await city.logIn(supervisor.id)).cookie,
    supervisor,
    async visit() {
      const now = new Date().toISOString()
      const id = newUuidV7()
      await city.app.inject({
        method: 'POST',
        url: '/api/v1/check-ins',
        headers: { cookie, 'x-requested-with': 'patrol' },
        payload: {
          id,
          act: 'check-in',
          role: 'patrol',
          proof: { kind: 'qr', code },
          checkedInAt: now,
          clock: { deviceAt: now, monotonicMs: 0, beacon: null },
          position: { lon: 120.2, lat: 23, accuracyMeters: 8, fixedAt: now },
        },
      })
      return id
    },
  }
}

function send(
  cookie: string,
  checkInId: string,
  jpeg: Buffer,
  { id = randomUUID() as string, type = 'image/jpeg' } = {},
) {
  return city.app.inject({
    method: 'PUT',
    url: `/api/v1/check-in-photos/${id}`,
    query: { checkInId, takenAt: new Date().toISOString() },
    headers: { cookie, 'x-requested-with': 'patrol', 'content-type': type },
    payload: jpeg,
  })
}

const see = (cookie: string, id: string) =>
  city.app.inject({ method: 'GET', url: `/api/v1/check-in-photos/${id}`, headers: { cookie } })

async function evidenceOf(cookie: string, id: string) {
  const response = await city.app.inject({
    method: 'GET',
    url: `/api/v1/check-ins/${id}/evidence`,
    headers: { cookie },
  })
  return response.json<Evidence>()
}

const scene = (seed: number) => (x: number, y: number) =>
  40 + ((x * seed + y * 11 + ((x * y) % 17) * seed) % 180)
const exif = segment(0xe1, Buffer.from('Exif\0\0 GPS 22.9999N 120.2269E', 'latin1'))

test('a photo is stored once, without its place, and shown to a supervisor, which goes on record', async () => {
  const { cookie, reviewer, supervisor, visit } = await patrol()
  const checkInId = await visit()
  const id = randomUUID()
  expect((await send(cookie, checkInId, makeJpeg(40, 30, scene(3), [exif]), { id })).statusCode).toBe(204)
  expect((await send(cookie, checkInId, makeJpeg(40, 30, scene(3), [exif]), { id })).statusCode).toBe(204)

  const clean = makeJpeg(40, 30, scene(3))
  const { photos } = await evidenceOf(reviewer, checkInId)
  expect(photos).toMatchObject([
    {
      id,
      width: 320,
      height: 240,
      kept: true,
      repeats: null,
      sha256: createHash('sha256').update(clean).digest('hex'),
    },
  ])
  expect((await see(cookie, id)).statusCode).toBe(403)
  const shown = await see(reviewer, id)
  expect(shown.headers).toMatchObject({ 'content-type': 'image/jpeg', 'cache-control': 'no-store' })
  expect(shown.rawPayload.equals(clean)).toBe(true)
  const { rows } = await city.db.execute(sql`select officer_id from audit where subject = ${`photo:${id}`}`)
  expect(rows).toEqual([{ officer_id: supervisor.id }])
})

test('what is no JPEG, too large, or of a check-in that nobody knows is refused', async () => {
  const { cookie, visit } = await patrol()
  const checkInId = await visit()
  const jpeg = makeJpeg(40, 30, scene(5))
  expect((await send(cookie, checkInId, Buffer.from('<script>'))).json()).toMatchObject({
    code: 'PHOTO_REFUSED',
  })
  expect((await send(cookie, checkInId, jpeg.subarray(0, 300))).json()).toMatchObject({
    code: 'PHOTO_REFUSED',
  })
  expect((await send(cookie, checkInId, jpeg, { type: 'image/png' })).statusCode).toBe(415)
  expect((await send(cookie, checkInId, Buffer.alloc(3 * 1024 * 1024))).statusCode).toBe(413)
  expect((await send(cookie, newUuidV7(), jpeg)).statusCode).toBe(404)
  const other = await patrol()
  expect((await send(other.cookie, checkInId, jpeg)).statusCode).toBe(404)
  expect((await see(other.reviewer, randomUUID())).statusCode).toBe(404)
})

test('the same photo at another check-in is found, also coded anew, and waits for a reviewer', async () => {
  const { cookie, reviewer, visit } = await patrol()
  const [first, second, third] = [await visit(), await visit(), await visit()]
  await send(cookie, first, makeJpeg(40, 30, scene(7)))
  await send(cookie, first, makeJpeg(40, 30, scene(7)))
  await send(cookie, second, makeJpeg(40, 30, scene(7), [exif]))
  await send(
    cookie,
    third,
    makeJpeg(40, 30, (x, y) => scene(7)(x, y) * 0.9 + 10),
  )
  const repeats = async (id: string) => (await evidenceOf(reviewer, id)).photos.map((one) => one.repeats)
  expect(await repeats(first)).toEqual([null, null])
  expect(await repeats(second)).toMatchObject([{ checkInId: first, exact: true }])
  expect(await repeats(third)).toMatchObject([{ exact: false }])

  const queue = async () =>
    (
      await city.app.inject({ method: 'GET', url: '/api/v1/reviews', headers: { cookie: reviewer } })
    ).json<ReviewPage>().items
  expect(await queue()).toMatchObject([
    { id: third, verdict: 'accepted', photoRepeats: true },
    { id: second, verdict: 'accepted', photoRepeats: true },
  ])
  await city.app.inject({
    method: 'POST',
    url: `/api/v1/check-ins/${second}/review`,
    headers: { cookie: reviewer, 'x-requested-with': 'patrol' },
    payload: { decision: 'rejected', reason: 'not-there' },
  })
  expect((await queue()).map((item) => item.id)).toEqual([third])
})

test('a picture goes when its time is over; its hash stays and still finds a reuse', async () => {
  const { cookie, reviewer, visit } = await patrol()
  const [first, second] = [await visit(), await visit()]
  const id = randomUUID()
  await send(cookie, first, makeJpeg(40, 30, scene(13)), { id })
  await city.db.execute(
    sql`update check_in_photo set received_at = received_at - interval '91 days' where id = ${id}`,
  )
  expect(await forgetPictures(city.db, 90)).toBe(1)
  expect((await see(reviewer, id)).statusCode).toBe(404)
  expect((await evidenceOf(reviewer, first)).photos).toMatchObject([{ id, kept: false }])
  await send(cookie, second, makeJpeg(40, 30, scene(13)))
  expect((await evidenceOf(reviewer, second)).photos).toMatchObject([
    { repeats: { checkInId: first, exact: true } },
  ])
})

test('a note that comes after its check-in is kept once', async () => {
  const { cookie, reviewer, visit } = await patrol()
  const checkInId = await visit()
  const id = randomUUID()
  const note = (of: string) =>
    city.app.inject({
      method: 'PUT',
      url: `/api/v1/work-notes/${id}`,
      headers: { cookie, 'x-requested-with': 'patrol' },
      payload: { checkInId: of, kind: 'suspicious', text: '白色廂型車', notedAt: new Date().toISOString() },
    })
  expect([(await note(checkInId)).statusCode, (await note(checkInId)).statusCode]).toEqual([204, 204])
  expect((await note(newUuidV7())).statusCode).toBe(404)
  expect((await evidenceOf(reviewer, checkInId)).notes).toMatchObject([
    { kind: 'suspicious', text: '白色廂型車' },
  ])
})
