import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inTransaction } from '@patrol/db'
import { makeOfficer, makePrecinct, makeUnit, newUuidV7 } from '@patrol/db/factories'
import { pushNotices } from '../src/alert/push-notices.ts'
import { raiseSos } from '../src/alert/raise-sos.ts'
import { sweepAlerts } from '../src/alert/sweep-alerts.ts'
import { readVapid } from '../src/push/vapid.ts'
import { eventually, startTestCity, type TestCity } from './build-app.ts'

/** A push service of our own: keeps what it is sent, and answers as told. */
let service: Server
let origin: string
let city: TestCity
let status = 201
const received: { url: string; headers: IncomingHttpHeaders; body: Buffer }[] = []

beforeAll(async () => {
  service = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      received.push({ url: request.url ?? '', headers: request.headers, body: Buffer.concat(parts) })
      response.writeHead(status).end()
    })
  })
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
  const address = service.address()
  if (address === null || typeof address === 'string') throw new Error('The push service does not listen.')
  origin = `http://127.0.0.1:${address.port}`
  city = await startTestCity({
    vapid: readVapid(randomBytes(32), 'mailto:test@example.invalid'),
    pushOrigins: [origin],
  })
})
afterAll(async () => {
  await city.stop()
  service.close()
})

/** A browser with its keys, for an officer of its own where none is given. */
async function makeBrowser(name: string, given?: Awaited<ReturnType<typeof makeOfficer>>) {
  const officer = given ?? (await makeOfficer(city.db, await makePrecinct(city.db)))
  const { cookie, sessionId } = await city.logIn(officer.id)
  const curve = createECDH('prime256v1')
  curve.generateKeys()
  const auth = randomBytes(16)
  const subscription = {
    endpoint: `${origin}/${name}`,
    keys: { p256dh: curve.getPublicKey('base64url'), auth: auth.toString('base64url') },
  }
  const subscribe = (changes: object = {}) =>
    city.app.inject({
      method: 'POST',
      url: '/api/v1/push-subscriptions',
      headers: { cookie, 'x-requested-with': 'patrol' },
      payload: { ...subscription, ...changes },
    })
  return { officer, sessionId, cookie, curve, auth, subscription, subscribe }
}

/** What the browser reads of a message, as RFC 8291 says. */
function decrypt(body: Buffer, { curve, auth }: Awaited<ReturnType<typeof makeBrowser>>): string {
  const [salt, sender, sealed] = [body.subarray(0, 16), body.subarray(21, 86), body.subarray(86)]
  expect([body.readUInt32BE(16), body.readUInt8(20)]).toEqual([4_096, 65])
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), curve.getPublicKey(), sender])
  const secret = Buffer.from(hkdfSync('sha256', curve.computeSecret(sender), auth, info, 32))
  const derive = (label: string, size: number) =>
    Buffer.from(hkdfSync('sha256', secret, salt, `Content-Encoding: ${label}\0`, size))
  const decipher = createDecipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12))
  decipher.setAuthTag(sealed.subarray(-16))
  const text = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])
  expect(text.at(-1)).toBe(2)
  return text.subarray(0, -1).toString()
}

const only = (officerId: number) => sql`select ${officerId}::int`

const left = async (officerId: number) =>
  (await city.db.execute(sql`select failures from push_subscription where officer_id = ${officerId}`)).rows

test('a phone is woken with a hint that only it can read, in the name of this server', async () => {
  const browser = await makeBrowser('one')
  expect((await browser.subscribe()).statusCode).toBe(204)
  expect((await browser.subscribe()).statusCode).toBe(204)
  expect(await city.app.sendPush(only(browser.officer.id), 'order')).toEqual({ sent: 1, gone: 0, failed: 0 })
  const { headers, body, url } = received.at(-1) ?? { headers: {}, body: Buffer.alloc(0), url: '' }
  expect(url).toBe('/one')
  expect(headers).toMatchObject({
    'content-encoding': 'aes128gcm',
    ttl: '900',
    urgency: 'high',
    topic: 'order',
  })
  expect(decrypt(body, browser)).toBe('{"kind":"order"}')

  const [, token = '', key] = /^vapid t=(.+), k=(.+)$/.exec(headers.authorization ?? '') ?? []
  const { publicKey } = (
    await city.app.inject({ url: '/api/v1/push', headers: { cookie: browser.cookie } })
  ).json<{ publicKey: string }>()
  expect(key).toBe(publicKey)
  const [head = '', claims = '', signature = ''] = token.split('.')
  const point = Buffer.from(publicKey, 'base64url')
  const verifier = createPublicKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: 'P-256',
      x: point.subarray(1, 33).toString('base64url'),
      y: point.subarray(33).toString('base64url'),
    },
  })
  const signed = verify(
    'sha256',
    Buffer.from(`${head}.${claims}`),
    { key: verifier, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  )
  expect(signed).toBe(true)
  const { aud, exp, sub } = JSON.parse(Buffer.from(claims, 'base64url').toString())
  expect({ aud, sub }).toEqual({ aud: origin, sub: 'mailto:test@example.invalid' })
  expect(exp - Date.now() / 1_000).toBeLessThan(86_400)
})

