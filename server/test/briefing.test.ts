import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CheckInReceipt, FeedbackEntry, ItemAnswer, Notice, Surroundings } from '@patrol/contract'
import { campaign, patrolPoint } from '@patrol/db'
import {
  makeDepartment,
  makeIncident,
  makeNotice,
  makeOfficer,
  makePoint,
  makePrecinct,
  makeUnit,
  newUuidV7,
} from '@patrol/db/factories'
import { eq } from 'drizzle-orm'
import { eventually, startTestCity, type TestCity } from './build-app.ts'

let city: TestCity
beforeAll(async () => {
  city = await startTestCity()
})
afterAll(() => city.stop())

let places = 0
/** A precinct of its own, 5 km from the others, with an officer on duty and a point. */
async function furnish() {
  const position: [number, number] = [120 + ++places * 0.05, 23]
  const place = await makePrecinct(city.db, { position })
  await city.db.execute(
    sql`update organisation set area = st_multi(st_buffer(position, 0.02)) where id = ${place.precinctId}`,
  )
  const { point, tag } = await makePoint(city.db, place, { position })
  const officer = await makeOfficer(city.db, place)
  const { unit } = await makeUnit(city.db, place, [officer.id])
  const { cookie } = await city.logIn(officer.id)
  return { place, position, point, code: city.codeOf(tag), officer, unit, cookie }
}

const north = ([lon, lat]: [number, number], meters: number): [number, number] => [
  lon,
  lat + meters / 111_195,
]

function post(cookie: string, url: string, payload: object) {
  return city.app.inject({ method: 'POST', url, headers: { cookie, 'x-requested-with': 'patrol' }, payload })
}

const scanOf = (code: string, { id = newUuidV7(), at = new Date() } = {}) => ({
  id,
  act: 'check-in',
  role: 'patrol',
  proof: { kind: 'qr', code },
  checkedInAt: at.toISOString(),
  clock: { deviceAt: at.toISOString(), monotonicMs: 0, beacon: null },
  position: null,
})

async function checkIn(
  cookie: string,
  code: string,
  how: { id?: string; at?: Date } = {},
): Promise<CheckInReceipt> {
  const response = await post(cookie, '/api/v1/check-ins', { checkIns: [scanOf(code, how)] })
  expect(response.statusCode).toBe(200)
  return response.json<{ results: [CheckInReceipt] }>().results[0]
}

const receiptsOf = (occasionId: string) =>
  eventually('the receipts', async () => {
    const { rows } = await city.db.execute<{
      kind: string
      ref_id: string
      officer_id: number
      rank: number
    }>(sql`
      select kind, ref_id, officer_id, rank from briefing_receipt where occasion_id = ${occasionId} order by rank`)
    return rows.length === 0 ? undefined : rows
  })

test('a check-in is answered with what matters here, and what was shown is on record', async () => {
  const { place, position, point, code, officer, cookie } = await furnish()
  const theft = await makeIncident(city.db, place.precinctId, north(position, 120))
  await makeIncident(city.db, place.precinctId, north(position, 400))
  const notice = await makeNotice(city.db, officer.id, {
    ...place,
    patrolPointId: point.id,
    title: '注意側門',
    body: '夜間',
  })
  await makeNotice(city.db, officer.id, { ...place, patrolPointId: point.id, endedAt: new Date() })

  const receipt = await checkIn(cookie, code)
  expect(receipt.cards).toMatchObject([
    { kind: 'notice', refId: notice.id, title: '注意側門', body: '夜間', reach: 'point' },
    { kind: 'incident', refId: theft.id, distanceMeters: 120, bearingDegrees: 0, similarCount: 1 },
  ])
  expect(JSON.stringify(receipt.cards)).not.toContain('address')
  expect(await receiptsOf(receipt.id)).toMatchObject([
    { kind: 'notice', ref_id: String(notice.id), officer_id: officer.id, rank: 1 },
    { kind: 'incident', ref_id: String(theft.id), rank: 2 },
  ])

  const again = await checkIn(cookie, code, { id: receipt.id })
  expect(again).toMatchObject({ repeated: true, cards: receipt.cards })
})

