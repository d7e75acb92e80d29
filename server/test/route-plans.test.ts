import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { pino } from 'pino'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type {
  CityPlanResult,
  Duty,
  Job,
  Order,
  PhoneNews,
  PlannedRoute,
  PlannerChoices,
  Problem,
  RoutePlan,
} from '@patrol/contract'
import { connect, unit as unitTable, type Db } from '@patrol/db'
import {
  makeDepartment,
  makeOfficer,
  makePoint,
  makePrecinct,
  makeUnit,
  newUuidV7,
} from '@patrol/db/factories'
import { startJobs } from '../src/jobs/run-jobs.ts'
import { eventually, startTestCity, type TestCity } from './build-app.ts'

/** A station with twelve points around it and two units; another precinct that must see nothing of it. */
let city: TestCity
let worker: { stop(): Promise<void> }
let workerDb: Db
let place: Awaited<ReturnType<typeof makePrecinct>>
let points: { id: number }[]
let shiftId: number
let units: [number, number]
let cookies: { dutyOfficer: string; operator: string; elsewhere: string; officer: string; city: string }
let told: { type: string; data: PlannedRoute }[]

const centre = [120.2, 23] as const
/** Threads of jobs have the lowest priority: on a busy machine they wait. */
const jobMs = 30_000
const weights = { hotspot: 1, windows: 1, overdue: 1, campaign: 1, visibility: 1 }

beforeAll(async () => {
  city = await startTestCity()
  workerDb = connect(city.env.databaseUrl, { max: 6, name: 'test worker' })
  worker = startJobs({ db: workerDb, env: city.env, log: pino({ level: 'silent' }) })
  const { db } = city
  place = await makePrecinct(db, { position: [...centre] })
  points = []
  for (let i = 0; i < 12; i++) {
    const turn = (2 * Math.PI * i) / 12
    const position: [number, number] = [centre[0] + 0.01 * Math.cos(turn), centre[1] + 0.01 * Math.sin(turn)]
    points.push((await makePoint(db, place, { position, priority: i === 0 ? 1 : 2 })).point)
  }
  const officer = await makeOfficer(db, place)
  const first = await makeUnit(db, place, [officer.id])
  shiftId = first.shift.id
  const [second] = await db
    .insert(unitTable)
    .values({
      precinctId: place.precinctId,
      stationId: place.stationId,
      shiftId,
      callSign: 'second',
      mode: 'motorcycle',
    })
    .returning()
  units = [first.unit.id, second?.id ?? 0]
  const nobody = { precinctId: null, stationId: null }
  const logIn = async (role: 'duty-officer' | 'operator', organisationId: number) =>
    (await city.logIn((await makeOfficer(db, nobody, { roles: [role], organisationId })).id)).cookie
  const other = await makePrecinct(db)
  const department = await makeDepartment(db)
  cookies = {
    dutyOfficer: await logIn('duty-officer', place.stationId),
    operator: await logIn('operator', place.precinctId),
    city: await logIn('duty-officer', department.id),
    elsewhere: await logIn('duty-officer', other.precinctId),
    officer: (await city.logIn(officer.id)).cookie,
  }
  told = []
  const screen = city.openScreen(cookies.operator)
  screen.on('frame', ({ events }: { events: typeof told }) => told.push(...events))
  await new Promise((resolve) => screen.once('connect', () => resolve(null)))
})
afterAll(async () => {
  await worker.stop()
  await workerDb.$client.end()
  await city.stop()
})

type Who = keyof typeof cookies
const ask = (who: Who, method: 'GET' | 'POST' | 'PUT', url: string, payload?: object) =>
  city.app.inject({
    method,
    url: `/api/v1${url}`,
    headers: { cookie: cookies[who], 'x-requested-with': 'patrol' },
    ...(payload === undefined ? {} : { payload }),
  })

const orderOf = (values: object = {}) => ({
  id: randomUUID(),
  shiftId,
  goal: 'best-score',
  weights,
  line: 'variable',
  iterations: 200,
  ...values,
})

async function planned(values: object = {}): Promise<RoutePlan> {
  const order = orderOf(values)
  const response = await ask('dutyOfficer', 'POST', '/route-plans', order)
  expect(response.statusCode, response.body).toBe(202)
  return eventually(
    'the plan',
    async () => {
      const plan = (await ask('dutyOfficer', 'GET', `/route-plans/${order.id}`)).json<RoutePlan>()
      return plan.state === 'planning' ? undefined : plan
    },
    jobMs,
  )
}

