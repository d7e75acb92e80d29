import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { connect, type Db } from '@patrol/db'
import { seedBase } from '@patrol/db/seed'
import { runImport, type ImportKindName } from '../src/import/run-import.ts'
import { materialiseWindows } from '../src/window/materialise-windows.ts'
import { freshDatabase, type FreshDatabase } from './fresh-database.ts'

let fresh: FreshDatabase
let db: Db
const folder = mkdtempSync(join(tmpdir(), 'patrol-import-'))

function write(name: string, content: string | Buffer | string[]): string {
  const file = join(folder, name)
  writeFileSync(file, Array.isArray(content) ? content.join('\n') : content)
  return file
}

const bring = (
  kind: ImportKindName,
  files: string | string[],
  {
    source = 'test',
    dryRun = false,
    routesPerDistrict,
  }: { source?: string; dryRun?: boolean; routesPerDistrict?: number } = {},
) => runImport(db, kind, [files].flat(), { source, dryRun, keyVersion: 1, routesPerDistrict })

async function query<T extends Record<string, unknown>>(text: string, values: unknown[] = []): Promise<T[]> {
  return (await db.$client.query<T>(text, values)).rows
}
const count = async (from: string) =>
  (await query<{ n: number }>(`select count(*)::int as n from ${from}`))[0]?.n

beforeAll(async () => {
  fresh = await freshDatabase()
  db = connect(fresh.databaseUrl)
  await seedBase(db)
})
afterAll(async () => {
  await db.$client.end()
  await fresh.drop()
  rmSync(folder, { recursive: true })
})
beforeEach(async () => {
  await db.$client.query('truncate patrol_point, incident, road, patrol_route, outbox, import_batch cascade')
})