test('a forged label, a late upload and a point of another precinct tell nothing of the place', async () => {
  const { place, position, point, officer, code, cookie } = await furnish()
  const stranger = await furnish()
  await makeIncident(city.db, place.precinctId, position)
  await makeNotice(city.db, officer.id, { ...place, patrolPointId: point.id })
  const forged = code.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
  expect(await checkIn(cookie, forged)).toMatchObject({ verdict: 'rejected' })
  expect((await checkIn(cookie, forged)).cards).toBeUndefined()

  const cityWide = await makeNotice(city.db, officer.id, { priority: 1 })
  const away = await checkIn(stranger.cookie, code)
  expect(away.cards).toMatchObject([{ kind: 'notice', refId: cityWide.id, reach: 'city' }])
  await city.db.execute(sql`update notice set ended_at = now() where id = ${cityWide.id}`)

  const old = scanOf(code, { at: new Date(Date.now() - 3_600_000) })
  const fresh = scanOf(code)
  const response = await post(cookie, '/api/v1/check-ins', { checkIns: [old, fresh] })
  const [first, second] = response.json<{ results: CheckInReceipt[] }>().results
  expect(first?.cards).toBeUndefined()
  expect(second?.cards?.length).toBeGreaterThan(0)
})

test('cases about persons are never shown, nor notices for others’ eyes', async () => {
  const { place, position, officer, code, cookie } = await furnish()
  await makeIncident(city.db, place.precinctId, position, { category: '家庭暴力' })
  await makeIncident(city.db, place.precinctId, position, { category: '其他', subtype: '失蹤人口' })
  await makeNotice(city.db, officer.id, {
    precinctId: place.precinctId,
    audience: 'supervisors',
    priority: 1,
  })
  expect((await checkIn(cookie, code)).cards).toEqual([])
  const boss = await makeOfficer(city.db, place, { roles: ['supervisor'] })
  await makeUnit(city.db, place, [boss.id])
  expect((await checkIn((await city.logIn(boss.id)).cookie, code)).cards).toHaveLength(1)
})

test('a campaign speaks at its points, and a colleague’s report at the point where it was made', async () => {
  const { place, point, officer, code, cookie } = await furnish()
  const [election] = await city.db
    .insert(campaign)
    .values({ kind: 'election', name: '選舉', startsOn: '2026-11-01', endsOn: '2026-11-30' })
    .returning()
  if (election === undefined) throw new Error('There is no campaign.')
  await city.db.update(patrolPoint).set({ campaignId: election.id }).where(eq(patrolPoint.id, point.id))
  const note = await makeNotice(city.db, officer.id, { campaignId: election.id, title: '候選人服務處' })
  const colleague = await makeOfficer(city.db, place)
  await makeUnit(city.db, place, [colleague.id])
  await post((await city.logIn(colleague.id)).cookie, '/api/v1/check-ins', {
    checkIns: [{ ...scanOf(code), workNote: { kind: 'suspicious', text: '王小明在門口' } }],
  })
  const { cards } = await checkIn(cookie, code)
  expect(cards).toMatchObject([
    { kind: 'notice', refId: note.id, reach: 'campaign' },
    { kind: 'report', refId: point.id, title: 'suspicious', body: null },
  ])
  expect(JSON.stringify(cards)).not.toContain('王小明')
})

test('without its tables the engine is silent, the check-in is stored, and the phone asks for cards later', async () => {
  const { place, position, code, cookie } = await furnish()
  const { cookie: other } = await furnish()
  const theft = await makeIncident(city.db, place.precinctId, position)
  let id = ''
  await city.db.execute(sql`alter table notice rename to notice_away`)
  try {
    const receipt = await checkIn(cookie, code)
    expect(receipt.stored).toBe(true)
    expect(receipt.cards).toBeUndefined()
    id = receipt.id
  } finally {
    await city.db.execute(sql`alter table notice_away rename to notice`)
  }
  const cardsOf = (as: string) =>
    city.app.inject({ url: `/api/v1/check-ins/${id}/cards`, headers: { cookie: as } })
  expect((await cardsOf(cookie)).json()).toMatchObject({ id, cards: [{ refId: theft.id }] })
  expect(await receiptsOf(id)).toHaveLength(1)
  expect((await cardsOf(other)).statusCode).toBe(404)
})

