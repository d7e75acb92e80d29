import { sql } from 'drizzle-orm'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Duty, DutyLine, PhoneNews, PlannedRoute, Problem, RouteLines } from '@patrol/contract'
import { road } from '@patrol/db'
import { makePoint, makePrecinct } from '@patrol/db/factories'
import { eventually } from './build-app.ts'
import { centre, first, startRouteWorld, type RouteWorld } from './route-world.ts'

let world: RouteWorld
beforeAll(async () => {
  world = await startRouteWorld()
})
afterAll(() => world.stop())

test('an assigned route is followed by the phone, in its order; another takes its place; screens hear of it', async () => {
  const plan = await world.planned({ unitIds: [world.units[0]], alternatives: 2 })
  const [proposed, other] = plan.routes
  if (proposed === undefined || other === undefined) throw new Error('There are too few alternatives.')
  const phone = io(`${world.city.origin}/phone`, {
    transports: ['websocket'],
    extraHeaders: { cookie: world.cookies.officer },
    forceNew: true,
  })
  const heard: string[] = []
  phone.on('news', ({ what }: PhoneNews) => heard.push(...what))
  await new Promise((resolve) => phone.once('connect', () => resolve(null)))
  const route = await world.assign(proposed)
  await eventually('the phone to hear of its route', async () => (heard.includes('duty') ? true : undefined))
  phone.disconnect()
  expect(route).toMatchObject({ state: 'assigned', unitId: world.units[0] })
  expect(await world.assign(proposed)).toEqual(route)
  const duty = (await world.ask('officer', 'GET', '/duty')).json<Duty>()
  expect(duty.plannedRouteId).toBe(route.id)
  expect(duty.points.map(({ id }) => id)).toEqual([...new Set(route.stops.map((stop) => stop.pointId))])
  expect(duty.points[0]?.plannedAt).toBe(route.stops[0]?.arrivesAt)
  expect(
    (await world.ask('operator', 'GET', '/planned-routes')).json<{ routes: PlannedRoute[] }>().routes,
  ).toEqual([route])

  await world.assign(other)
  expect((await world.ask('officer', 'GET', '/duty')).json<Duty>().plannedRouteId).toBe(other.id)
  const settled = await world.ask('dutyOfficer', 'POST', `/planned-routes/${route.id}/assign`, {})
  expect(settled.json<Problem>().code).toBe('PLANNED_ROUTE_SETTLED')
  await eventually('the events', () =>
    world.told.filter(({ type }) => type === 'route:assigned').length >= 2 ? true : undefined,
  )
  const { rows } = await world.city.db.execute(
    sql`select 1 from audit where subject = ${`planned-route:${other.id}`}`,
  )
  expect(rows).toHaveLength(1)
  const next = await world.planned({ unitIds: [world.units[0]], alternatives: 1 })
  // Nothing has been driven in an earlier shift, so an observer knows nothing yet.
  expect(first(next.routes).predictability).toBeNull()

  await world.ask('dutyOfficer', 'POST', `/planned-routes/${other.id}/withdraw`)
  expect((await world.ask('officer', 'GET', '/duty')).json<Duty>().plannedRouteId).toBeNull()
})

test('a round that is driven twice is followed visit by visit', async () => {
  // A list is visited once; of another plan the second round is what is left over after the first.
  const plan = await world.planned({ unitIds: [world.units[0]], alternatives: 1 })
  const route = await world.assign(first(plan.routes))
  const visited = first(route.stops).pointId
  const visits = route.stops.filter((stop) => stop.pointId === visited)
  expect(visits.length).toBeGreaterThan(1)
  const [once, twice] = visits.map(({ arrivesAt }) => Date.parse(arrivesAt))
  expect((twice ?? 0) - (once ?? 0)).toBeGreaterThanOrEqual(3_600_000)
  const ofVisited = async () => {
    const { done, due, points: shown } = (await world.ask('officer', 'GET', '/duty')).json<Duty>()
    return { done, due, point: shown.find(({ id }) => id === visited) }
  }
  expect(await ofVisited()).toMatchObject({
    done: 0,
    due: route.stops.length,
    point: { plannedAt: visits[0]?.arrivesAt, visitedAt: null },
  })
  await world.city.db.execute(sql`
    update planned_stop set arrives_at = arrives_at - ${visits[0]?.arrivesAt}::timestamptz + now()
    where planned_route_id = ${route.id}`)
  await world.signAt(visited)
  const after = await ofVisited()
  expect(after).toMatchObject({ done: 1, due: route.stops.length, point: { visitedAt: null } })
  expect(Date.parse(after.point?.plannedAt ?? '')).toBeGreaterThan(Date.now() + 3_000_000)
  await world.city.db.execute(sql`delete from check_in where unit_id = ${world.units[0]}`)

  // Who missed the first round and comes at the time of the second was there once, not twice.
  await world.city.db.execute(sql`
    update planned_stop set arrives_at = arrives_at - make_interval(secs => ${((twice ?? 0) - (once ?? 0)) / 1_000})
    where planned_route_id = ${route.id}`)
  await world.signAt(visited)
  expect(await ofVisited()).toMatchObject({ done: 1, due: route.stops.length })
  await world.city.db.execute(sql`delete from check_in where unit_id = ${world.units[0]}`)
  await world.ask('dutyOfficer', 'POST', `/planned-routes/${route.id}/withdraw`)
})

