import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, type Db } from '@patrol/db'
import { demoAccounts, extendShifts, seedCity, seedPast } from '@patrol/db/seed'
import { materialiseWindows } from '../src/window/materialise-windows.ts'
import { freshDatabase, type FreshDatabase } from './fresh-database.ts'

let fresh: FreshDatabase
let db: Db
/** 12:00 in Taipei. */
const now = new Date('2026-11-23T04:00:00Z')
const seed = () => seedCity(db, { now, secret: Buffer.alloc(32, 7), keyVersion: 3 })

async function one<T>(text: string, values: unknown[] = []): Promise<T> {
  const { rows } = await db.$client.query<{ value: T }>(text, values)
  const row = rows[0]
  if (row === undefined) throw new Error('No row.')
  return row.value
}
const count = (from: string) => one<number>(`select count(*)::int as value from ${from}`)

beforeAll(async () => {
  fresh = await freshDatabase()
  db = connect(fresh.databaseUrl)
  await seed()
})
afterAll(async () => {
  await db.$client.end()
  await fresh.drop()
})

describe('the demonstration city', () => {
  test('has the department, 16 precincts, 142 stations and 37 districts', async () => {
    expect(await count(`organisation where kind = 'department'`)).toBe(1)
    expect(await count(`organisation where kind = 'precinct'`)).toBe(16)
    expect(await count(`organisation where kind = 'station'`)).toBe(142)
    expect(await count(`area where kind = 'district'`)).toBe(37)
  })

  test('has every station inside the area of its precinct', async () => {
    const outside = `organisation s join organisation p on p.id = s.precinct_id
      where s.kind = 'station' and not st_covers(p.area, s.position)`
    expect(await count(outside)).toBe(0)
  })

  test('has precincts that cover the city and do not overlap', async () => {
    const gap = await one<number>(
      `select (select sum(st_area(area::geography)) from organisation where kind = 'precinct')
         / (select st_area(st_union(shape)::geography) from area where kind = 'district') as value`,
    )
    expect(gap).toBeCloseTo(1, 3)
  })

  test('has 7,791 points, marked synthetic, each inside its village and its precinct by PostGIS’s own judgement', async () => {
    expect(await count('patrol_point where synthetic')).toBe(7_791)
    const inside = `patrol_point p join organisation o on o.id = p.precinct_id
      join organisation b on b.id = p.beat_id
      where st_covers(b.area, p.position) and st_intersects(o.area, p.position)`
    expect(await count(inside)).toBe(7_791)
    expect(
      await count(
        `patrol_point p join organisation s on s.id = p.station_id where s.precinct_id = p.precinct_id`,
      ),
    ).toBe(7_791)
  })

  test('has one QR tag per point, signed by the newest key, with ids that the point’s code does not tell', async () => {
    expect(await count(`tag where kind = 'qr' and key_version = 3`)).toBe(7_791)
    expect(await one<number>('select count(distinct opaque_id)::int as value from tag')).toBe(7_791)
  })

  test('has 300 to 450 units on duty by day, and some at every hour', async () => {
    const onDuty = (at: string) =>
      one<number>(
        `select count(*)::int as value from unit join shift s on s.id = shift_id where s.starts_at <= $1 and s.ends_at > $1`,
        [at],
      )
    const byDay = await onDuty('2026-11-23T04:00:00Z')
    expect(byDay).toBeGreaterThanOrEqual(300)
    expect(byDay).toBeLessThanOrEqual(450)
    for (const hour of [16, 17, 21, 22, 23])
      expect(await onDuty(`2026-11-23T${hour}:30:00Z`)).toBeGreaterThan(100)
  })

  test('has accounts of which none can log in without a password of its own', async () => {
    expect(await count(`officer where password_hash <> 'none'`)).toBe(0)
    expect(await count('officer')).toBe(4_385 + demoAccounts.length)
    expect(await one<number>('select count(distinct role)::int as value from role_grant')).toBe(6)
  })

  test('makes about 6,100 windows a day', async () => {
    await materialiseWindows(db, { now })
    const tomorrow = await count(`patrol_window where service_on = '2026-11-24'`)
    expect(tomorrow).toBeGreaterThan(5_800)
    expect(tomorrow).toBeLessThan(6_400)
  })

  test('stays as it is when it is seeded again', async () => {
    const totals = async () => [
      await count('organisation'),
      await count('patrol_point'),
      await count('tag'),
      await count('officer'),
      await count('role_grant'),
      await count('unit'),
      await count('unit_member'),
      await count('window_rule'),
    ]
    const before = await totals()
    await seed()
    expect(await totals()).toEqual(before)
  })

  test('has its roster extended day by day, each day once', async () => {
    const tomorrow = new Date(now.getTime() + 86_400_000)
    const added = await extendShifts(db, { now: tomorrow })
    expect(added).toBeGreaterThan(700)
    expect(await extendShifts(db, { now: tomorrow })).toBe(0)
    const double = `(select officer_id from unit_member m join unit u on u.id = m.unit_id join shift s on s.id = u.shift_id
      join officer o on o.id = m.officer_id where o.login ~ '^o-'
      group by officer_id, (s.starts_at at time zone 'Asia/Taipei')::date having count(*) > 1) as twice`
    expect(await count(double)).toBe(0)
  })
})