test('feedback is stored once, reaches the console without the officer’s words, and the list with them', async () => {
  const { place, position, officer, code, cookie } = await furnish()
  const theft = await makeIncident(city.db, place.precinctId, position)
  const { id: occasionId } = await checkIn(cookie, code)
  await receiptsOf(occasionId)
  const feedback = {
    id: newUuidV7(),
    occasionId,
    kind: 'incident',
    refId: theft.id,
    answer: 'handled',
    text: '已請住戶更換門鎖',
    givenAt: new Date().toISOString(),
  }
  const send = async (item: object, as = cookie) =>
    (await post(as, '/api/v1/feedback', { feedback: [item] })).json<{ results: ItemAnswer[] }>().results
  expect(await send(feedback)).toEqual([{ id: feedback.id, stored: true }])
  expect(await send(feedback)).toEqual([{ id: feedback.id, stored: true }])

  const { rows: events } = await city.db.execute<{ data: object }>(sql`
    select data from (select data, type from event union all select data, type from outbox) e
    where type = 'feedback:given' and data->>'id' = ${feedback.id}`)
  expect(events).toHaveLength(1)
  expect(events[0]?.data).toMatchObject({
    refId: theft.id,
    title: '住宅竊盜',
    answer: 'handled',
    hasText: true,
  })
  expect(JSON.stringify(events)).not.toContain('門鎖')

  const duty = await makeOfficer(city.db, place, { roles: ['duty-officer'] })
  const list = await city.app.inject({
    url: `/api/v1/feedback?kind=incident&refId=${theft.id}`,
    headers: { cookie: (await city.logIn(duty.id)).cookie },
  })
  expect(list.json<{ feedback: FeedbackEntry[] }>().feedback).toMatchObject([
    { id: feedback.id, text: '已請住戶更換門鎖', officerName: officer.name, answer: 'handled' },
  ])

  const colleague = await makeOfficer(city.db, place)
  await makeUnit(city.db, place, [colleague.id])
  const next = await checkIn((await city.logIn(colleague.id)).cookie, code)
  expect(next.cards).toMatchObject([{ refId: theft.id, lastAnswer: { answer: 'handled' } }])
})

test('feedback on a card that one never had is refused and kept; a courier brings another’s', async () => {
  const { place, position, officer, code, cookie } = await furnish()
  const theft = await makeIncident(city.db, place.precinctId, position)
  const { id: occasionId } = await checkIn(cookie, code)
  await receiptsOf(occasionId)
  const other = await makeOfficer(city.db, place)
  const otherCookie = (await city.logIn(other.id)).cookie
  const given = {
    occasionId,
    kind: 'incident',
    refId: theft.id,
    answer: 'useful',
    givenAt: new Date().toISOString(),
  }
  const items = [
    { ...given, id: newUuidV7() },
    { ...given, id: newUuidV7(), officerId: officer.id },
    { ...given, id: newUuidV7(), answer: 'maybe' },
    { ...given, id: newUuidV7(), occasionId: randomUUID(), officerId: officer.id },
  ]
  const response = await post(otherCookie, '/api/v1/feedback', { feedback: items })
  expect(response.json<{ results: ItemAnswer[] }>().results).toMatchObject([
    { id: items[0]?.id, refused: true, field: '/refId' },
    { id: items[1]?.id, stored: true },
    { id: items[2]?.id, refused: true },
    { id: items[3]?.id, refused: true },
  ])
  const { rows } = await city.db.execute(sql`select raw from quarantine where officer_id = ${other.id}`)
  expect(rows).toHaveLength(3)
})

