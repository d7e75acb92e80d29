// Over 300 lines: one world of two units and a call, looked at from all sides of an order.
import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Assignment, NearestUnits, Order, Orders, Problem } from '@patrol/contract'
import { inTransaction, patrolRoute, patrolRouteStop, patrolWindow, unit, unitPosition } from '@patrol/db'
import { makeOfficer, makePoint, makePrecinct, makeUnit, makeWindowRule } from '@patrol/db/factories'
import { eq } from 'drizzle-orm'
import { raiseSos } from '../src/alert/raise-sos.ts'
import { reportIncident } from '../src/incident/report-incident.ts'
import { eventually, startTestCity, type TestCity } from './build-app.ts'

let city: TestCity
beforeAll(async () => {
  city = await startTestCity()
})
afterAll(() => city.stop())

let worlds = 0
type World = Awaited<ReturnType<typeof makeWorld>>

/** A precinct with a duty officer and two units, 1 km and 3 km from a 110 call. */
async function makeWorld() {
  // Each at a place of its own: an incident belongs to the precinct that covers it.
  const lon = 119 + worlds++ / 10
  const { db } = city
  const place = await makePrecinct(db, { position: [lon, 23] })
  await db.execute(
    sql`update organisation set area = st_multi(st_buffer(position, 0.02)) where id = ${place.precinctId}`,
  )
  const duty = await makeOfficer(db, place, { roles: ['duty-officer'], organisationId: place.precinctId })
  const units = []
  for (const meters of [1_000, 3_000]) {
    const officer = await makeOfficer(db, place)
    const { unit } = await makeUnit(db, place, [officer.id])
    const at = new Date()
    await db.insert(unitPosition).values({
      unitId: unit.id,
      precinctId: place.precinctId,
      stationId: place.stationId,
      lon: lon + meters / 102_400,
      lat: 23,
      recordedAt: at,
    })
    units.push({ ...unit, officer, cookie: (await city.logIn(officer.id)).cookie })
  }
  const [near, far] = units
  if (near === undefined || far === undefined) throw new Error('There are two units.')
  const incident = await inTransaction(db, (tx) =>
    reportIncident(
      tx,
      {
        source: '110',
        externalId: randomUUID(),
        category: '竊盜',
        occurredAt: new Date().toISOString(),
        lon,
        lat: 23,
      },
      new Date(),
    ),
  )
  return { place, duty: (await city.logIn(duty.id)).cookie, dutyId: duty.id, near, far, incident }
}

async function ask<T>(cookie: string, method: 'GET' | 'POST', url: string, payload?: object) {
  const headers = { cookie, 'x-requested-with': 'patrol' }
  const response = await city.app.inject({
    method,
    url: `/api/v1${url}`,
    headers,
    ...(payload === undefined ? {} : { payload }),
  })
  return { status: response.statusCode, body: response.json<T>() }
}

const send = (world: World, unitId: number, id = randomUUID()) =>
  ask<Order & Problem>(world.duty, 'POST', '/assignments', {
    id,
    unitId,
    to: { incidentId: world.incident.id },
    note: '嫌犯往北',
  })
const answer = (
  cookie: string,
  order: { id: string; epoch: number },
  act: string,
  id = randomUUID(),
  reason?: string,
) =>
  ask<Order & Problem>(cookie, 'POST', `/orders/${order.id}/answers`, {
    id,
    epoch: order.epoch,
    act,
    claimedAt: new Date().toISOString(),
    ...(reason === undefined ? {} : { reason }),
  })
const reassignTo = (world: World, order: { id: string; epoch: number }, unitId: number) =>
  ask<Order & Problem>(world.duty, 'POST', `/assignments/${order.id}/reassign`, {
    id: randomUUID(),
    epoch: order.epoch,
    unitId,
  })

const statusOf = async (id: number) =>
  (await city.db.execute<{ status: string }>(sql`select status from incident where id = ${id}`)).rows[0]
    ?.status