describe('patrol points', () => {
  const header = 'id,category,district,village,address,precinct,capacity,lng,lat'
  const good = [
    'A001,公有,中西區,赤嵌里,臺南市中西區赤嵌里3鄰民族路二段212號,第二分局,10,120.2025,22.9975',
    '"A002",供公眾使用,東區,,"臺南市東區大學路1號, 校門",臺南市政府警察局第一分局,10,120.2170,22.9990',
  ]

  test('come in with precinct, nearest station, H3 cells and a QR tag', async () => {
    const result = await bring('points', write('good.csv', [header, ...good]))
    expect(result).toMatchObject({ read: 2, usable: 2, added: 2, bad: [], dryRun: false })
    const points = await query(
      `select p.code, p.name, o.name as precinct, s.kind, s.precinct_id = p.precinct_id as near, count(t.id)::int as tags,
         p.h3_r_8 <> 0 as h3, p.synthetic, b.name as beat
       from patrol_point p join organisation o on o.id = p.precinct_id join organisation s on s.id = p.station_id
         left join organisation b on b.id = p.beat_id left join tag t on t.patrol_point_id = p.id
       group by p.id, o.name, s.kind, s.precinct_id, b.name order by code`,
    )
    const common = { kind: 'station', near: true, tags: 1, h3: true, synthetic: false }
    expect(points).toMatchObject([
      { code: 'A001', name: '中西區赤嵌里 民族路二段212號', precinct: '第二分局', ...common },
      { code: 'A002', name: '東區 大學路1號, 校門', precinct: '第一分局', ...common },
    ])
    expect(points[0]?.['beat']).toMatch(/^中西區.+警勤區$/)
  })

  test('bad rows are listed with line, field and reason, and cost the good ones nothing', async () => {
    const file = write('bad.csv', [
      header,
      good[0] ?? '',
      'A003,公有,東區,,街,第九九分局,1,120.217,22.999',
      'A004,公有,東區,,街,第一分局,1,22.999,120.217',
      ',公有,東區,,街,第一分局,1,120.217,22.999',
      'A001,公有,東區,,街,第一分局,1,120.217,22.999',
      good[1] ?? '',
    ])
    const result = await bring('points', file)
    expect(result.bad).toEqual([
      { file: 'bad.csv', line: 3, field: 'precinct', reason: "'第九九分局' is no precinct of this city" },
      { file: 'bad.csv', line: 4, field: 'lng, lat', reason: "'22.999, 120.217' is no position in Taiwan" },
      { file: 'bad.csv', line: 5, field: 'id', reason: 'is missing' },
      { file: 'bad.csv', line: 6, field: 'id', reason: 'A001 is there twice' },
    ])
    expect(result).toMatchObject({ read: 6, usable: 2, added: 2 })
    expect(await count('patrol_point')).toBe(2)
    const [batch] = await query('select rows_read, rows_written, bad_rows from import_batch')
    expect(batch).toEqual({ rows_read: 6, rows_written: 2, bad_rows: result.bad })
  })

  test('a point outside the precinct it names is taken and told of', async () => {
    const file = write('outside.csv', [header, 'A005,公有,東區,,街,第一分局,1,120.2025,22.9975'])
    const result = await bring('points', file)
    expect(result.warnings).toEqual([
      { file: 'outside.csv', line: 2, field: 'lng, lat', reason: 'lies outside the area of 第一分局' },
    ])
    expect(result.added).toBe(1)
  })

  test('twice the same file changes nothing; a changed row changes that point and keeps its tag', async () => {
    await bring('points', write('good.csv', [header, ...good]))
    const tags = await query('select opaque_id from tag order by 1')
    expect(await bring('points', write('good.csv', [header, ...good]))).toMatchObject({
      added: 0,
      changed: 0,
      unchanged: 2,
    })
    const moved = good.map((line) => line.replace('120.2025', '120.2030'))
    expect(await bring('points', write('moved.csv', [header, ...moved]))).toMatchObject({
      changed: 1,
      unchanged: 1,
    })
    expect(await count('patrol_point')).toBe(2)
    expect(await query('select opaque_id from tag order by 1')).toEqual(tags)
    // Skills are taken in, and a file without them takes none away.
    const skilled = good.map((line, i) => `${line},${i === 0 ? '少年；防搶' : ''}`)
    const skills = () => query('select code, wanted_skills as skills from patrol_point order by code')
    await bring('points', write('skilled.csv', [`${header},專長`, ...skilled]))
    await bring('points', write('moved.csv', [header, ...moved]))
    expect(await skills()).toEqual([
      { code: 'A001', skills: ['少年', '防搶'] },
      { code: 'A002', skills: [] },
    ])
  })

  test('a dry run tells what would happen, and nothing does', async () => {
    const result = await bring('points', write('good.csv', [header, ...good]), { dryRun: true })
    expect(result).toMatchObject({ added: 2, batchId: null, dryRun: true })
    expect(await count('patrol_point')).toBe(0)
    expect(await count('import_batch')).toBe(0)
    expect(await count('outbox')).toBe(0)
  })

  test('the code of another register’s point is not taken over', async () => {
    await bring('points', write('good.csv', [header, ...good]))
    const result = await bring('points', write('good.csv', [header, ...good]), { source: 'other' })
    expect(result.bad.map((fault) => fault.reason)).toEqual([
      'A001 is the code of a point of another register',
      'A002 is the code of a point of another register',
    ])
    expect(result).toMatchObject({ usable: 0, batchId: null })
  })

  test('plain or gzip, with BOM or in Big5, under Chinese headers: the same points', async () => {
    const text = ['編號,分局,經度,緯度,地址', 'B001,第二分局,１２０．２０２５,22.9975,民族路'].join('\r\n')
    // 分局 and the rest in Big5, written by hand: Node decodes Big5 but does not encode it.
    const big5 = Buffer.concat([
      Buffer.from([0xbd, 0x73, 0xb8, 0xb9]), // 編號
      Buffer.from(','),
      Buffer.from([0xa4, 0xc0, 0xa7, 0xbd]), // 分局
      Buffer.from(',lng,lat\r\nB001,'),
      Buffer.from([0xb2, 0xc4, 0xa4, 0x47, 0xa4, 0xc0, 0xa7, 0xbd]), // 第二分局
      Buffer.from(',120.2025,22.9975\r\n'),
    ])
    const files = [
      write('plain.csv', text),
      write('bom.csv', `\ufeff${text}`),
      write('zipped.csv.gz', gzipSync(text)),
      write('big5.csv', big5),
      write(
        'points.geojson',
        JSON.stringify({
          type: 'FeatureCollection',
          features: [
            {
              type: 'Feature',
              properties: { id: 'B001', precinct: '第二分局' },
              geometry: { type: 'Point', coordinates: [120.2025, 22.9975] },
            },
          ],
        }),
      ),
    ]
    for (const file of files)
      expect(await bring('points', file, { dryRun: true })).toMatchObject({ added: 1, bad: [] })
  })

  test('one event tells the screens to look again, after the commit', async () => {
    await bring('points', write('good.csv', [header, ...good]))
    expect(await query('select type, data from outbox')).toEqual([
      { type: 'city:changed', data: { what: 'import:points' } },
    ])
    await bring('points', write('good.csv', [header, ...good]))
    expect(await count('outbox')).toBe(1)
  })

  test('when the database refuses one row, nothing at all is written', async () => {
    await db.$client.query(`alter table patrol_point add constraint no_a002 check (code <> 'A002')`)
    try {
      await expect(bring('points', write('good.csv', [header, ...good]))).rejects.toThrow('no_a002')
      expect(await count('patrol_point')).toBe(0)
      expect(await count('import_batch')).toBe(0)
      expect(await count('outbox')).toBe(0)
    } finally {
      await db.$client.query('alter table patrol_point drop constraint no_a002')
    }
  })

  test('a file that is none says so', async () => {
    await expect(bring('points', write('shoes.csv', 'size,colour\n42,red'))).rejects.toThrow(
      'names no column',
    )
    await expect(bring('points', write('empty.csv', ''))).rejects.toThrow('empty')
    await expect(bring('points', join(folder, 'nowhere.csv'))).rejects.toThrow('ENOENT')
  })
})