test('at a door an officer gets what lies around, and elsewhere in the city only what all are told', async () => {
  const { place, position, cookie } = await furnish()
  const away = await furnish()
  const theft = await makeIncident(city.db, place.precinctId, north(position, 50))
  await makeIncident(city.db, away.place.precinctId, away.position)
  const ask = async ([lon, lat]: [number, number]) =>
    (
      await post(cookie, '/api/v1/surroundings', { id: newUuidV7(), position: { lon, lat } })
    ).json<Surroundings>()
  const here = await ask(position)
  expect(here.cards).toMatchObject([{ kind: 'incident', refId: theft.id, distanceMeters: 50 }])
  expect(await receiptsOf(here.id)).toHaveLength(1)
  expect((await ask(away.position)).cards).toEqual([])
})

test('a duty officer writes a notice for his own places, ends it, and sees who read it', async () => {
  const { place, point, code, cookie } = await furnish()
  const other = await furnish()
  const duty = await makeOfficer(city.db, place, {
    roles: ['duty-officer'],
    organisationId: place.precinctId,
  })
  const dutyCookie = (await city.logIn(duty.id)).cookie
  const draft = {
    title: '機車竊盜增加',
    body: '留意巷口',
    priority: 2,
    audience: 'everyone',
    reach: 'station',
    placeId: place.stationId,
    validFrom: new Date(Date.now() - 1_000).toISOString(),
    validTo: null,
  }
  const made = await post(dutyCookie, '/api/v1/notices', draft)
  expect(made.json()).toMatchObject({
    title: draft.title,
    reach: 'station',
    createdBy: duty.name,
    shownCount: 0,
  })
  const { id } = made.json<{ id: number }>()
  for (const wrong of [
    { reach: 'city', placeId: null },
    { reach: 'station', placeId: other.place.stationId },
    { reach: 'point', placeId: other.point.id },
    { reach: 'point', placeId: null },
    { reach: 'precinct', placeId: place.stationId },
    { validTo: '2020-01-01T00:00:00Z' },
  ]) {
    expect(
      (await post(dutyCookie, '/api/v1/notices', { ...draft, ...wrong })).statusCode,
      JSON.stringify(wrong),
    ).toBe(400)
  }
  const department = await makeDepartment(city.db)
  const chief = await makeOfficer(
    city.db,
    { precinctId: null, stationId: null },
    { roles: ['duty-officer'], organisationId: department.id },
  )
  const cityWide = await post((await city.logIn(chief.id)).cookie, '/api/v1/notices', {
    ...draft,
    reach: 'city',
    placeId: null,
    priority: 3,
  })
  expect(cityWide.statusCode).toBe(200)

  const receipt = await checkIn(cookie, code)
  expect(receipt.cards).toMatchObject([{ kind: 'notice', refId: id }, { reach: 'city' }])
  await receiptsOf(receipt.id)
  const read = async (url: string, as = dutyCookie) => city.app.inject({ url, headers: { cookie: as } })
  const { notices } = (await read('/api/v1/notices')).json<{ notices: Notice[] }>()
  expect(notices.find((one) => one.id === id)).toMatchObject({ shownCount: 1, officerCount: 1 })
  expect((await read(`/api/v1/notices/${id}/receipts`)).json()).toMatchObject({
    receipts: [{ pointName: point.name, answer: null }],
  })

  expect(
    (await post(dutyCookie, `/api/v1/notices/${cityWide.json<{ id: number }>().id}/end`, {})).statusCode,
  ).toBe(404)
  expect((await post(dutyCookie, `/api/v1/notices/${id}/end`, {})).json()).toMatchObject({
    id,
    endedBy: duty.name,
  })
  expect((await post(dutyCookie, `/api/v1/notices/${id}/end`, {})).statusCode).toBe(200)
  const audit = await city.db.execute<{ action: string }>(
    sql`select action from audit where subject = ${`notice:${id}`} order by id`,
  )
  expect(audit.rows).toEqual([{ action: 'notice:issued' }, { action: 'notice:ended' }])
  expect((await checkIn(cookie, code)).cards).toMatchObject([{ reach: 'city' }])
})
