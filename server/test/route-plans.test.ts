import { afterAll, beforeAll, expect, test } from 'vitest'
import { sql } from 'drizzle-orm'
import type { CityPlanResult, Job, PlannerChoices, Problem, RoutePlan } from '@patrol/contract'
import { makeOfficer, makePrecinct, makeUnit } from '@patrol/db/factories'
import { eventually } from './build-app.ts'
import { first, jobMs, startRouteWorld, weights, type RouteWorld } from './route-world.ts'

let world: RouteWorld
beforeAll(async () => {
  world = await startRouteWorld()
})
afterAll(() => world.stop())

test('the planner offers the shifts of one’s own stations, with their units', async () => {
  const choices = (
    await world.ask('dutyOfficer', 'GET', `/planner?stationId=${world.place.stationId}`)
  ).json<PlannerChoices>()
  expect(choices.stations.map(({ id }) => id)).toEqual([world.place.stationId])
  expect(choices.shifts).toMatchObject([{ id: world.shiftId }])
  expect(new Set(choices.shifts[0]?.units.map(({ id }) => id))).toEqual(new Set(world.units))
  const elsewhere = (
    await world.ask('elsewhere', 'GET', `/planner?stationId=${world.place.stationId}`)
  ).json<PlannerChoices>()
  expect(elsewhere.shifts).toEqual([])
})

test('a plan has alternatives for each unit, within the allowance, and the same seed gives the same', async () => {
  // Both in the same quarter of an hour, from which a shift that has begun is planned.
  const [plan, again] = await Promise.all([world.planned({ seed: 4 }), world.planned({ seed: 4 })])
  expect(plan).toMatchObject({ state: 'ready', travelSource: 'estimate', problem: null, progress: 1 })
  expect(plan.routes.length).toBe(6)
  for (const route of plan.routes) {
    expect(world.units).toContain(route.unitId)
    expect(route.costRatio).toBeLessThanOrEqual(1.0501)
    expect(route.stops.length).toBeGreaterThan(0)
    expect(route.match?.total).toBeGreaterThan(0)
    expect(route.predictability).toBeNull()
  }
  for (const route of plan.routes)
    expect(Date.parse(route.startsAt)).toBeGreaterThanOrEqual(Date.now() - 60_000)
  const shape = (each: RoutePlan) => each.routes.map((route) => route.stops.map((stop) => stop.pointId))
  expect(shape(again)).toEqual(shape(plan))
  const repeated = await world.ask('dutyOfficer', 'POST', '/route-plans', { ...plan.request })
  expect(repeated.json<RoutePlan>()).toEqual(plan)
})

test('what an observer saw in earlier shifts shows in the predictability, and lines take turns', async () => {
  const driven = await world.planned({ unitIds: [world.units[0]], alternatives: 1 })
  await world.assign(first(driven.routes))
  const startsAt = new Date(Date.now() + 20 * 3_600_000)
  const later = await makeUnit(world.city.db, world.place, [], {
    startsAt,
    endsAt: new Date(startsAt.getTime() + 4 * 3_600_000),
  })
  const plan = await world.planned({ shiftId: later.shift.id, line: 'alternate', alternatives: 1 })
  expect(first(plan.routes)).toMatchObject({ line: 'fixed' })
  expect(first(plan.routes).predictability).not.toBeNull()
})