describe('incidents', () => {
  const cases = [
    'id,time,district,type,subtype,address,lng,lat,geocode_flag',
    'UN1,2015-04-15 00:22:00,永康區,噪音舉發,妨害安寧,永大路二段,120.2604,23.0027,',
    'UN2,2015-04-15 05:06:00,永康區,噪音舉發,妨害安寧,永大路二段,120.2604,23.0027,suspect',
    'UN3,2015-04-31 05:06:00,永康區,噪音舉發,,永大路二段,120.2604,23.0027,',
    'UN4,2015-04-15 06:00:00,永康區,,,永大路二段,120.2604,23.0027,',
  ]

  test('of the hotline: suspect positions are left out and counted, what was not sorted is kept', async () => {
    const result = await bring('incidents', write('cases.csv.gz', gzipSync(cases.join('\n'))), { source: '' })
    expect(result).toMatchObject({
      read: 4,
      usable: 2,
      added: 2,
      skipped: { 'geocode_flag is suspect: the position is a fallback': 1 },
      bad: [{ file: 'cases.csv.gz', line: 4, field: 'time', reason: "'2015-04-31 05:06:00' is no time" }],
    })
    const rows = await query(
      `select source, external_id, category, occurred_at, status, o.name as precinct, h3_r_9 <> 0 as h3
       from incident i join organisation o on o.id = i.precinct_id order by external_id`,
    )
    const common = { source: '1999', status: 'closed', precinct: '永康分局', h3: true }
    expect(rows).toEqual([
      { external_id: 'UN1', category: '噪音舉發', occurred_at: new Date('2015-04-14T16:22:00Z'), ...common },
      { external_id: 'UN4', category: '未分類', occurred_at: new Date('2015-04-14T22:00:00Z'), ...common },
    ])
  })

  test('of traffic: days in Gregorian or ROC years, the same accident once however often it comes', async () => {
    const header = 'cls,date,time,lng,lat,dead,inj,place,atype'
    const file = write('accidents.csv', [
      header,
      'A1,20180104,154200,120.252004,23.026821,1,1,正強街,車與車-側撞',
      'A2,1070105,000500,120.252004,23.026821,0,1,正強街,車與車-側撞',
      'A2,1070105,000500,120.252004,23.026821,0,1,正強街,車與車-側撞',
    ])
    const result = await bring('incidents', file, { source: '' })
    expect(result).toMatchObject({ added: 2, bad: [{ line: 4, field: 'id' }] })
    expect(
      await query('select source, category, priority, occurred_at from incident order by occurred_at'),
    ).toEqual([
      {
        source: 'traffic',
        category: '交通事故 A1',
        priority: 1,
        occurred_at: new Date('2018-01-04T07:42:00Z'),
      },
      {
        source: 'traffic',
        category: '交通事故 A2',
        priority: 2,
        occurred_at: new Date('2018-01-04T16:05:00Z'),
      },
    ])
    expect(await bring('incidents', file, { source: '' })).toMatchObject({
      added: 0,
      changed: 0,
      unchanged: 2,
    })
  })
})