test('stops are put into another order, left out and taken in, and the times follow', async () => {
  const plan = await world.planned({
    unitIds: [world.units[1]],
    alternatives: 1,
    goal: 'fixed-list',
    fixedPointIds: [world.points[3]?.id],
  })
  const route = first(plan.routes)
  const before = route.stops.map((stop) => stop.pointId)
  expect(route.stops.find((stop) => stop.fixed)?.pointId).toBe(world.points[3]?.id)
  const pointIds = [...before.slice(2), ...before.slice(0, 1)]
  const edit = async (ids: readonly (number | undefined)[]) =>
    world.ask('dutyOfficer', 'PUT', `/planned-routes/${route.id}/stops`, { pointIds: ids })
  const edited = (await edit(pointIds)).json<PlannedRoute>()
  expect(edited.stops.map((stop) => stop.pointId)).toEqual(pointIds)
  const times = edited.stops.map((stop) => Date.parse(stop.arrivesAt))
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  expect(edited.score).toBeLessThan(route.score)
  const missing = before[1]
  expect((await edit([...pointIds, missing])).json<PlannedRoute>().score).toBeCloseTo(route.score, 3)
  const stranger = await makePoint(world.city.db, await makePrecinct(world.city.db))
  const refused = await edit([...pointIds, stranger.point.id])
  expect(refused.json<Problem>()).toMatchObject({
    code: 'PATROL_POINT_UNKNOWN',
    field: `/pointIds/${pointIds.length}`,
  })
  const { legs } = await readLine(route.id)
  expect(legs.map(({ onRoad }) => onRoad)).toEqual(Array(pointIds.length + 2).fill(false))
})

test('a longer stay goes with its visit when stops change places', async () => {
  const plan = await world.planned({ unitIds: [world.units[1]], alternatives: 1, goal: 'fixed-list' })
  const route = first(plan.routes)
  const stays = route.stops.at(3)?.pointId
  await world.city.db.execute(sql`
    update planned_stop set service_seconds = case patrol_point_id when ${stays} then 900 else 300 end
    where planned_route_id = ${route.id}`)
  const ids = route.stops.map((stop) => stop.pointId)
  const pointIds = [...ids.slice(3, 4), ...ids.slice(0, 3), ...ids.slice(4)]
  const url = `/planned-routes/${route.id}/stops`
  const { stops } = (await world.ask('dutyOfficer', 'PUT', url, { pointIds })).json<PlannedRoute>()
  expect(stops.map(({ pointId, serviceSeconds }) => [pointId, serviceSeconds])).toEqual(
    pointIds.map((id) => [id, id === stays ? 900 : 300]),
  )
  const [stayed, next] = stops.map(({ arrivesAt }) => Date.parse(arrivesAt))
  expect((next ?? 0) - (stayed ?? 0)).toBeGreaterThan(900_000)
})