test('other precincts find nothing, operators look, officers do neither', async () => {
  const plan = await world.planned({ unitIds: [world.units[1]], alternatives: 1 })
  const route = first(plan.routes)
  const doors: ['GET' | 'POST' | 'PUT', string, object?][] = [
    ['GET', `/route-plans/${plan.id}`],
    ['GET', `/planned-routes/${route.id}/line`],
    ['PUT', `/planned-routes/${route.id}/stops`, { pointIds: route.stops.map((stop) => stop.pointId) }],
    ['POST', `/planned-routes/${route.id}/assign`, {}],
    ['POST', `/planned-routes/${route.id}/withdraw`],
    ['POST', `/units/${world.units[0]}/replan`],
    ['POST', '/route-plans', world.orderOf()],
  ]
  for (const [method, url, payload] of doors) {
    expect((await world.ask('elsewhere', method, url, payload)).statusCode, url).toBe(404)
    expect((await world.ask('officer', method, url, payload)).statusCode, url).toBe(403)
    const seen = (await world.ask('operator', method, url, payload)).statusCode
    expect(seen, url).toBe(method === 'GET' ? 200 : 403)
  }
  for (const url of ['/route-plans', '/planned-routes']) {
    expect((await world.ask('elsewhere', 'GET', url)).body).not.toContain(route.id)
  }
  for (const kind of ['routes:plan', 'routes:replan']) {
    const input = { planId: plan.id, unitId: world.units[0], officerId: 1 }
    expect((await world.ask('dutyOfficer', 'POST', '/jobs', { kind, input })).statusCode).toBe(403)
  }
})

test('all stations that begin together are planned by one job, each with a plan of its own', async () => {
  const { starts } = (await world.ask('city', 'GET', '/planner')).json<PlannerChoices>()
  const startsAt = first(
    await world.city.db
      .execute<{ at: Date }>(sql`select starts_at as at from shift where id = ${world.shiftId}`)
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
    const response = await world.ask('city', 'POST', '/jobs', order(values))
    expect(response.statusCode, response.body).toBe(202)
    const { id } = response.json<Job>()
    const job = await eventually(
      'the city',
      async () => {
        const known = (await world.ask('city', 'GET', `/jobs/${id}`)).json<Job>()
        return known.state === 'done' ? known : undefined
      },
      jobMs,
    )
    const { stations } = job.result as CityPlanResult
    expect(stations).toMatchObject([
      { stationId: world.place.stationId, shiftId: world.shiftId, problem: null, units: 2 },
    ])
    const plan = (
      await world.ask('dutyOfficer', 'GET', `/route-plans/${stations[0]?.planId}`)
    ).json<RoutePlan>()
    expect(plan).toMatchObject({ state: 'ready', progress: 1, travelSource: 'estimate' })
    return plan.routes.map((route) => route.stops.map((stop) => stop.pointId))
  }
  const routes = await run({ key: 'one', seed: 5 })
  expect(routes.length).toBe(2)
  expect(await run({ key: 'two', seed: 5 })).toEqual(routes)
  expect((await world.ask('dutyOfficer', 'POST', '/jobs', order())).statusCode).toBe(404)
  expect((await world.ask('operator', 'POST', '/jobs', order())).statusCode).toBe(403)
})

test('a plan that cannot be made says why', async () => {
  const startsAt = new Date(Date.now() + 3_600_000)
  const empty = await makePrecinct(world.city.db)
  const { shift } = await makeUnit(world.city.db, empty, [], {
    startsAt,
    endsAt: new Date(startsAt.getTime() + 3_600_000),
  })
  const order = world.orderOf({ shiftId: shift.id })
  const chief = await makeOfficer(world.city.db, empty, { roles: ['duty-officer'] })
  const { cookie } = await world.city.logIn(chief.id)
  const headers = { cookie, 'x-requested-with': 'patrol' }
  await world.city.app.inject({ method: 'POST', url: '/api/v1/route-plans', headers, payload: order })
  const failed = await eventually('the failure', async () => {
    const response = await world.city.app.inject({
      method: 'GET',
      url: `/api/v1/route-plans/${order.id}`,
      headers,
    })
    const plan = response.json<RoutePlan>()
    return plan.state === 'failed' ? plan : undefined
  })
  expect(failed.problem).toBe('no-points')
  const unknown = await world.ask(
    'dutyOfficer',
    'POST',
    '/route-plans',
    world.orderOf({ unitIds: [world.units[0], 999_999] }),
  )
  expect(unknown.json<Problem>()).toMatchObject({ code: 'NOT_FOUND', field: 'body/unitIds/1' })
})