describe('roads', () => {
  const nodes = ['id,lng,lat', '1,120.2000,23.0000', '2,120.2010,23.0010', '3,120.2020,23.0000']
  const edges = [
    'way_id,from,to,len_m,oneway,highway,name,maxspeed',
    '77,1,2,150.5,1,primary,北門路,50',
    '77,3,2,150.5,0,primary,,',
    '78,1,9,10,0,service,,',
  ]
  const ways = {
    type: 'FeatureCollection',
    features: [
      {
        type: 'Feature',
        id: 77,
        properties: { highway: 'primary', name: '北門路' },
        geometry: {
          type: 'LineString',
          coordinates: [
            [120.2, 23],
            [120.2003, 23.0008],
            [120.201, 23.001],
            [120.202, 23],
          ],
        },
      },
    ],
  }
  const shapes = () =>
    query(
      `select from_node::int as "from", to_node::int as "to", oneway, name, st_astext(line, 4) as line from road order by 1`,
    )

  test('edges and nodes make straight pieces; an edge without a node is a bad row', async () => {
    const result = await bring('roads', [write('edges.csv', edges), write('nodes.csv', nodes)])
    expect(result).toMatchObject({ read: 3, added: 2, bad: [{ file: 'edges.csv', line: 4, field: 'to' }] })
    expect(await shapes()).toEqual([
      { from: 1, to: 2, oneway: true, name: '北門路', line: 'LINESTRING(120.2 23,120.201 23.001)' },
      { from: 3, to: 2, oneway: false, name: null, line: 'LINESTRING(120.202 23,120.201 23.001)' },
    ])
  })

  test('with the ways, in any order of files, the pieces have their shape and direction', async () => {
    const files = [
      write('nodes.csv', nodes),
      write('ways.geojson', JSON.stringify(ways)),
      write('edges.csv', edges),
    ]
    await bring('roads', files)
    expect(await shapes()).toEqual([
      {
        from: 1,
        to: 2,
        oneway: true,
        name: '北門路',
        line: 'LINESTRING(120.2 23,120.2003 23.0008,120.201 23.001)',
      },
      { from: 3, to: 2, oneway: false, name: '北門路', line: 'LINESTRING(120.202 23,120.201 23.001)' },
    ])
    expect(await bring('roads', files)).toMatchObject({ added: 0, changed: 0, unchanged: 2 })
  })

  test('ways alone make a piece each', async () => {
    expect(await bring('roads', write('ways.geojson', JSON.stringify(ways)))).toMatchObject({
      read: 1,
      added: 1,
    })
  })
})

