import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { useImports } from './import-world.ts'

const imports = useImports()
const { folder, write, bring, query, count } = imports

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
         p.h3_r8 <> 0 as h3, p.synthetic, b.name as beat
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
    await imports.db.$client.query(`alter table patrol_point add constraint no_a002 check (code <> 'A002')`)
    try {
      await expect(bring('points', write('good.csv', [header, ...good]))).rejects.toThrow('no_a002')
      expect(await count('patrol_point')).toBe(0)
      expect(await count('import_batch')).toBe(0)
      expect(await count('outbox')).toBe(0)
    } finally {
      await imports.db.$client.query('alter table patrol_point drop constraint no_a002')
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
