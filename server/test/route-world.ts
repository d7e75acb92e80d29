import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { pino } from 'pino'
import { expect } from 'vitest'
import type { PlannedRoute, RoutePlan } from '@patrol/contract'
import { connect, unit as unitTable } from '@patrol/db'
import {
  makeDepartment,
  makeOfficer,
  makePoint,
  makePrecinct,
  makeUnit,
  newUuidV7,
} from '@patrol/db/factories'
import { startJobs } from '../src/jobs/run-jobs.ts'
import { eventually, startTestCity } from './build-app.ts'

/** Threads of jobs have the lowest priority: on a busy machine they wait. */
export const jobMs = 30_000
export const weights = { hotspot: 1, windows: 1, overdue: 1, campaign: 1, visibility: 1 }
export const centre = [120.2, 23] as const

export type RouteWorld = Awaited<ReturnType<typeof startRouteWorld>>

/** A city with a worker: a station with twelve points around it and two units; another precinct that must see nothing of it. */
export async function startRouteWorld() {
  const city = await startTestCity()
  const workerDb = connect(city.env.databaseUrl, { max: 6, name: 'test worker' })
  const worker = startJobs({ db: workerDb, env: city.env, log: pino({ level: 'silent' }) })
  const { db } = city
  const place = await makePrecinct(db, { position: [...centre] })
  const points: { id: number }[] = []
  for (let i = 0; i < 12; i++) {
    const turn = (2 * Math.PI * i) / 12
    const position: [number, number] = [centre[0] + 0.01 * Math.cos(turn), centre[1] + 0.01 * Math.sin(turn)]
    points.push((await makePoint(db, place, { position, priority: i === 0 ? 1 : 2 })).point)
  }
  const officer = await makeOfficer(db, place)
  const first = await makeUnit(db, place, [officer.id])
  const shiftId = first.shift.id
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
  const units: [number, number] = [first.unit.id, second?.id ?? 0]
  const nobody = { precinctId: null, stationId: null }
  const logIn = async (role: 'duty-officer' | 'operator', organisationId: number) =>
    (await city.logIn((await makeOfficer(db, nobody, { roles: [role], organisationId })).id)).cookie
  const other = await makePrecinct(db)
  const department = await makeDepartment(db)
  const cookies = {
    dutyOfficer: await logIn('duty-officer', place.stationId),
    operator: await logIn('operator', place.precinctId),
    city: await logIn('duty-officer', department.id),
    elsewhere: await logIn('duty-officer', other.precinctId),
    officer: (await city.logIn(officer.id)).cookie,
  }
  const told: { type: string; data: PlannedRoute }[] = []
  const screen = city.openScreen(cookies.operator)
  screen.on('frame', ({ events }: { events: typeof told }) => told.push(...events))
  await new Promise((resolve) => screen.once('connect', () => resolve(null)))

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
    const { rows } = await db.execute<{ officer_id: number }>(
      sql`select officer_id from unit_member where unit_id = ${units[0]}`,
    )
    await db.execute(sql`
      insert into check_in (id, officer_id, unit_id, patrol_point_id, precinct_id, station_id, proof_kind, act, role,
        claimed_at, received_at, checked_in_at, verdict, fulfils, reasons, raw, content_hash)
      values (${newUuidV7()}, ${rows[0]?.officer_id}, ${units[0]}, ${pointId}, ${place.precinctId}, ${place.stationId}, 'qr',
        'check-in', 'patrol', now(), now(), now(), 'accepted', 'yes', '[]', '{}', '\\x00')`)
  }

  return {
    city,
    place,
    points,
    shiftId,
    units,
    cookies,
    /** What the operator's screen heard. */
    told,
    ask,
    orderOf,
    planned,
    assign,
    signAt,
    async stop() {
      await worker.stop()
      await workerDb.$client.end()
      await city.stop()
    },
  }
}

export function first<T>(values: readonly T[]): T {
  const [value] = values
  if (value === undefined) throw new Error('There is none.')
  return value
}