describe('timed routes', () => {
  const header = 'district,route_id,turn,stop_id,name,time,lng,lat,days'
  const stops = [
    '七股區,1,1,1,中寮里路口,16:43,120.11046,23.146741,"一,三,五,六"',
    '七股區,1,2,2,鹽埕里南聖宮,16:52,120.088698,23.150136,"一,三,五,六"',
    // Ten metres from the first stop: the same corner.
    '七股區,1,2,3,中寮里路口回程,00:05,120.11056,23.146741,"一,三,五,六"',
    '七股區,2,1,1,別線,5:99,120.11046,23.146741,一',
    '七股區,2,2,2,別線,05:30,120.15,23.14,',
  ]

  test('become routes with stops, points and windows at the clock times on their weekdays', async () => {
    const result = await bring('routes', write('stops.csv', [header, ...stops]))
    expect(result).toMatchObject({ read: 5, usable: 4, added: 2, bad: [{ line: 5, field: 'time' }] })
    expect(
      await query(
        `select r.code, s.sequence, s.due_minute, p.name from patrol_route_stop s join patrol_route r on r.id = s.patrol_route_id
           join patrol_point p on p.id = s.patrol_point_id order by 1, 2`,
      ),
    ).toEqual([
      { code: 'test:七股區-1', sequence: 1, due_minute: 1_003, name: '中寮里路口' },
      { code: 'test:七股區-1', sequence: 2, due_minute: 1_012, name: '鹽埕里南聖宮' },
      { code: 'test:七股區-1', sequence: 3, due_minute: 5, name: '中寮里路口' },
      { code: 'test:七股區-2', sequence: 1, due_minute: 330, name: '別線' },
    ])
    expect(
      await query('select start_minute, duration_minutes, weekdays from window_rule order by 1'),
    ).toEqual([
      { start_minute: 320, duration_minutes: 30, weekdays: 127 },
      { start_minute: 993, duration_minutes: 30, weekdays: 0b0110101 },
      { start_minute: 1_002, duration_minutes: 30, weekdays: 0b0110101 },
      { start_minute: 1_435, duration_minutes: 30, weekdays: 0b0110101 },
    ])
    // 2099-11-23 is a Monday: all four; on Tuesday only the daily one.
    await materialiseWindows(db, { now: new Date('2099-11-22T16:30:00Z'), daysAhead: 1 })
    expect(
      await query(
        'select service_on::text as day, count(*)::int as n from patrol_window group by 1 order by 1',
      ),
    ).toEqual([
      { day: '2099-11-23', n: 4 },
      { day: '2099-11-24', n: 1 },
    ])
  })

  test('use a point that is there already within 30 m, and stay the same when imported again', async () => {
    const point = write('point.csv', ['id,precinct,lng,lat', 'Z1,佳里分局,120.11056,23.146741'])
    await bring('points', point, { source: 'register' })
    const file = write('stops.csv', [header, ...stops])
    await bring('routes', file)
    expect(await count('patrol_point')).toBe(3)
    expect(await bring('routes', file)).toMatchObject({ added: 0, changed: 0, unchanged: 2 })
    expect(await count('patrol_point')).toBe(3)
    expect(await count('window_rule where active')).toBe(4)
  })

  test('a changed time ends the old rule and begins a new one', async () => {
    await bring('routes', write('stops.csv', [header, ...stops]))
    const later = stops.map((line) => line.replace('16:52', '17:52'))
    expect(await bring('routes', write('later.csv', [header, ...later]))).toMatchObject({
      changed: 1,
      unchanged: 1,
    })
    expect(await query('select start_minute from window_rule where not active')).toEqual([
      { start_minute: 1_002 },
    ])
    expect(await count('window_rule where active and start_minute = 1062')).toBe(1)
  })

  test('may be limited to the first of each district', async () => {
    const result = await bring('routes', write('stops.csv', [header, ...stops]), { routesPerDistrict: 1 })
    expect(result).toMatchObject({ added: 1, skipped: { 'beyond 1 routes per district': 2 } })
  })
})

