import { randomUUID } from 'node:crypto'
import { inTransaction, patrolRoute, patrolRouteStop, type Db } from '@patrol/db'
import { newUuidV7 } from '@patrol/db/factories'
import { seedCity } from '@patrol/db/seed'
import { sql } from 'drizzle-orm'
import { expect } from 'vitest'
import { reportIncident } from '../../src/incident/report-incident.ts'
import { hashPassword } from '../../src/organisation/password.ts'
import { materialiseWindows } from '../../src/window/materialise-windows.ts'
import { sweepWindows } from '../../src/window/sweep-windows.ts'
import type { TestCity } from '../build-app.ts'

export type DemoCity = Awaited<ReturnType<typeof furnishDemoCity>>

/** A unit on duty with a phone: who logs in there, and a point near by that is due. */
export interface DemoUnit {
  id: number
  callSign: string
  precinctId: number
  stationId: number
  lon: number
  lat: number
  account: { id: number; login: string; password: string }
}

const password = 'Patrol-2026-journey'

/**
 * The whole demonstration city on an ordinary evening: every unit on duty has a place, the first units of it drove for half an
 * hour (with a gap of five minutes), and at the two units of one station something is due.
 */
export async function furnishDemoCity(city: TestCity) {
  const { db } = city
  const passwordHash = await hashPassword(password)
  await seedCity(db, {
    now: new Date(),
    secret: Buffer.alloc(32, 1),
    keyVersion: 1,
    passwordHashes: new Map(['operator', 'duty', 'admin'].map((login) => [login, passwordHash])),
  })
  await placeUnits(db)
  const units = await pickUnits(db, passwordHash)
  await makeDue(db, units[0].stationId)
  await materialiseWindows(db)
  await sweepWindows(db)
  await driveHalfAnHour(db)
  return { units, password, dutyOfficer: { login: 'duty', password } }
}

async function placeUnits(db: Db): Promise<void> {
  await db.execute(sql`
    insert into unit_position (unit_id, precinct_id, station_id, lon, lat, heading_degrees, recorded_at)
    select u.id, u.precinct_id, u.station_id, st_x(p.position), st_y(p.position), (u.id * 47) % 360,
      city_now() - (u.id % 90) * interval '1 second'
    from unit u join shift s on s.id = u.shift_id join lateral (
      select position from patrol_point where station_id = u.station_id order by md5(id::text || u.id) limit 1) p on true
    where s.starts_at <= city_now() and s.ends_at > city_now()`)
}

/** Two units of one station, each with an officer who can log in. */
async function pickUnits(db: Db, passwordHash: string): Promise<[DemoUnit, DemoUnit]> {
  const { rows } = await db.execute<Omit<DemoUnit, 'account'> & { officerId: number; login: string }>(sql`
    select distinct on (u.id) u.id, u.call_sign as "callSign", u.precinct_id as "precinctId",
      u.station_id as "stationId", at.lon, at.lat, o.id as "officerId", o.login
    from unit u join shift s on s.id = u.shift_id join unit_member m on m.unit_id = u.id
      join officer o on o.id = m.officer_id join unit_position at on at.unit_id = u.id
    where s.starts_at <= city_now() and s.ends_at > city_now() and u.station_id = (
      select u.station_id from unit u join shift s on s.id = u.shift_id join organisation st on st.id = u.station_id
      where s.starts_at <= city_now() and s.ends_at > city_now() and st.code like 'P01-%'
      group by 1 having count(*) > 1 order by 1 limit 1)
    order by u.id, o.id`)
  const [first, second] = rows.map(({ officerId, login, ...unit }) => ({
    ...unit,
    account: { id: officerId, login, password },
  }))
  if (!first || !second) throw new Error('No station has two units on duty.')
  for (const { account } of [first, second])
    await db.execute(sql`update officer set password_hash = ${passwordHash} where id = ${account.id}`)
  return [first, second]
}

/** At any hour something must be due: each point of the station, from the last hour on. */
async function makeDue(db: Db, stationId: number): Promise<void> {
  const taipei = new Date(Date.now() + 8 * 3_600_000)
  const minute = taipei.getUTCHours() * 60 + taipei.getUTCMinutes()
  await db.execute(sql`
    insert into window_rule (patrol_point_id, start_minute, duration_minutes, valid_from)
    select id, ${Math.max(0, minute - 60)}, 180, '2020-01-01' from patrol_point where station_id = ${stationId}`)
}

