import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { runBenchHotspots } from './bench-hotspots.ts'
import { readDay } from './bench-hotspots/read-points.ts'

const folder = mkdtempSync(join(tmpdir(), 'hotspots-'))
afterAll(() => rmSync(folder, { recursive: true }))

const SIZES = ['--horizon', '20', '--area-km2', '0.1', '--city-km2', '10', '--folds', '2', '--json']

async function run(...args: string[]) {
  const lines: object[] = []
  const err: string[] = []
  const code = await runBenchHotspots(args, {
    out: (line) => lines.push(line),
    err: (text) => err.push(text),
  })
  return { code, lines, err: err.join('') }
}

/** Three incidents every two days at three addresses, of two categories. */
function writeRows(days: number): string[] {
  return Array.from({ length: days / 2 }, (_, at) => {
    const day = new Date(Date.UTC(2025, 0, 1 + at * 2)).toISOString().slice(0, 10)
    return [
      `${day}T08:30,120.2,23.0,theft`,
      `${day} 09:00:10,120.21,23.0,theft`,
      `${day},120.2,23.02,noise`,
    ].join('\n')
  })
}

function writeFile(name: string, rows: string[], header = 'time,lon,lat,category'): string {
  const file = join(folder, name)
  const text = `\uFEFF${[header, ...rows].join('\r\n')}\r\n`
  writeFileSync(file, name.endsWith('.gz') ? gzipSync(text) : text)
  return file
}

describe('bench:hotspots --points', () => {
  it('writes a line per window and the summary, for gzip and the other column names too', async () => {
    const plain = await run('--points', writeFile('town.csv', writeRows(60)), ...SIZES, '--category', 'theft')
    const swapped = writeRows(60).map((row) => row.replaceAll(/,(120\.\d+),(23\.\d+)/g, ',$2,$1'))
    const file = writeFile('town.csv.gz', swapped, 'Time,lat,LNG,type')
    const gzip = await run('--points', file, ...SIZES, '--category', 'theft')
    expect(plain.code).toBe(0)
    expect(gzip.lines).toEqual(plain.lines)
    expect(plain.lines[0]).toMatchObject({ from: '2025-01-20', to: '2025-02-09', events: 20 })
    expect(plain.lines[1]).toMatchObject({ from: '2025-02-09', to: '2025-03-01', events: 20 })
    const summary = plain.lines[2]
    expect(summary).toMatchObject({ dataset: 'town', category: 'theft', folds: 2, hitRate: 1, pei: 1 })
    expect(summary).toHaveProperty('pai.oracle', 100)
    expect(summary).toHaveProperty('interval90', [100, 100])
  })

  it('skips bad rows, names line and field, and counts them', async () => {
    const rows = writeRows(60).join('\n').split('\n')
    rows.splice(
      2,
      0,
      '2025-02-30,120.2,23,theft',
      '2025-02-03,,23,theft',
      '2025-02-03,120.2,95,theft',
      '2025-02-03',
    )
    const { code, err, lines } = await run('--points', writeFile('bad.csv', rows), ...SIZES)
    expect(code).toBe(0)
    expect(err).toContain('bad.csv, line 4: field time: "2025-02-30"')
    expect(err).toContain('bad.csv, line 5: field lon: ""')
    expect(err).toContain('bad.csv, line 6: field lat: "95"')
    expect(err).toContain('bad.csv, line 7: field lon: nothing')
    expect(err).toContain('94 rows, 4 bad ones skipped, 90 points chosen')
    expect(lines.at(-1)).toMatchObject({ category: null })
  })

  it('takes only points within the bbox', async () => {
    const file = writeFile('bbox.csv', writeRows(60))
    const { err } = await run('--points', file, ...SIZES, '--bbox', '120.205,22,121,24')
    expect(err).toContain('30 points chosen')
    const nowhere = await run('--points', file, ...SIZES, '--bbox', '1,2,3,4')
    expect(nowhere).toMatchObject({ code: 2, lines: [] })
    expect(nowhere.err).toContain('no point lies within the bbox')
  })

  it.each([
    [['--points', 'missing.csv', ...SIZES], 'ENOENT'],
    [['--points', 'x.csv', '--horizon', '0'], 'A whole number'],
    [['--points', 'x.csv', ...SIZES, '--bbox', '1,2,3'], 'Four numbers'],
    [['--points', 'x.csv', '--horizon', '30'], '--area-km2 A is needed'],
    [[], 'name a file with --points'],
  ])('refuses %j', async (args, message) => {
    const { code, err, lines } = await run(...args)
    expect({ code, lines }).toEqual({ code: 2, lines: [] })
    expect(err).toContain(message)
  })

  it('names what a file lacks: a column, a category, rows', async () => {
    const noLat = await run(
      '--points',
      writeFile('a.csv', ['2025-01-01,1,theft'], 'time,lon,category'),
      ...SIZES,
    )
    expect(noLat.err).toContain('no column "lat"')
    const other = await run('--points', writeFile('b.csv', writeRows(60)), ...SIZES, '--category', 'arson')
    expect(other.err).toContain('no row of category "arson"; there are "theft", "noise"')
    const empty = await run('--points', writeFile('c.csv', []), ...SIZES)
    expect(empty.err).toContain('none of its 0 rows is usable')
    expect([noLat.code, other.code, empty.code]).toEqual([2, 2, 2])
  })
})

it('days are read as the clock on the wall says', () => {
  expect(readDay('1970-01-02')).toBe(1)
  expect(readDay('1970-01-01T12:00:00+08:00')).toBe(0.5)
  expect(readDay('1970/01/01 06:00')).toBe(0.25)
  for (const wrong of ['', '2025-13-01', '2025-02-29', '2025-01-01T24:00', '01/02/2025']) {
    expect(readDay(wrong)).toBeNull()
  }
})
