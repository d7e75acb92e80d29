import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CheckInAnswers } from '@patrol/contract'
import { makeOfficer, makePoint, makePrecinct, makeUnit, newUuidV7 } from '@patrol/db/factories'
import { startTestCity, type TestCity } from './build-app.ts'

let city: TestCity
beforeAll(async () => {
  city = await startTestCity()
})
afterAll(() => city.stop())

/** An officer on duty before a point, with a session. */
async function beat() {
  const place = await makePrecinct(city.db)
  const officer = await makeOfficer(city.db, place)
  await makeUnit(city.db, place, [officer.id])
  const { tag } = await makePoint(city.db, place)
  const { cookie } = await city.logIn(officer.id)
  return { officer, cookie, code: city.codeOf(tag) }
}

const now = () => new Date().toISOString()
const fix = (over: object = {}) => ({ lon: 120.2, lat: 23, accuracyMeters: 8, fixedAt: now(), ...over })
const scan = (code: string, over: object = {}) => ({
  id: newUuidV7(),
  act: 'check-in',
  role: 'patrol',
  proof: { kind: 'qr', code },
  checkedInAt: now(),
  clock: { deviceAt: now(), monotonicMs: 1, beacon: null },
  position: fix(),
  ...over,
})

const post = (cookie: string, url: string, payload: string | object) =>
  city.app.inject({
    method: 'POST',
    url,
    headers: { cookie, 'x-requested-with': 'patrol', 'content-type': 'application/json' },
    payload,
  })

test.each<[string, object]>([
  ['NUL in a note', { workNote: { kind: 'other', text: 'a\0b' } }],
  ['half an emoji in a note', { workNote: { kind: 'other', text: 'a\ud83d' } }],
  ['NUL in a code', { proof: { kind: 'qr', code: 'a\0' } }],
  ['an accuracy smaller than any real', { position: fix({ accuracyMeters: 1e-60 }) }],
])('a check-in with %s is kept, and so is the one beside it', async (_, over) => {
  const { cookie, code } = await beat()
  const response = await post(cookie, '/api/v1/check-ins', { checkIns: [scan(code, over), scan(code)] })
  expect(response.json()).toMatchObject({ results: [{ stored: true }, { stored: true }] })
})

test.each<[string, object]>([
  ['of the year 0', { checkedInAt: '0000-01-01T00:00:00Z' }],
  ['of the year 10000', { checkedInAt: '9999-12-31T23:59:59-14:00' }],
  ['in a leap second', { checkedInAt: '2026-06-30T23:59:60Z' }],
  ['of an officer beyond all numbers', { officerId: 1e15 }],
  ['without a known act, and an emoji cut at the limit', { act: 'x', workNote: `a${'😀'.repeat(15_000)}` }],
])('a check-in %s is set apart, and the one beside it is kept', async (_, over) => {
  const { cookie, code, officer } = await beat()
  const bad = scan(code, over)
  const response = await post(cookie, '/api/v1/check-ins', { checkIns: [bad, scan(code)] })
  expect(response.json<CheckInAnswers>().results).toMatchObject([
    { id: bad.id, quarantined: true },
    { stored: true },
  ])
  const kept = await city.db.execute(sql`select raw from quarantine where officer_id = ${officer.id}`)
  expect(kept.rows).toEqual([{ raw: expect.stringContaining(bad.id) }])
})

test('a check-in nested too deeply is set apart, and the one beside it is kept', async () => {
  const { cookie, code } = await beat()
  const clock = { deviceAt: now(), monotonicMs: 1, beacon: null, more: 'DEEP' }
  const payload = JSON.stringify({ checkIns: [scan(code, { clock }), scan(code)] })
  const deep = payload.replace('"DEEP"', '['.repeat(100_000) + ']'.repeat(100_000))
  const response = await post(cookie, '/api/v1/check-ins', deep)
  expect(response.json()).toMatchObject({ results: [{ quarantined: true }, { stored: true }] })
})

test('numbers beyond a real cost neither the breadcrumb nor those of other phones', async () => {
  const phones = await Promise.all(Array.from({ length: 6 }, beat))
  const odd = { accuracyMeters: 1e300, speedMps: 1e-60, headingDegrees: 1e-300 }
  const answers = await Promise.all(
    phones.map(({ cookie }, i) =>
      post(cookie, '/api/v1/breadcrumbs', {
        breadcrumbs: [{ lon: 120.2, lat: 23, recordedAt: now(), ...(i === 3 ? odd : {}) }],
      }),
    ),
  )
  expect(answers.map((answer) => answer.json())).toEqual(
    phones.map(() => expect.objectContaining({ stored: 1 })),
  )
})

test('what the database refuses of one phone is not refused of the others in the same commit', async () => {
  const phones = await Promise.all(Array.from({ length: 6 }, beat))
  await city.db.execute(sql`alter table breadcrumb add constraint no_such_place check (lon <> 121)`)
  const answers = await Promise.all(
    phones.map(({ cookie }, i) =>
      post(cookie, '/api/v1/breadcrumbs', {
        breadcrumbs: [{ lon: i === 3 ? 121 : 120.2, lat: 23, recordedAt: now() }],
      }),
    ),
  )
  await city.db.execute(sql`alter table breadcrumb drop constraint no_such_place`)
  expect(answers.map((answer) => answer.statusCode === 200)).toEqual(phones.map((_, i) => i !== 3))
})