test('an incident that needs no unit is closed with its reason, once no unit holds an order for it', async () => {
  const world = await makeWorld()
  const close = () =>
    ask<{ status: string } & Problem>(world.duty, 'POST', `/incidents/${world.incident.id}/close`, {
      reason: '報案人撤銷',
    })
  const { body: order } = await send(world, world.near.id)
  expect((await close()).body.code).toBe('INCIDENT_DISPATCHED')
  await answer(world.near.cookie, order, 'refuse', randomUUID(), '執行他案')
  expect((await close()).body.status).toBe('closed')
  expect((await close()).body.status).toBe('closed')
  // Nobody is asked any more to replace who refused.
  const { body: ended } = await ask<Order>(world.duty, 'GET', `/assignments/${order.id}`)
  expect(ended.state).toBe('cancelled')
  const { rows } = await city.db.execute(sql`
    select officer_id, details from audit where subject = ${`incident:${world.incident.id}`}`)
  expect(rows).toEqual([{ officer_id: world.dutyId, details: { reason: '報案人撤銷' } }])
  expect((await send(world, world.far.id)).body.code).toBe('INCIDENT_CLOSED')
})

test('an order goes its way with a stamp for each step, and the incident follows', async () => {
  const world = await makeWorld()
  const { body: order } = await send(world, world.near.id)
  expect(order).toMatchObject({
    state: 'ordered',
    epoch: 1,
    title: '竊盜',
    callSign: world.near.callSign,
    note: '嫌犯往北',
  })
  expect(await statusOf(world.incident.id)).toBe('dispatched')
  const { body: mine } = await ask<Orders>(world.near.cookie, 'GET', '/orders')
  expect(mine.orders).toMatchObject([{ id: order.id, note: '嫌犯往北' }])
  for (const [act, state] of [
    ['accept', 'accepted'],
    ['en-route', 'en-route'],
    ['on-scene', 'on-scene'],
    ['clear', 'cleared'],
  ] as const) {
    expect((await answer(world.near.cookie, order, act)).body.state).toBe(state)
  }
  const { body: done } = await ask<Order>(world.duty, 'GET', `/assignments/${order.id}`)
  for (const at of [done.acceptedAt, done.enRouteAt, done.onSceneAt, done.clearedAt])
    expect(at).not.toBeNull()
  expect(await statusOf(world.incident.id)).toBe('closed')
  expect((await send(world, world.far.id)).body.code).toBe('INCIDENT_CLOSED')
  const { rows } = await city.db.execute<{ data: string }>(sql`select data::text from event
    union all select data::text from outbox`)
  expect(rows.map((row) => row.data).join()).not.toContain('嫌犯往北')
})

test('a reassignment takes the order from its holder at once, and the stale accept is refused by name', async () => {
  const world = await makeWorld()
  const { body: order } = await send(world, world.near.id)
  const { body: moved } = await reassignTo(world, order, world.far.id)
  expect(moved).toMatchObject({ epoch: 2, state: 'ordered', unitId: world.far.id })
  const id = randomUUID()
  for (const attempt of ['the first time', 'sent again']) {
    const stale = await answer(world.near.cookie, order, 'accept', id)
    expect(stale.status, attempt).toBe(409)
    expect(stale.body).toMatchObject({ code: 'ASSIGNMENT_REASSIGNED', about: world.far.callSign })
    expect(stale.body.message).toContain(world.far.callSign)
  }
  const { body: lost } = await ask<Orders>(world.near.cookie, 'GET', '/orders')
  expect(lost).toMatchObject({ orders: [], lost: [{ outcome: 'reassigned', callSign: world.far.callSign }] })
  expect((await reassignTo(world, order, world.near.id)).body.code).toBe('ASSIGNMENT_REASSIGNED')
  expect((await answer(world.far.cookie, moved, 'accept')).body.state).toBe('accepted')
  expect((await answer(world.far.cookie, moved, 'refuse')).body.code).toBe('ASSIGNMENT_MOVED_ON')
})

test('the same command twice is one order, and a stranger’s answer finds nothing', async () => {
  const world = await makeWorld()
  const id = randomUUID()
  const [first, second] = await Promise.all([send(world, world.near.id, id), send(world, world.near.id, id)])
  expect(second.body).toEqual(first.body)
  const { rows } = await city.db.execute(sql`select 1 from outbox where data->>'id' = ${id}
    union all select 1 from event where data->>'id' = ${id}`)
  expect(rows).toHaveLength(1)
  expect((await answer(world.far.cookie, first.body, 'accept')).status).toBe(404)
  const elsewhere = await makeWorld()
  expect((await send(elsewhere, world.near.id)).status).toBe(404)
  expect((await ask(elsewhere.duty, 'GET', `/assignments/${id}`)).status).toBe(404)
})