describe('its past', () => {
  const due = `patrol_window where service_on = '2026-11-23' and starts_at <= '2026-11-23T04:00:00Z'`
  let own: FreshDatabase
  let city: Db

  beforeAll(async () => {
    own = await freshDatabase()
    city = connect(own.databaseUrl)
    await seedCity(city, { now, secret: Buffer.alloc(32, 7), keyVersion: 3 })
    await seedPast(city, { now })
    await materialiseWindows(city, { now })
  })
  afterAll(async () => {
    await city.$client.end()
    await own.drop()
  })
  const tell = async (text: string) => (await city.$client.query<Record<string, number>>(text)).rows[0] ?? {}

  test('is a morning of which most windows were kept, each by a check-in of its own point and time', async () => {
    const {
      all = 0,
      kept = 0,
      proven,
    } = await tell(`
      select count(*)::int as all, count(*) filter (where state = 'fulfilled')::int as kept,
        count(*) filter (where state = 'fulfilled' and exists (
          select from check_in c where c.id = w.check_in_id and c.patrol_point_id = w.patrol_point_id
            and c.checked_in_at >= w.starts_at and c.checked_in_at < w.ends_at))::int as proven
      from patrol_window w where service_on = '2026-11-23' and ends_at < '2026-11-23T04:00:00Z'`)
    expect(all).toBeGreaterThan(1_500)
    expect(kept / all).toBeGreaterThan(0.9)
    expect(kept / all).toBeLessThan(0.97)
    expect(proven).toBe(kept)
  })

  test('has visits that count for windows still open, and none of the future', async () => {
    const { open, done, later } = await tell(`
      select count(*)::int as open, count(*) filter (where done_count > 0)::int as done,
        (select count(*)::int from check_in where checked_in_at > '2026-11-23T04:00:00Z') as later
      from ${due} and ends_at > '2026-11-23T04:00:00Z'`)
    expect(open).toBeGreaterThan(500)
    expect(done).toBeGreaterThan(200)
    expect(later).toBe(0)
  })

  test('has figures of four weeks that fit the day which the city goes on with', async () => {
    const {
      hours,
      due: sampled = 0,
      now: begun = 0,
    } = await tell(`
      select count(distinct at)::int as hours,
        (select sum(due)::int from figure where at = '2026-11-16T03:50:00Z') as due,
        (select count(*)::int from patrol_window where service_on = '2026-11-23' and starts_at <= '2026-11-23T03:50:00Z') as now
      from figure`)
    expect(hours).toBeGreaterThan(28 * 24)
    expect(sampled).toBe(begun)
    const { done = 0 } = await tell(
      `select sum(done)::float / sum(due) as done from figure where at = '2026-11-22T15:50:00Z'`,
    )
    expect(done).toBeGreaterThan(0.88)
    expect(done).toBeLessThan(0.97)
  })

  test('stays as it is when it is seeded again', async () => {
    const totals = `select (select count(*)::int from incident) as incidents, (select count(*)::int from check_in) as visits,
      (select count(*)::int from patrol_window) as windows, (select count(*)::int from figure) as figures`
    const before = await tell(totals)
    await seedPast(city, { now })
    expect(await tell(totals)).toEqual(before)
  })
})