describe('boundaries and stations', () => {
  const square = (x: number, y: number) => ({
    type: 'Polygon',
    coordinates: [
      [
        [x, y],
        [x + 0.01, y],
        [x + 0.01, y + 0.01],
        [x, y + 0.01],
        [x, y],
      ],
    ],
  })

  test('areas are known by their code; a precinct’s inner lines are dissolved', async () => {
    const features = [
      { VILLCODE: '67000990001', TOWNCODE: '67000990', VILLNAME: '試驗里' },
      { TOWNCODE: '67000990', TOWNNAME: '試驗區' },
      { precinct: '玉井分局' },
      { precinct: '火星分局' },
    ].map((properties, i) => ({ type: 'Feature', properties, geometry: square(120 + i / 10, 23) }))
    Object.assign(features[2] ?? {}, {
      geometry: {
        type: 'MultiPolygon',
        coordinates: [square(120.5, 23.1), square(120.51, 23.1)].map((each) => each.coordinates),
      },
    })
    const file = write('areas.geojson', JSON.stringify({ type: 'FeatureCollection', features }))
    const result = await bring('boundaries', file)
    expect(result).toMatchObject({ read: 4, added: 2, changed: 1, bad: [{ line: 4, field: 'precinct' }] })
    expect(
      await query(
        `select st_numgeometries(area) as parts, st_npoints(area) > 4 as closed from organisation where name = '玉井分局'`,
      ),
    ).toEqual([{ parts: 1, closed: true }])
    expect(await bring('boundaries', file)).toMatchObject({ added: 0, changed: 0, unchanged: 3 })
  })

  test('stations get their positions, unknown ones join their precinct', async () => {
    const before = await count(`organisation where kind = 'station'`)
    const file = write('stations.csv', [
      'precinct,name,kind,district,lng,lat',
      '第二分局,第二分局,precinct,中西區,120.2001,22.9951',
      '第二分局,海安派出所,station,中西區,120.1951,22.9931',
      '第二分局,試驗派出所,station,中西區,120.1961,22.9941',
      '火星分局,試驗派出所,station,中西區,120.1961,22.9941',
    ])
    expect(await bring('stations', file)).toMatchObject({
      added: 1,
      changed: 2,
      bad: [{ line: 5, field: 'precinct' }],
    })
    expect(await count(`organisation where kind = 'station'`)).toBe((before ?? 0) + 1)
    expect(
      await query(
        `select st_x(position) as lon, station_id = id as own from organisation where name = '試驗派出所'`,
      ),
    ).toEqual([{ lon: 120.1961, own: true }])
    const tree = write(
      'tree.json',
      JSON.stringify({ 第二分局: { districts: ['中西區'], stations: ['海安派出所'] } }),
    )
    expect(await bring('stations', tree)).toMatchObject({ read: 2, added: 0, unchanged: 2 })
  })
})

describe('the real files', () => {
  const data = join(import.meta.dirname, '../../../shared/data')
  const shelters = join(data, 'tainan-police/air_raid_shelters_by_precinct.csv')

  test.skipIf(!existsSync(shelters))(
    'the register of shelters: 6,777 rows, 32 of other police forces',
    async () => {
      const result = await bring('points', shelters, { source: 'shelters' })
      expect(result).toMatchObject({ read: 6_777, usable: 6_745, added: 6_745 })
      expect(new Set(result.bad.map((fault) => fault.field))).toEqual(new Set(['precinct']))
    },
  )
  if (!existsSync(shelters)) console.log('The real files are not here: their import is not tested.')
})