const assign = async (route: PlannedRoute, body: object = {}) =>
  (await ask('dutyOfficer', 'POST', `/planned-routes/${route.id}/assign`, body)).json<PlannedRoute>()

/** The first unit signs at a point, now. */
async function signAt(pointId: number): Promise<void> {
  const { rows } = await city.db.execute<{ officer_id: number }>(
    sql`select officer_id from unit_member where unit_id = ${units[0]}`,
  )
  await city.db.execute(sql`
    insert into check_in (id, officer_id, unit_id, patrol_point_id, precinct_id, station_id, proof_kind, act, role,
      claimed_at, received_at, checked_in_at, verdict, fulfils, reasons, raw, content_hash)
    values (${newUuidV7()}, ${first(rows).officer_id}, ${units[0]}, ${pointId}, ${place.precinctId}, ${place.stationId}, 'qr',
      'check-in', 'patrol', now(), now(), now(), 'accepted', 'yes', '[]', '{}', '\\x00')`)
}

function first<T>(values: readonly T[]): T {
  const [value] = values
  if (value === undefined) throw new Error('There is none.')
  return value
}

test('the planner offers the shifts of one’s own stations, with their units', async () => {
  const choices = (
    await ask('dutyOfficer', 'GET', `/planner?stationId=${place.stationId}`)
  ).json<PlannerChoices>()
  expect(choices.stations.map(({ id }) => id)).toEqual([place.stationId])
  expect(choices.shifts).toMatchObject([{ id: shiftId }])
  expect(new Set(choices.shifts[0]?.units.map(({ id }) => id))).toEqual(new Set(units))
  const elsewhere = (
    await ask('elsewhere', 'GET', `/planner?stationId=${place.stationId}`)
  ).json<PlannerChoices>()
  expect(elsewhere.shifts).toEqual([])
})

test('a plan has alternatives for each unit, within the allowance, and the same seed gives the same', async () => {
  // Both in the same quarter of an hour, from which a shift that has begun is planned.
  const [plan, again] = await Promise.all([planned({ seed: 4 }), planned({ seed: 4 })])
  expect(plan).toMatchObject({ state: 'ready', travelSource: 'estimate', problem: null, progress: 1 })
  expect(plan.routes.length).toBe(6)
  for (const route of plan.routes) {
    expect(units).toContain(route.unitId)
    expect(route.costRatio).toBeLessThanOrEqual(1.0501)
    expect(route.stops.length).toBeGreaterThan(0)
    expect(route.match?.total).toBeGreaterThan(0)
    expect(route.predictability).toBeNull()
  }
  for (const route of plan.routes)
    expect(Date.parse(route.startsAt)).toBeGreaterThanOrEqual(Date.now() - 60_000)
  const shape = (each: RoutePlan) => each.routes.map((route) => route.stops.map((stop) => stop.pointId))
  expect(shape(again)).toEqual(shape(plan))
  const repeated = await ask('dutyOfficer', 'POST', '/route-plans', { ...plan.request })
  expect(repeated.json<RoutePlan>()).toEqual(plan)
})

test('an assigned route is followed by the phone, in its order; another takes its place; screens hear of it', async () => {
  const plan = await planned({ unitIds: [units[0]], alternatives: 2 })
  const [proposed, other] = plan.routes
  if (proposed === undefined || other === undefined) throw new Error('There are too few alternatives.')
  const phone = io(`${city.origin}/phone`, {
    transports: ['websocket'],
    extraHeaders: { cookie: cookies.officer },
    forceNew: true,
  })
  const heard: string[] = []
  phone.on('news', ({ what }: PhoneNews) => heard.push(...what))
  await new Promise((resolve) => phone.once('connect', () => resolve(null)))
  const route = await assign(proposed)
  await eventually('the phone to hear of its route', async () => (heard.includes('duty') ? true : undefined))
  phone.disconnect()
  expect(route).toMatchObject({ state: 'assigned', unitId: units[0] })
  expect(await assign(proposed)).toEqual(route)
  const duty = (await ask('officer', 'GET', '/duty')).json<Duty>()
  expect(duty.plannedRouteId).toBe(route.id)
  expect(duty.points.map(({ id }) => id)).toEqual([...new Set(route.stops.map((stop) => stop.pointId))])
  expect(duty.points[0]?.plannedAt).toBe(route.stops[0]?.arrivesAt)
  expect((await ask('operator', 'GET', '/planned-routes')).json<{ routes: PlannedRoute[] }>().routes).toEqual(
    [route],
  )

  await assign(other)
  expect((await ask('officer', 'GET', '/duty')).json<Duty>().plannedRouteId).toBe(other.id)
  const settled = await ask('dutyOfficer', 'POST', `/planned-routes/${route.id}/assign`, {})
  expect(settled.json<Problem>().code).toBe('PLANNED_ROUTE_SETTLED')
  await eventually('the events', () =>
    told.filter(({ type }) => type === 'route:assigned').length >= 2 ? true : undefined,
  )
  const { rows } = await city.db.execute(
    sql`select 1 from audit where subject = ${`planned-route:${other.id}`}`,
  )
  expect(rows).toHaveLength(1)
  const next = await planned({ unitIds: [units[0]], alternatives: 1 })
  // Nothing has been driven in an earlier shift, so an observer knows nothing yet.
  expect(first(next.routes).predictability).toBeNull()

  await ask('dutyOfficer', 'POST', `/planned-routes/${other.id}/withdraw`)
  expect((await ask('officer', 'GET', '/duty')).json<Duty>().plannedRouteId).toBeNull()
})

