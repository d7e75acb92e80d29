import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Handover, HandoverContents, Problem } from '@patrol/contract'
import { inTransaction, patrolRoute, patrolRouteStop, patrolWindow, unit as unitTable } from '@patrol/db'
import {
  makeOfficer,
  makePoint,
  makePrecinct,
  makeUnit,
  makeWindowRule,
  newUuidV7,
} from '@patrol/db/factories'
import { eq } from 'drizzle-orm'
import { raiseAlerts } from '../src/alert/raise-alert.ts'
import { hashPassword } from '../src/organisation/password.ts'
import { eventually, startTestCity, type TestCity } from './build-app.ts'

let city: TestCity
let passwordHash: string
beforeAll(async () => {
  city = await startTestCity()
  passwordHash = await hashPassword('correct horse')
})
afterAll(() => city.stop())

async function ask<T>(cookie: string, method: 'GET' | 'POST', url: string, payload?: object) {
  const response = await city.app.inject({
    method,
    url: `/api/v1/handovers${url}`,
    headers: { cookie, 'x-requested-with': 'patrol' },
    ...(payload === undefined ? {} : { payload }),
  })
  return { status: response.statusCode, body: response.json<T & Problem>() }
}

/** A duty officer of a precinct with the password `correct horse`. */
async function makeDutyOfficer(place: { precinctId: number; stationId: number }) {
  const officer = await makeOfficer(city.db, place, {
    roles: ['duty-officer'],
    organisationId: place.precinctId,
  })
  await city.db.execute(
    sql`update officer set password_hash = ${passwordHash}, name = ${`值日官 ${officer.id}`} where id = ${officer.id}`,
  )
  return { id: officer.id, name: `值日官 ${officer.id}`, cookie: (await city.logIn(officer.id)).cookie }
}

/** A precinct with an open and a shelved alert, an order, a missed window on a driven route, and a doubtful check-in. */
async function makeWorld() {
  const { db } = city
  const place = await makePrecinct(db)
  const leaving = await makeDutyOfficer(place)
  const taking = await makeDutyOfficer(place)
  const officer = await makeOfficer(db, place)
  const { unit } = await makeUnit(db, place, [officer.id])
  const { point } = await makePoint(db, place)
  const now = Date.now()
  await inTransaction(db, (tx) =>
    raiseAlerts(
      tx,
      new Date(),
      ['open', 'shelved'].map((subject) => ({
        kind: 'forged-tag',
        dedupKey: `${place.precinctId} ${subject}`,
        priority: 2 as const,
        precinctId: place.precinctId,
        stationId: place.stationId,
        subject: { place: subject },
      })),
    ),
  )
  const { rows } = await db.execute<{ id: number }>(
    sql`select id from alert where dedup_key = ${`${place.precinctId} shelved`}`,
  )
  await city.app.inject({
    method: 'POST',
    url: `/api/v1/alerts/${rows[0]?.id}/shelve`,
    headers: { cookie: leaving.cookie, 'x-requested-with': 'patrol' },
    payload: { minutes: 60, reason: '設備維修中' },
  })
  await city.app.inject({
    method: 'POST',
    url: '/api/v1/assignments',
    headers: { cookie: leaving.cookie, 'x-requested-with': 'patrol' },
    payload: { id: randomUUID(), unitId: unit.id, to: { title: '協尋', lon: 120.2, lat: 23 } },
  })
  const [route] = await db
    .insert(patrolRoute)
    .values({ ...place, code: `R${place.precinctId}`, name: '測試線' })
    .returning()
  if (!route) throw new Error('No route.')
  await db.insert(patrolRouteStop).values({ patrolRouteId: route.id, sequence: 1, patrolPointId: point.id })
  await db.update(unitTable).set({ patrolRouteId: route.id }).where(eq(unitTable.id, unit.id))
  const rule = await makeWindowRule(db, point.id)
  await db.insert(patrolWindow).values({
    ...place,
    ruleId: rule.id,
    patrolPointId: point.id,
    serviceOn: new Date(now + 8 * 3_600_000).toISOString().slice(0, 10),
    startsAt: new Date(now - 1_800_000),
    endsAt: new Date(now - 1_200_000),
    graceEndsAt: new Date(now - 900_000),
    requiredCount: 1,
    state: 'missed',
  })
  const id = newUuidV7()
  await db.execute(sql`
    insert into check_in (id, officer_id, unit_id, precinct_id, station_id, patrol_point_id, act, role, proof_kind, verdict,
      fulfils, reasons, claimed_at, checked_in_at, received_at, raw, content_hash)
    values (${id}, ${officer.id}, ${unit.id}, ${place.precinctId}, ${place.stationId}, ${point.id}, 'check-in', 'patrol', 'qr',
      'needs-review', 'yes', '[]', now(), now(), now(), '{}', ''::bytea)`)
  return { place, leaving, taking, unit }
}

