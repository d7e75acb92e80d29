import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, type Db } from '@patrol/db'
import { demoAccounts, extendShifts, seedCity } from '@patrol/db/seed'
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