test('where roads are imported routes are drawn along them: for consoles, and for the phone that follows', async () => {
  const [west, east, south, north] = [
    centre[0] - 0.012,
    centre[0] + 0.012,
    centre[1] - 0.012,
    centre[1] + 0.012,
  ]
  const corners = [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
  ]
  // A ring of one-ways round all points, driven against the clock.
  await world.city.db.insert(road).values(
    corners.map((from, i) => ({
      wayId: i + 1,
      fromNode: i + 1,
      toNode: ((i + 1) % 4) + 1,
      roadClass: 'secondary',
      oneway: true,
      lengthMeters: 2_500,
      line: JSON.stringify({ type: 'LineString', coordinates: [from, corners[(i + 1) % 4]] }),
    })),
  )
  const plan = await world.planned({ unitIds: [world.units[0]], alternatives: 1, goal: 'fixed-list' })
  const route = await world.assign(first(plan.routes))
  const { legs } = await readLine(route.id)
  expect(legs).toHaveLength(route.stops.length + 1)
  expect(legs.some(({ line, onRoad }) => onRoad && line.length > 3)).toBe(true)
  const ends = legs.map(({ line }) => line.at(-1)?.map((degrees) => degrees.toFixed(4)))
  expect(ends.slice(0, -1)).toEqual(
    route.stops.map(({ lon, lat }) => [lon, lat].map((each) => each.toFixed(4))),
  )
  for (const { line } of legs.filter(({ onRoad }) => onRoad)) {
    // The corners of the ring are passed in its direction.
    const passed = line.flatMap(([lon, lat]) => {
      const at = corners.findIndex(([x = 0, y = 0]) => Math.hypot(lon - x, lat - y) < 1e-4)
      return at < 0 ? [] : [at]
    })
    passed.slice(1).forEach((at, i) => expect(at).toBe(((passed[i] ?? 0) + 1) % 4))
  }
  const ask = async (who: 'operator' | 'elsewhere', url: string) =>
    (await world.ask(who, 'GET', url)).json<{ lines: object[] }>()
  expect((await ask('operator', '/planned-routes/lines')).lines).toEqual([{ id: route.id, legs }])
  expect((await ask('elsewhere', '/planned-routes/lines')).lines).toEqual([])
  expect((await readDutyLine()).legs).toEqual(legs)

  const pointIds = route.stops.map((stop) => stop.pointId).toReversed()
  await world.ask('dutyOfficer', 'PUT', `/planned-routes/${route.id}/stops`, { pointIds })
  const edited = await readLine(route.id)
  expect(edited.legs).toHaveLength(legs.length)
  expect(edited).not.toEqual({ legs })
  await world.ask('dutyOfficer', 'POST', `/planned-routes/${route.id}/withdraw`)
  expect(await readDutyLine()).toEqual({ version: null, legs: [] })
})

test('an edit that leaves every point where it is visited next is another version all the same; a visit is not', async () => {
  const plan = await world.planned({ unitIds: [world.units[0]], alternatives: 1, goal: 'fixed-list' })
  const route = await world.assign(first(plan.routes))
  const [a, b, c] = route.stops.map(({ pointId }) => pointId)
  const put = async (pointIds: unknown[]) => {
    const url = `/planned-routes/${route.id}/stops`
    expect((await world.ask('dutyOfficer', 'PUT', url, { pointIds })).statusCode).toBe(200)
    return readDuty()
  }
  const before = await put([a, b, c, a])
  expect((await readDutyLine()).version).toBe(before.plannedRouteVersion)
  const after = await put([a, b, a, c])
  expect(after.points.map(({ id }) => id)).toEqual(before.points.map(({ id }) => id))
  expect(after.plannedRouteVersion).not.toBe(before.plannedRouteVersion)
  await world.signAt(a ?? 0)
  const signed = await readDuty()
  expect(signed).toMatchObject({ done: 1, plannedRouteVersion: after.plannedRouteVersion })
  expect((await readDutyLine()).version).toBe(after.plannedRouteVersion)
  await world.city.db.execute(sql`delete from check_in where unit_id = ${world.units[0]}`)
})

test('a route of more than sixty stops comes to the phone whole, and counts whole', async () => {
  const plan = await world.planned({ unitIds: [world.units[0]], alternatives: 1, goal: 'fixed-list' })
  const route = await world.assign(first(plan.routes))
  const { version } = await readDutyLine()
  const { db } = world.city
  const elsewhere = await makePrecinct(db)
  const more: number[] = []
  for (let n = 0; n < 60; n++) more.push((await makePoint(db, elsewhere)).point.id)
  await db.execute(sql`
    insert into planned_stop (planned_route_id, sequence, patrol_point_id, arrives_at, service_seconds, score)
    select ${route.id}, 100 + nr, id, now(), 300, 1
    from unnest(${sql.param(more)}::int[]) with ordinality as point(id, nr)`)
  const { points, due, plannedRouteVersion } = await readDuty()
  expect(points.map(({ id }) => id)).toEqual([...route.stops.map(({ pointId }) => pointId), ...more])
  expect(due).toBe(route.stops.length + more.length)
  expect(plannedRouteVersion).not.toBe(version)
})

const readDuty = async () => (await world.ask('officer', 'GET', '/duty')).json<Duty>()
const readDutyLine = async () => (await world.ask('officer', 'GET', '/duty/line')).json<DutyLine>()

const readLine = async (routeId: string) =>
  (await world.ask('operator', 'GET', `/planned-routes/${routeId}/line`)).json<RouteLines>()