test('a refusal with its reason frees the order for another, and a cancelled one takes no answer', async () => {
  const world = await makeWorld()
  const { body: order } = await send(world, world.near.id)
  expect((await answer(world.near.cookie, order, 'refuse', randomUUID(), '車輛故障')).body.state).toBe(
    'refused',
  )
  expect(await statusOf(world.incident.id)).toBe('open')
  const { body: moved } = await reassignTo(world, order, world.far.id)
  expect(moved).toMatchObject({ state: 'ordered', reason: null })
  const cancel = { id: randomUUID(), epoch: 2, reason: '民眾撤案' }
  const { body: ended } = await ask<Order>(world.duty, 'POST', `/assignments/${order.id}/cancel`, cancel)
  expect(ended).toMatchObject({ state: 'cancelled', reason: '民眾撤案' })
  expect((await answer(world.far.cookie, moved, 'accept')).body).toMatchObject({ code: 'ASSIGNMENT_CLOSED' })
})

test('of two reinforcements the last that clears closes the incident', async () => {
  const world = await makeWorld()
  const { body: one } = await send(world, world.near.id)
  const { body: two } = await send(world, world.far.id)
  await answer(world.near.cookie, one, 'clear')
  expect(await statusOf(world.incident.id)).toBe('dispatched')
  await answer(world.far.cookie, two, 'clear')
  expect(await statusOf(world.incident.id)).toBe('closed')
})

test('the nearest free unit comes first, a busy one later, one without a fresh place not at all', async () => {
  const world = await makeWorld()
  const url = `/units/nearest?lon=${world.incident.lon}&lat=${world.incident.lat}`
  const { body: free } = await ask<NearestUnits>(world.duty, 'GET', url)
  expect(free.units.map(({ unitId }) => unitId)).toEqual([world.near.id, world.far.id])
  expect(free.units[0]).toMatchObject({ load: 0, travelSource: 'estimate' })
  await send(world, world.near.id)
  const { body: busy } = await ask<NearestUnits>(world.duty, 'GET', url)
  expect(busy.units.map(({ unitId, load }) => [unitId, load])).toEqual([
    [world.far.id, 0],
    [world.near.id, 1],
  ])
  await city.db
    .update(unitPosition)
    .set({ recordedAt: new Date(Date.now() - 700_000) })
    .where(eq(unitPosition.unitId, world.far.id))
  const { body: lost } = await ask<NearestUnits>(world.duty, 'GET', url)
  expect(lost.units.map(({ unitId }) => unitId)).toEqual([world.near.id])
})

test('who is not to be sent comes with the reason, who cries for help first; a closed cry makes it a choice again', async () => {
  const world = await makeWorld()
  const { db } = city
  const { place, near, far, incident } = world
  const endsAt = new Date(Date.now() - 300_000)
  const { unit: desk } = await makeUnit(db, place, [])
  await db.update(unit).set({ dutyType: 'desk' }).where(eq(unit.id, desk.id))
  const { unit: silent } = await makeUnit(db, place, [])
  const { unit: ended } = await makeUnit(db, place, [], { endsAt })
  await inTransaction(db, (tx) => raiseSos(tx, new Date(), { officerId: near.officer.id, place: null }))
  const url = `/units/nearest?lon=${incident.lon}&lat=${incident.lat}`
  const read = async () => (await ask<NearestUnits>(world.duty, 'GET', url)).body
  const { units, unavailable } = await read()
  expect(units.map(({ unitId }) => unitId)).toEqual([far.id])
  expect(unavailable.map(({ unitId, reason }) => [unitId, reason])).toEqual([
    [near.id, 'sos'],
    [desk.id, 'desk'],
    [silent.id, 'no-position'],
    [ended.id, 'off-duty'],
  ])
  expect(unavailable[0]?.distanceMeters).toBeGreaterThan(900)
  expect(unavailable.slice(1).every(({ distanceMeters }) => distanceMeters === null)).toBe(true)
  // Acknowledged it stands still; only its end gives the unit back.
  const sos = sql`dedup_key = ${`sos:unit:${near.id}`}`
  await db.execute(sql`update alert set state = 'ack', acknowledged_at = now() where ${sos}`)
  expect((await read()).units.map(({ unitId }) => unitId)).toEqual([far.id])
  // Nor does the end of its shift make it one of many off duty.
  const setEnd = (at: Date) =>
    db.execute(sql`update shift set ends_at = ${at.toISOString()}
      where id = (select shift_id from unit where id = ${near.id})`)
  await setEnd(new Date(Date.now() - 3_600_000))
  const [first] = (await read()).unavailable
  expect(first).toMatchObject({ unitId: near.id, reason: 'sos' })
  expect(first?.distanceMeters).toBeGreaterThan(900)
  await setEnd(new Date(Date.now() + 3_600_000))
  await db.execute(sql`update alert set state = 'closed', closed_at = now() where ${sos}`)
  await db
    .update(unitPosition)
    .set({ recordedAt: new Date(Date.now() - 700_000) })
    .where(eq(unitPosition.unitId, far.id))
  const later = await read()
  expect(later.units.map(({ unitId }) => unitId)).toEqual([near.id])
  expect(later.unavailable).toContainEqual(
    expect.objectContaining({ unitId: far.id, reason: 'position-old' }),
  )
})