test('a round that is driven twice is followed visit by visit', async () => {
  // A list is visited once; of another plan the second round is what is left over after the first.
  const plan = await planned({ unitIds: [units[0]], alternatives: 1 })
  const route = await assign(first(plan.routes))
  const visited = first(route.stops).pointId
  const visits = route.stops.filter((stop) => stop.pointId === visited)
  expect(visits.length).toBeGreaterThan(1)
  const [once, twice] = visits.map(({ arrivesAt }) => Date.parse(arrivesAt))
  expect((twice ?? 0) - (once ?? 0)).toBeGreaterThanOrEqual(3_600_000)
  const ofVisited = async () => {
    const { done, due, points: shown } = (await ask('officer', 'GET', '/duty')).json<Duty>()
    return { done, due, point: shown.find(({ id }) => id === visited) }
  }
  expect(await ofVisited()).toMatchObject({
    done: 0,
    due: route.stops.length,
    point: { plannedAt: visits[0]?.arrivesAt, visitedAt: null },
  })
  await city.db.execute(sql`
    update planned_stop set arrives_at = arrives_at - ${visits[0]?.arrivesAt}::timestamptz + now()
    where planned_route_id = ${route.id}`)
  await signAt(visited)
  const after = await ofVisited()
  expect(after).toMatchObject({ done: 1, due: route.stops.length, point: { visitedAt: null } })
  expect(Date.parse(after.point?.plannedAt ?? '')).toBeGreaterThan(Date.now() + 3_000_000)
  await city.db.execute(sql`delete from check_in where unit_id = ${units[0]}`)

  // Who missed the first round and comes at the time of the second was there once, not twice.
  await city.db.execute(sql`
    update planned_stop set arrives_at = arrives_at - make_interval(secs => ${((twice ?? 0) - (once ?? 0)) / 1_000})
    where planned_route_id = ${route.id}`)
  await signAt(visited)
  expect(await ofVisited()).toMatchObject({ done: 1, due: route.stops.length })
  await city.db.execute(sql`delete from check_in where unit_id = ${units[0]}`)
  await ask('dutyOfficer', 'POST', `/planned-routes/${route.id}/withdraw`)
})

test('stops are put into another order, left out and taken in, and the times follow', async () => {
  const plan = await planned({
    unitIds: [units[1]],
    alternatives: 1,
    goal: 'fixed-list',
    fixedPointIds: [points[3]?.id],
  })
  const route = first(plan.routes)
  const before = route.stops.map((stop) => stop.pointId)
  expect(route.stops.find((stop) => stop.fixed)?.pointId).toBe(points[3]?.id)
  const pointIds = [...before.slice(2), ...before.slice(0, 1)]
  const edit = async (ids: readonly (number | undefined)[]) =>
    ask('dutyOfficer', 'PUT', `/planned-routes/${route.id}/stops`, { pointIds: ids })
  const edited = (await edit(pointIds)).json<PlannedRoute>()
  expect(edited.stops.map((stop) => stop.pointId)).toEqual(pointIds)
  const times = edited.stops.map((stop) => Date.parse(stop.arrivesAt))
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  expect(edited.score).toBeLessThan(route.score)
  const missing = before[1]
  expect((await edit([...pointIds, missing])).json<PlannedRoute>().score).toBeCloseTo(route.score, 3)
  const stranger = await makePoint(city.db, await makePrecinct(city.db))
  const refused = await edit([...pointIds, stranger.point.id])
  expect(refused.json<Problem>()).toMatchObject({
    code: 'PATROL_POINT_UNKNOWN',
    field: `/pointIds/${pointIds.length}`,
  })
  const legs = (await ask('operator', 'GET', `/planned-routes/${route.id}/line`)).json<{ legs: unknown[] }>()
  expect(legs.legs).toHaveLength(pointIds.length + 2)
})

