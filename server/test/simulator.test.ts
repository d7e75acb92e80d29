import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seedCity } from '@patrol/db/seed'
import { readCityTime, setClock } from '../src/cli/demo/set-clock.ts'
import { openSimulatedSessions, openSwitchboardSession, readCodes } from '../src/cli/demo/simulator-input.ts'
import { startSimulator, type Simulator } from '../src/cli/demo/start-simulator.ts'
import { materialiseWindows } from '../src/window/materialise-windows.ts'
import { sweepWindows } from '../src/window/sweep-windows.ts'
import { startTestCity, type TestCity } from './build-app.ts'

const root = join(import.meta.dirname, '../..')
let city: TestCity
let simulator: Simulator | undefined

beforeAll(async () => {
  city = await startTestCity()
  // Ten in the morning, whatever the hour: a city at night has less to do.
  await city.db.$client.query(
    `insert into clock (id, real_at, city_at, speed) values (1, clock_timestamp(), '2026-11-23T02:00:00Z', 60)`,
  )
  await setClock(city.db, 60)
  const now = await readCityTime(city.db)
  const keyVersion = Math.max(...city.env.tagKeys.keys())
  await seedCity(city.db, { now, secret: Buffer.alloc(32, 3), keyVersion })
  await materialiseWindows(city.db)
  await sweepWindows(city.db)
  // The server reads the city's clock at its start.
  await city.restart(async () => undefined)
  simulator = startSimulator(root, {
    origin: city.origin,
    cookieName: 'patrol',
    databaseUrl: city.env.databaseUrl,
    units: 120,
    certFile: null,
    input: {
      tokens: await openSimulatedSessions(city.db),
      codes: await readCodes(city.db, city.env.tagKeys),
      switchboard: await openSwitchboardSession(city.db),
    },
    log: (line) => console.error(line),
  })
})
afterAll(async () => {
  await simulator?.stop()
  await city.stop()
})

async function first<T extends Record<string, unknown>>(text: string): Promise<T> {
  const { rows } = await city.db.$client.query<T>(text)
  const row = rows[0]
  if (row === undefined) throw new Error('No row.')
  return row
}

test('simulated patrols move along, check in and fulfil windows, through the public doors alone', async () => {
  // The test's own time limit ends it when nothing comes.
  for (;;) {
    const { visits, moved } = await first<{ visits: number; moved: number }>(
      `select (select count(*)::int from check_in where verdict = 'accepted') as visits,
         (select count(*)::int from unit_position) as moved`,
    )
    if (visits >= 20 && moved >= 100) break
    await sleep(250)
  }
  const { forged, unwanted } = await first<{ forged: number; unwanted: number }>(
    `select count(*) filter (where verdict = 'rejected')::int as forged,
       count(*) filter (where verdict = 'needs-review')::int as unwanted from check_in`,
  )
  // A few tricks belong to the game; a simulator whose honest officers are doubted would be wrong somewhere.
  expect(forged + unwanted).toBeLessThan(10)
  const { fulfilled } = await first<{ fulfilled: number }>(
    `select count(*)::int as fulfilled from patrol_window where state = 'fulfilled'`,
  )
  expect(fulfilled).toBeGreaterThanOrEqual(15)
  const { tracks } = await first<{ tracks: number }>(
    `select count(*)::int as tracks from (select from breadcrumb group by unit_id having count(*) > 5) as long`,
  )
  expect(tracks).toBeGreaterThan(10)
}, 120_000)

test('110 calls come in, units are sent, drive there, say that they are there, and clear', async () => {
  const far = new Map<string, number>()
  // The test's own time limit ends it when nothing comes.
  for (;;) {
    const { rows } = await city.db.$client.query<{ id: string; state: string; metres: number }>(
      `select a.id, a.state, st_distance(a.position::geography, st_setsrid(st_makepoint(u.lon, u.lat), 4326)::geography) as metres
       from assignment a join unit_position u using (unit_id)`,
    )
    for (const { id, state, metres } of rows) {
      if (state === 'accepted' || state === 'ordered') far.set(id, Math.max(metres, far.get(id) ?? 0))
      // At sixty times the speed a position is a few seconds old, and a car has gone on for a minute.
      if (state === 'on-scene') expect(metres).toBeLessThan(800)
    }
    const cleared = rows.filter(({ state }) => state === 'cleared')
    if (cleared.some(({ id }) => (far.get(id) ?? 0) > 0)) break
    await sleep(250)
  }
  const { stamped } = await first<{ stamped: number }>(
    `select count(*)::int as stamped from assignment where state = 'cleared'
       and accepted_at > ordered_at and on_scene_at > en_route_at and cleared_at > on_scene_at`,
  )
  expect(stamped).toBeGreaterThan(0)
}, 120_000)

test('an order whose unit goes off duty is taken back, and somebody else is sent', async () => {
  let left: string | undefined
  while (left === undefined) {
    await sleep(100)
    const { rows } = await city.db.$client.query<{ id: string }>(
      `with held as (
         select a.id, u.shift_id from assignment a join unit u on u.id = a.unit_id
         where a.state in ('ordered', 'accepted', 'en-route') limit 1
       ), ended as (
         update shift set ends_at = city_now() from held where shift.id = held.shift_id
       )
       select id from held`,
    )
    left = rows[0]?.id
  }
  for (;;) {
    const { again } = await first<{ again: number }>(
      `select count(*)::int as again from assignment a join assignment b using (incident_id)
       where a.id = '${left}' and a.state = 'cancelled' and b.unit_id <> a.unit_id`,
    )
    if (again > 0) break
    await sleep(250)
  }
}, 120_000)