test('a subscription that is gone is forgotten, one in trouble is tried again, a log-out silences', async () => {
  const browser = await makeBrowser('two')
  await browser.subscribe()
  const send = () => city.app.sendPush(only(browser.officer.id), 'message')
  status = 500
  expect(await send()).toEqual({ sent: 0, gone: 0, failed: 1 })
  expect(await left(browser.officer.id)).toEqual([{ failures: 1 }])
  status = 201
  expect(await send()).toMatchObject({ sent: 1 })
  expect(await left(browser.officer.id)).toEqual([{ failures: 0 }])

  await city.db.execute(sql`update session set revoked_at = now() where id = ${browser.sessionId}`)
  expect(await send()).toEqual({ sent: 0, gone: 0, failed: 0 })
  await city.db.execute(sql`update session set revoked_at = null where id = ${browser.sessionId}`)
  status = 410
  expect(await send()).toEqual({ sent: 0, gone: 1, failed: 0 })
  expect(await left(browser.officer.id)).toEqual([])
  status = 201
})

test('only browsers of push services may subscribe, with keys that are some; and one may stop', async () => {
  const browser = await makeBrowser('three')
  const { keys } = browser.subscription
  for (const wrong of [
    { endpoint: 'http://127.0.0.1:1/x' },
    { endpoint: 'https://internal.example/x' },
    { keys: { ...keys, p256dh: Buffer.alloc(65, 4).toString('base64url') } },
    { keys: { ...keys, auth: 'AAAAAAAAAAAAAAAAAAAAAAAA' } },
  ]) {
    expect((await browser.subscribe(wrong)).json(), JSON.stringify(wrong)).toMatchObject({
      code: 'INVALID_INPUT',
    })
  }
  await browser.subscribe()
  expect(await left(browser.officer.id)).toHaveLength(1)
  const stop = await city.app.inject({
    method: 'DELETE',
    url: '/api/v1/push-subscriptions',
    headers: { cookie: browser.cookie, 'x-requested-with': 'patrol' },
    payload: { endpoint: browser.subscription.endpoint },
  })
  expect(stop.statusCode).toBe(204)
  expect(await left(browser.officer.id)).toEqual([])
})

test('a phone is woken by an order, by losing it, by a message and by the ladder; the hint names nothing', async () => {
  const place = await makePrecinct(city.db)
  const crew = async (name: string) => {
    const officer = await makeOfficer(city.db, place)
    const browser = await makeBrowser(name, officer)
    await browser.subscribe()
    const { unit } = await makeUnit(city.db, place, [officer.id])
    return { ...browser, unit }
  }
  const [one, two] = [await crew('unit-one'), await crew('unit-two')]
  const chief = await makeOfficer(city.db, place, {
    roles: ['duty-officer'],
    organisationId: place.precinctId,
  })
  const desk = await makeBrowser('desk', chief)
  await desk.subscribe()
  const post = async (url: string, payload: object) => {
    const answer = await city.app.inject({
      method: 'POST',
      url: `/api/v1${url}`,
      headers: { cookie: desk.cookie, 'x-requested-with': 'patrol' },
      payload,
    })
    expect(answer.statusCode, answer.body).toBe(200)
  }
  /** Waits for the next hint at each of these browsers, and for none at any other. */
  const woken = async (browsers: (typeof desk)[], kind: string) => {
    await eventually(`${browsers.length} hints`, () =>
      received.length >= browsers.length ? true : undefined,
    )
    const hints = received.splice(0).map(({ url, body }) => {
      const browser = browsers.find(({ subscription }) => subscription.endpoint === `${origin}${url}`)
      return [url, browser && decrypt(body, browser)]
    })
    const expected = browsers.map(({ subscription }) => [
      subscription.endpoint.slice(origin.length),
      `{"kind":"${kind}"}`,
    ])
    expect(hints.sort()).toEqual(expected.sort())
  }
  received.length = 0

  const id = newUuidV7()
  const [lon, lat] = [120.2, 23]
  await post('/assignments', { id, unitId: one.unit.id, to: { title: '巡視公園', lon, lat } })
  await woken([one], 'order')
  await post(`/assignments/${id}/reassign`, { id: newUuidV7(), epoch: 1, unitId: two.unit.id })
  await woken([one, two], 'order')
  await post(`/assignments/${id}/cancel`, { id: newUuidV7(), epoch: 2, reason: '解除' })
  await woken([two], 'order')
  await post('/messages', {
    id: newUuidV7(),
    to: { kind: 'precinct', id: place.precinctId },
    text: '注意',
    urgent: false,
  })
  await woken([one, two], 'message')

  await inTransaction(city.db, (tx) => raiseSos(tx, new Date(), { officerId: one.officer.id, place: null }))
  await sweepAlerts(city.db, { now: new Date(Date.now() + 61_000) })
  await Promise.all([pushNotices(city.db, city.app.sendPush), pushNotices(city.db, city.app.sendPush)])
  await woken([desk], 'sos')
})
