import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Duty, Order, PlannedRoute } from '@patrol/contract'
import { eventually } from './build-app.ts'
import { centre, first, jobMs, startRouteWorld, type RouteWorld } from './route-world.ts'

let world: RouteWorld
beforeAll(async () => {
  world = await startRouteWorld()
})
afterAll(() => world.stop())

test('a unit that was diverted gets the rest of its route planned from where it is', async () => {
  const plan = await world.planned({ unitIds: [world.units[0]], alternatives: 1, goal: 'fixed-list' })
  const route = await world.assign(first(plan.routes))
  const done = first(route.stops).pointId
  await world.signAt(done)
  await world.city.db.execute(sql`
    update planned_route set starts_at = now() - interval '10 minutes' where id = ${route.id}`)
  const response = await world.ask('dutyOfficer', 'POST', `/units/${world.units[0]}/replan`)
  expect(response.statusCode, response.body).toBe(202)
  const routes = await eventually('the new route', async () => {
    const found = (await world.ask('operator', 'GET', '/planned-routes')).json<{ routes: PlannedRoute[] }>()
      .routes
    return found.some((each) => each.id !== route.id && each.unitId === world.units[0]) ? found : undefined
  })
  const anew = routes.find((each) => each.unitId === world.units[0])
  expect(anew?.stops.map((stop) => stop.pointId)).not.toContain(done)
  expect(anew?.stops).toHaveLength(route.stops.length - 1)
  expect(Date.parse(anew?.stops[0]?.arrivesAt ?? '')).toBeGreaterThan(Date.now())
  expect((await world.ask('officer', 'GET', '/duty')).json<Duty>().plannedRouteId).toBe(anew?.id)
  await world.city.db.execute(sql`delete from check_in where unit_id = ${world.units[0]}`)
})

test('rounds that are left stay rounds when the unit has just signed somewhere', async () => {
  // Of few points all rounds fit, those that are left too, whatever the traffic of the hour; of twelve it depends on it.
  const pointIds = world.points.slice(0, 4).map(({ id }) => id)
  const plan = await world.planned({ unitIds: [world.units[0]], alternatives: 1, pointIds })
  const route = await world.assign(first(plan.routes))
  const countVisits = ({ stops }: PlannedRoute) =>
    new Map([...Map.groupBy(stops, ({ pointId }) => pointId)].map(([id, { length }]) => [id, length]))
  const [planned, done] = [countVisits(route), first(route.stops).pointId]
  expect(planned.get(done)).toBeGreaterThan(1)
  await world.signAt(done)
  await world.city.db.execute(sql`
    update planned_route set starts_at = now() - interval '10 minutes' where id = ${route.id}`)
  await world.ask('dutyOfficer', 'POST', `/units/${world.units[0]}/replan`)
  const anew = await eventually(
    'the new route',
    async () => {
      const { routes } = (await world.ask('operator', 'GET', '/planned-routes')).json<{
        routes: PlannedRoute[]
      }>()
      return routes.find((each) => each.id !== route.id && each.unitId === world.units[0])
    },
    jobMs,
  )
  const left = countVisits(anew)
  for (const [point, visits] of planned) if (point !== done) expect(left.get(point)).toBe(visits)
  // It has its rest first: an hour, as the plan asks.
  const again = anew.stops.find(({ pointId }) => pointId === done)
  expect(Date.parse(again?.arrivesAt ?? '')).toBeGreaterThan(Date.now() + 3_500_000)
  await world.city.db.execute(sql`delete from check_in where unit_id = ${world.units[0]}`)
})

test('a unit that takes an order has the rest planned from there, and planned back once it is free', async () => {
  const plan = await world.planned({ unitIds: [world.units[0]], alternatives: 1 })
  const route = await world.assign(first(plan.routes))
  const followed = async () =>
    (await world.ask('dutyOfficer', 'GET', '/planned-routes'))
      .json<{ routes: PlannedRoute[] }>()
      .routes.find((each) => each.unitId === world.units[0])
  const sent = {
    id: randomUUID(),
    unitId: world.units[0],
    to: { title: '查處', lon: centre[0] + 0.02, lat: centre[1] },
  }
  const ordered = await world.ask('operator', 'POST', '/assignments', sent)
  expect(ordered.statusCode, ordered.body).toBe(200)
  const order = ordered.json<Order>()
  const answer = (act: string) =>
    world.ask('officer', 'POST', `/orders/${order.id}/answers`, {
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
    world.told.some(({ type, data }) => type === 'route:assigned' && data.id === away.id) ? true : undefined,
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