const sign = (
  { place, leaving }: Awaited<ReturnType<typeof makeWorld>>,
  given: { id?: string; password?: string } = {},
) =>
  ask<Handover>(leaving.cookie, 'POST', '', {
    id: randomUUID(),
    desk: { precinctId: place.precinctId, stationId: null },
    notes: '中正路施工，改道巡邏',
    password: 'correct horse',
    ...given,
  })

test('one signs what the shift leaves open, another takes it over, and both stand on record for good', async () => {
  const world = await makeWorld()
  const { place, leaving, taking, unit } = world
  const open = await ask<HandoverContents>(leaving.cookie, 'GET', `/open-work?precinctId=${place.precinctId}`)
  expect(open.body).toMatchObject({
    alerts: [{ subject: { place: 'open' } }],
    quiet: [{ subject: { place: 'shelved' }, heldReason: '設備維修中', heldBy: leaving.name }],
    orders: [{ title: '協尋', callSign: unit.callSign }],
    overdueRoutes: [{ callSign: unit.callSign, overdue: 1 }],
    reviews: 1,
    missedWindows: 1,
  })
  expect(Date.parse(open.body.quiet[0]?.quietUntil ?? '')).toBeGreaterThan(Date.now())

  expect((await sign(world, { password: 'wrong' })).body.code).toBe('PASSWORD_WRONG')
  const screen = city.openScreen(taking.cookie)
  const told = new Promise((resolve) =>
    screen.on('frame', (frame) => JSON.stringify(frame).includes('handover:signed') && resolve(null)),
  )
  await new Promise((resolve) => screen.once('connect', () => resolve(null)))
  const id = randomUUID()
  const { body: signed } = await sign(world, { id })
  await told
  expect(signed).toMatchObject({
    placeName: place.precinct.name,
    left: { by: leaving.name, notes: '中正路施工，改道巡邏' },
    taken: null,
    own: true,
  })
  expect(signed.contents.quiet).toEqual(open.body.quiet)
  // Sent again, as after a lost answer: still one. A second one waits.
  expect((await sign(world, { id })).body).toEqual(signed)
  expect((await sign(world)).body.code).toBe('HANDOVER_WAITING')

  const { body: waiting } = await ask<{ handovers: Handover[] }>(taking.cookie, 'GET', '')
  expect(waiting.handovers.map((one) => [one.id, one.own])).toEqual([[id, false]])
  const take = (cookie: string, password = 'correct horse') =>
    ask<Handover>(cookie, 'POST', `/${id}/take`, { notes: '已點交', password })
  expect((await take(leaving.cookie)).body.code).toBe('HANDOVER_OWN')
  expect((await take(taking.cookie, 'wrong')).body.code).toBe('PASSWORD_WRONG')
  const { body: taken } = await take(taking.cookie)
  expect(taken).toMatchObject({ left: signed.left, taken: { by: taking.name, notes: '已點交' } })
  expect((await take(taking.cookie)).body.code).toBe('HANDOVER_TAKEN')

  // Not even the database's own hand changes it.
  for (const change of [
    sql`update handover set notes = 'x' where id = ${id}`,
    sql`update handover set taken_at = now() where id = ${id}`,
    sql`delete from handover where id = ${id}`,
  ])
    await expect(city.db.execute(change)).rejects.toMatchObject({
      cause: { message: 'A signed handover is not changed.' },
    })
  const { rows } = await city.db.execute(sql`
    select action, officer_id, precinct_id from audit where subject = ${`handover:${id}`} order by id`)
  expect(rows).toEqual([
    { action: 'handover:sign', officer_id: leaving.id, precinct_id: place.precinctId },
    { action: 'handover:take', officer_id: taking.id, precinct_id: place.precinctId },
  ])
  const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10)
  const { body: listed } = await ask<{ handovers: Handover[] }>(taking.cookie, 'GET', `?on=${today}`)
  expect(listed.handovers).toEqual([taken])
})

test('of two who take over at once one does, and a desk of another precinct does not exist', async () => {
  const world = await makeWorld()
  const { body: signed } = await sign(world)
  const third = await makeDutyOfficer(world.place)
  const results = await Promise.all(
    [world.taking, third].map(({ cookie }) =>
      ask<Handover>(cookie, 'POST', `/${signed.id}/take`, { notes: '', password: 'correct horse' }),
    ),
  )
  expect(results.map(({ status }) => status).sort()).toEqual([200, 409])

  const stranger = await makeDutyOfficer(await makePrecinct(city.db))
  const desk = { precinctId: world.place.precinctId, stationId: null }
  for (const asked of [desk, { precinctId: null, stationId: null }]) {
    const body = { id: randomUUID(), desk: asked, notes: '', password: 'correct horse' }
    expect((await ask(stranger.cookie, 'POST', '', body)).status).toBe(404)
  }
  const take = { notes: '', password: 'correct horse' }
  expect((await ask(stranger.cookie, 'POST', `/${signed.id}/take`, take)).status).toBe(404)
  await eventually('the event to be numbered', async () => {
    const { rows } = await city.db.execute(sql`select 1 from outbox`)
    return rows.length === 0 ? true : undefined
  })
})