test('a unit that was diverted gets the rest of its route planned from where it is', async () => {
  const plan = await planned({ unitIds: [units[0]], alternatives: 1, goal: 'fixed-list' })
  const route = await assign(first(plan.routes))
  const done = first(route.stops).pointId
  await signAt(done)
  await city.db.execute(sql`
    update planned_route set starts_at = now() - interval '10 minutes' where id = ${route.id}`)
  const response = await ask('dutyOfficer', 'POST', `/units/${units[0]}/replan`)
  expect(response.statusCode, response.body).toBe(202)
  const routes = await eventually('the new route', async () => {
    const found = (await ask('operator', 'GET', '/planned-routes')).json<{ routes: PlannedRoute[] }>().routes
    return found.some((each) => each.id !== route.id && each.unitId === units[0]) ? found : undefined
  })
  const anew = routes.find((each) => each.unitId === units[0])
  expect(anew?.stops.map((stop) => stop.pointId)).not.toContain(done)
  expect(anew?.stops).toHaveLength(route.stops.length - 1)
  expect(Date.parse(anew?.stops[0]?.arrivesAt ?? '')).toBeGreaterThan(Date.now())
  expect((await ask('officer', 'GET', '/duty')).json<Duty>().plannedRouteId).toBe(anew?.id)
})

test('a unit that takes an order has the rest planned from there, and planned back once it is free', async () => {
  const plan = await planned({ unitIds: [units[0]], alternatives: 1 })
  const route = await assign(first(plan.routes))
  const followed = async () =>
    (await ask('dutyOfficer', 'GET', '/planned-routes'))
      .json<{ routes: PlannedRoute[] }>()
      .routes.find((each) => each.unitId === units[0])
  const sent = {
    id: randomUUID(),
    unitId: units[0],
    to: { title: '查處', lon: centre[0] + 0.02, lat: centre[1] },
  }
  const ordered = await ask('operator', 'POST', '/assignments', sent)
  expect(ordered.statusCode, ordered.body).toBe(200)
  const order = ordered.json<Order>()
  const answer = (act: string) =>
    ask('officer', 'POST', `/orders/${order.id}/answers`, {
      id: randomUUID(),
      epoch: order.epoch,
      act,
      claimedAt: new Date().toISOString(),
    })
  expect((await answer('accept')).statusCode).toBe(200)
  const away = await eventually(
    'the route after the call',
    async () => {
      const now = await followed()
      return now !== undefined && now.id !== route.id ? now : undefined
    },
    jobMs,
  )
  // Half an hour at the place, at least.
  expect(Date.parse(away.startsAt)).toBeGreaterThan(Date.now() + 1_800_000)
  await eventually('screens to hear of it', async () =>
    told.some(({ type, data }) => type === 'route:assigned' && data.id === away.id) ? true : undefined,
  )
  expect((await answer('clear')).statusCode).toBe(200)
  const back = await eventually(
    'the route once it is free',
    async () => {
      const now = await followed()
      return now !== undefined && now.id !== away.id ? now : undefined
    },
    jobMs,
  )
  expect(Date.parse(back.startsAt)).toBeLessThan(Date.parse(away.startsAt))
  expect(back.stops.length).toBeGreaterThanOrEqual(away.stops.length)
})

test('what an observer saw in earlier shifts shows in the predictability, and lines take turns', async () => {
  const startsAt = new Date(Date.now() + 20 * 3_600_000)
  const later = await makeUnit(city.db, place, [], {
    startsAt,
    endsAt: new Date(startsAt.getTime() + 4 * 3_600_000),
  })
  const plan = await planned({ shiftId: later.shift.id, line: 'alternate', alternatives: 1 })
  expect(first(plan.routes)).toMatchObject({ line: 'fixed' })
  expect(first(plan.routes).predictability).not.toBeNull()
})

