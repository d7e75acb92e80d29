import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { materialiseWindows } from '../src/window/materialise-windows.ts'
import { useImports } from './import-world.ts'

const imports = useImports()
const { write, bring, query, count } = imports

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
      `select source, external_id, category, occurred_at, status, o.name as precinct, h3_r9 <> 0 as h3
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
    await materialiseWindows(imports.db, { now: new Date('2099-11-22T16:30:00Z'), daysAhead: 1 })
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