/** The ways of the first sixty units, to where they are now; from the tenth to the fifteenth minute nobody heard of them. */
async function driveHalfAnHour(db: Db): Promise<void> {
  for (const ms of [Date.now() - 1_800_000, Date.now()]) {
    const day = new Date(ms).toISOString().slice(0, 10)
    await db.execute(sql`select ensure_breadcrumb_partition(${day}::date)`)
  }
  await db.execute(sql`
    insert into breadcrumb (officer_id, recorded_at, unit_id, received_at, lon, lat)
    select m.officer_id, at.recorded_at - s * interval '1 second', at.unit_id, now(),
      at.lon - s * 0.00001 * cos(at.unit_id), at.lat - s * 0.00001 * sin(at.unit_id)
    from (select * from unit_position order by unit_id limit 60) at
      join lateral (select officer_id from unit_member where unit_id = at.unit_id order by 1 limit 1) m on true
      cross join generate_series(0, 1795, 5) s
    where s not between 900 and 1200`)
}

/** Points of a route made here. */
export const routeLength = 3

/** A fixed route that the unit has from now on. */
export async function giveRoute(db: Db, unit: DemoUnit, name: string): Promise<void> {
  const { precinctId, stationId } = unit
  const { rows } = await db.execute<{ id: number }>(sql`
    select id from patrol_point where station_id = ${stationId} order by id limit ${routeLength}`)
  const [route] = await db
    .insert(patrolRoute)
    .values({ code: randomUUID(), name, precinctId, stationId })
    .returning()
  for (const [i, { id }] of rows.entries())
    await db
      .insert(patrolRouteStop)
      .values({ patrolRouteId: route?.id ?? 0, sequence: i + 1, patrolPointId: id })
  await db.execute(sql`update unit set patrol_route_id = ${route?.id ?? null} where id = ${unit.id}`)
}

/** An officer of the unit signs at the next point of the station that is due. @returns the check-in's id and the point's name */
export async function checkInAtDuePoint(city: TestCity, unit: DemoUnit) {
  const { rows } = await city.db.execute<{ opaque_id: string; lon: number; lat: number; name: string }>(sql`
    select t.opaque_id, st_x(p.position) as lon, st_y(p.position) as lat, p.name
    from patrol_window w join patrol_point p on p.id = w.patrol_point_id join tag t on t.patrol_point_id = p.id
    where w.station_id = ${unit.stationId} and w.state = 'open' and w.required_count = 1
      -- One visit settles every window that is open there: here it must be one.
      and not exists (select 1 from patrol_window o
        where o.patrol_point_id = p.id and o.id <> w.id and o.state in ('open', 'grace')) order by w.id limit 1`)
  const point = rows[0]
  if (!point) throw new Error('Nothing is due there.')
  const now = new Date().toISOString()
  const response = await city.app.inject({
    method: 'POST',
    url: '/api/v1/check-ins',
    headers: { cookie: (await city.logIn(unit.account.id)).cookie, 'x-requested-with': 'patrol' },
    payload: {
      id: newUuidV7(),
      act: 'check-in',
      role: 'patrol',
      proof: { kind: 'qr', code: city.codeOf({ opaqueId: BigInt(point.opaque_id), keyVersion: 1 }) },
      checkedInAt: now,
      clock: { deviceAt: now, monotonicMs: 0, beacon: null },
      position: { lon: point.lon, lat: point.lat, accuracyMeters: 6, fixedAt: now },
    },
  })
  expect(response.json().results).toMatchObject([{ stored: true }])
  return { id: String(response.json().results[0].id), name: point.name }
}

/** A 110 call near a unit. */
export async function callIn(db: Db, near: DemoUnit, category: string, address: string): Promise<void> {
  const { lon, lat } = near
  const report = { source: '110' as const, externalId: randomUUID(), occurredAt: new Date().toISOString() }
  await inTransaction(db, (tx) =>
    reportIncident(tx, { ...report, category, priority: 1, lon: lon + 0.0002, lat, address }, new Date()),
  )
}

/** As before the first call: no alert stands, no unit holds an order. For screens that are opened afterwards. */
export async function clearDesk(db: Db): Promise<void> {
  await db.execute(sql`update alert set state = 'closed'`)
  await db.execute(sql`update assignment set state = 'cancelled' where state not in ('cleared', 'cancelled')`)
}