test('who accepts is excused for what its route asks meanwhile, with the order as evidence, and for no more', async () => {
  const world = await makeWorld()
  const { place } = world
  const scope = { precinctId: place.precinctId, stationId: place.stationId }
  const [route] = await city.db
    .insert(patrolRoute)
    .values({ code: randomUUID(), name: '巡邏線', ...scope })
    .returning()
  const windows: number[] = []
  for (const [sequence, minutes] of [10, 300].entries()) {
    const { point } = await makePoint(city.db, place)
    const rule = await makeWindowRule(city.db, point.id, { active: false })
    await city.db
      .insert(patrolRouteStop)
      .values({ patrolRouteId: route?.id ?? 0, sequence, patrolPointId: point.id })
    const endsAt = new Date(Date.now() + minutes * 60_000)
    const [made] = await city.db
      .insert(patrolWindow)
      .values({
        ...scope,
        ruleId: rule.id,
        patrolPointId: point.id,
        serviceOn: '2026-11-27',
        requiredCount: 1,
        startsAt: new Date(Date.now() - 60_000),
        endsAt,
        graceEndsAt: endsAt,
        state: 'open',
      })
      .returning()
    windows.push(made?.id ?? 0)
  }
  await city.db
    .update(unit)
    .set({ patrolRouteId: route?.id ?? null })
    .where(eq(unit.id, world.near.id))
  const { body: order } = await send(world, world.near.id)
  await answer(world.near.cookie, order, 'accept')
  const { rows } = await city.db.execute(sql`select id::int, state, evidence, decided_by from patrol_window
    where id = any(${sql.param(windows)}::bigint[]) order by id`)
  expect(rows).toEqual([
    {
      id: windows[0],
      state: 'excused',
      evidence: { assignmentId: order.id, epoch: 1 },
      decided_by: world.dutyId,
    },
    { id: windows[1], state: 'open', evidence: null, decided_by: null },
  ])
})

test('screens of both precincts see an order that leads from one to the other, and only the holder’s keeps it', async () => {
  const world = await makeWorld()
  const other = await makeWorld()
  const boss = await makeOfficer(
    city.db,
    { precinctId: null, stationId: null },
    { roles: ['operator'], organisationId: world.place.precinctId },
  )
  await city.db.execute(sql`insert into role_grant (officer_id, role, organisation_id)
    values (${boss.id}, 'operator', ${other.place.precinctId})`)
  const { cookie } = await city.logIn(boss.id)
  const { body: order } = await ask<Order>(cookie, 'POST', '/assignments', {
    id: randomUUID(),
    unitId: other.near.id,
    to: { incidentId: world.incident.id },
  })
  const seen = async (by: string) =>
    (await ask<{ assignments: Assignment[] }>(by, 'GET', '/assignments')).body.assignments.map(({ id }) => id)
  expect([await seen(world.duty), await seen(other.duty)]).toEqual([[order.id], [order.id]])
  await reassignTo(world, order, world.near.id)
  expect([await seen(world.duty), await seen(other.duty)]).toEqual([[order.id], []])
  const types = await eventually('the events', async () => {
    const { rows } = await city.db.execute<{ type: string; precinct_id: number }>(sql`
      select type, precinct_id from event where data->>'id' = ${order.id} order by pos`)
    return rows.length === 4 ? rows : undefined
  })
  expect(types.map((row) => [row.type, row.precinct_id])).toEqual([
    ['assignment:ordered', other.place.precinctId],
    ['assignment:ordered', world.place.precinctId],
    ['assignment:withdrawn', other.place.precinctId],
    ['assignment:reassigned', world.place.precinctId],
  ])
})