test('other precincts find nothing, operators look, officers do neither', async () => {
  const plan = await planned({ unitIds: [units[1]], alternatives: 1 })
  const route = first(plan.routes)
  const doors: ['GET' | 'POST' | 'PUT', string, object?][] = [
    ['GET', `/route-plans/${plan.id}`],
    ['GET', `/planned-routes/${route.id}/line`],
    ['PUT', `/planned-routes/${route.id}/stops`, { pointIds: route.stops.map((stop) => stop.pointId) }],
    ['POST', `/planned-routes/${route.id}/assign`, {}],
    ['POST', `/planned-routes/${route.id}/withdraw`],
    ['POST', `/units/${units[0]}/replan`],
    ['POST', '/route-plans', orderOf()],
  ]
  for (const [method, url, payload] of doors) {
    expect((await ask('elsewhere', method, url, payload)).statusCode, url).toBe(404)
    expect((await ask('officer', method, url, payload)).statusCode, url).toBe(403)
    const seen = (await ask('operator', method, url, payload)).statusCode
    expect(seen, url).toBe(method === 'GET' ? 200 : 403)
  }
  for (const url of ['/route-plans', '/planned-routes']) {
    expect((await ask('elsewhere', 'GET', url)).body).not.toContain(route.id)
  }
  for (const kind of ['routes:plan', 'routes:replan']) {
    const input = { planId: plan.id, unitId: units[0], officerId: 1 }
    expect((await ask('dutyOfficer', 'POST', '/jobs', { kind, input })).statusCode).toBe(403)
  }
})

test('all stations that begin together are planned by one job, each with a plan of its own', async () => {
  const { starts } = (await ask('city', 'GET', '/planner')).json<PlannerChoices>()
  const startsAt = first(
    await city.db
      .execute<{ at: Date }>(sql`select starts_at as at from shift where id = ${shiftId}`)
      .then(({ rows }) => rows),
  ).at
  const start = starts.find((each) => each.startsAt === new Date(startsAt).toISOString())
  expect(start).toMatchObject({ stations: 1, units: 2 })
  const settings = {
    weights,
    line: 'variable',
    tolerancePercent: 5,
    visitSeconds: 300,
    closed: true,
    highRiskVisits: 1,
    gapMinutes: 60,
    iterations: 100,
  }
  const order = (values: object = {}) => ({
    kind: 'routes:city',
    input: { startsAt: start?.startsAt, precinctId: null, settings },
    ...values,
  })
  const run = async (values: object) => {
    const response = await ask('city', 'POST', '/jobs', order(values))
    expect(response.statusCode, response.body).toBe(202)
    const { id } = response.json<Job>()
    const job = await eventually(
      'the city',
      async () => {
        const known = (await ask('city', 'GET', `/jobs/${id}`)).json<Job>()
        return known.state === 'done' ? known : undefined
      },
      jobMs,
    )
    const { stations } = job.result as CityPlanResult
    expect(stations).toMatchObject([{ stationId: place.stationId, shiftId, problem: null, units: 2 }])
    const plan = (await ask('dutyOfficer', 'GET', `/route-plans/${stations[0]?.planId}`)).json<RoutePlan>()
    expect(plan).toMatchObject({ state: 'ready', progress: 1, travelSource: 'estimate' })
    return plan.routes.map((route) => route.stops.map((stop) => stop.pointId))
  }
  const routes = await run({ key: 'one', seed: 5 })
  expect(routes.length).toBe(2)
  expect(await run({ key: 'two', seed: 5 })).toEqual(routes)
  expect((await ask('dutyOfficer', 'POST', '/jobs', order())).statusCode).toBe(404)
  expect((await ask('operator', 'POST', '/jobs', order())).statusCode).toBe(403)
})

test('a plan that cannot be made says why', async () => {
  const startsAt = new Date(Date.now() + 3_600_000)
  const empty = await makePrecinct(city.db)
  const { shift } = await makeUnit(city.db, empty, [], {
    startsAt,
    endsAt: new Date(startsAt.getTime() + 3_600_000),
  })
  const order = orderOf({ shiftId: shift.id })
  const chief = await makeOfficer(city.db, empty, { roles: ['duty-officer'] })
  const { cookie } = await city.logIn(chief.id)
  const headers = { cookie, 'x-requested-with': 'patrol' }
  await city.app.inject({ method: 'POST', url: '/api/v1/route-plans', headers, payload: order })
  const failed = await eventually('the failure', async () => {
    const response = await city.app.inject({ method: 'GET', url: `/api/v1/route-plans/${order.id}`, headers })
    const plan = response.json<RoutePlan>()
    return plan.state === 'failed' ? plan : undefined
  })
  expect(failed.problem).toBe('no-points')
  const unknown = await ask('dutyOfficer', 'POST', '/route-plans', orderOf({ unitIds: [units[0], 999_999] }))
  expect(unknown.json<Problem>()).toMatchObject({ code: 'NOT_FOUND', field: 'body/unitIds/1' })
})
