import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { createGunzip } from 'node:zlib'
import { CsvError, parse } from 'csv-parse'
import { sortIncidents, type IncidentPoints } from '../../hotspot/incident-points.ts'

/** The file is missing, of another format or without usable rows. */
export class PointsInputError extends Error {}

export type PointFilter = { category?: string; bbox?: [number, number, number, number] }

type Columns = { time: number; lon: number; lat: number; category: number }

const NAMES: Record<keyof Columns, string[]> = {
  time: ['time'],
  lon: ['lon', 'lng'],
  lat: ['lat'],
  category: ['category', 'type'],
}
const SHOWN_BAD_ROWS = 20
const DAY_MS = 86_400_000

/**
 * Points of a CSV file (plain or gzip, with or without byte order mark), in any order of rows and columns.
 * Bad rows are skipped, told with line and field, and counted. Times are taken as they stand on the clock: an offset
 * behind them is not applied, as hours and days of incidents are local ones.
 * @throws PointsInputError when nothing usable is found
 */
export async function readPoints(
  file: string,
  filter: PointFilter,
  progress: (line: string) => void,
): Promise<IncidentPoints> {
  const [days, lons, lats]: [number[], number[], number[]] = [[], [], []]
  const categories = new Map<string, number>()
  let columns: Columns | null = null
  let [rows, bad] = [0, 0]
  try {
    for await (const { line, record } of readRecords(file)) {
      if (!columns) {
        columns = findColumns(file, record, filter)
        continue
      }
      rows++
      const point = readRow(record, columns)
      if ('problem' in point) {
        if (++bad <= SHOWN_BAD_ROWS)
          progress(`${basename(file)}, line ${line}: ${point.problem}; row skipped`)
        continue
      }
      categories.set(point.category, (categories.get(point.category) ?? 0) + 1)
      if (filter.category !== undefined && point.category !== filter.category) continue
      if (filter.bbox && !isWithin(point.lon, point.lat, filter.bbox)) continue
      days.push(point.day)
      lons.push(point.lon)
      lats.push(point.lat)
    }
  } catch (error) {
    if (error instanceof PointsInputError || !isInputError(error)) throw error
    throw new PointsInputError(`${file}: ${error.message}`)
  }
  if (!columns) throw new PointsInputError(`${file}: the file is empty`)
  progress(`${basename(file)}: ${rows} rows, ${bad} bad ones skipped, ${days.length} points chosen`)
  if (days.length === 0) throw new PointsInputError(explainNothing(file, rows, bad, filter, categories))
  return sortIncidents({
    days: Float64Array.from(days),
    lons: Float64Array.from(lons),
    lats: Float64Array.from(lats),
  })
}

type Row = { line: number; record: string[] }

async function* readRecords(file: string): AsyncGenerator<Row> {
  const source = createReadStream(file)
  // Rejects when the file cannot be opened, before anything listens on the parser.
  await once(source, 'open')
  const parser = parse({
    bom: true,
    // Without it the first line ending would be expected on every line; spreadsheets mix them.
    record_delimiter: ['\r\n', '\n', '\r'],
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    trim: true,
  })
  const fail = (error: Error): void => void parser.destroy(error)
  source.on('error', fail)
  if (await isGzip(file)) source.pipe(createGunzip().on('error', fail)).pipe(parser)
  else source.pipe(parser)
  for await (const item of parser) yield asRow(item)
}

/** The one place that knows what csv-parse gives with `info: true`; its own types say `any`. */
function asRow(item: { info: { lines: number }; record: string[] }): Row {
  return { line: item.info.lines, record: item.record }
}

async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0)
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b
  } finally {
    await handle.close()
  }
}

function findColumns(file: string, header: string[], filter: PointFilter): Columns {
  const names = header.map((name) => name.trim().toLowerCase())
  const find = (field: keyof Columns): number => names.findIndex((name) => NAMES[field].includes(name))
  const columns = { time: find('time'), lon: find('lon'), lat: find('lat'), category: find('category') }
  for (const field of ['time', 'lon', 'lat'] as const) requireColumn(field)
  if (filter.category !== undefined) requireColumn('category')
  return columns

  function requireColumn(field: keyof Columns): void {
    if (columns[field] >= 0) return
    const wanted = NAMES[field].map((name) => `"${name}"`).join(' or ')
    throw new PointsInputError(
      `${file}, line 1: no column ${wanted}; the header is "${header.join(',').slice(0, 200)}"`,
    )
  }
}

type Point = { day: number; lon: number; lat: number; category: string }

function readRow(record: string[], columns: Columns): Point | { problem: string } {
  const [time, lonText, latText] = [record[columns.time], record[columns.lon], record[columns.lat]]
  const day = readDay(time ?? '')
  if (day === null)
    return { problem: `field time: ${quote(time)} is not a date as 2026-01-31 or 2026-01-31T23:59` }
  const lon = readDegrees(lonText, 180)
  if (lon === null) return { problem: `field lon: ${quote(lonText)} is not a longitude` }
  const lat = readDegrees(latText, 90)
  if (lat === null) return { problem: `field lat: ${quote(latText)} is not a latitude` }
  return { day, lon, lat, category: record[columns.category] ?? '' }
}

function quote(text: string | undefined): string {
  return text === undefined ? 'nothing' : JSON.stringify(text.slice(0, 60))
}

function readDegrees(text: string | undefined, limit: number): number | null {
  if (text === undefined || text.trim() === '') return null
  const value = Number(text)
  return Math.abs(value) <= limit ? value : null
}

const TIME =
  /^(\d{4})[-/](\d{2})[-/](\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(?:Z|[+-]\d{2}:?\d{2})?)?$/

/** Days since 1970 by the clock on the wall, or null. */
export function readDay(text: string): number | null {
  const match = TIME.exec(text)
  if (!match) return null
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0))
  const midnight = Date.UTC(year, month - 1, day)
  // Date rolls 30 February over to March.
  const isReal = new Date(midnight).getUTCDate() === day && month >= 1 && month <= 12
  if (!isReal || hour > 23 || minute > 59 || second > 60) return null
  return (midnight + ((hour * 60 + minute) * 60 + second) * 1000) / DAY_MS
}

function isWithin(
  lon: number,
  lat: number,
  [west, south, east, north]: [number, number, number, number],
): boolean {
  return lon >= west && lon <= east && lat >= south && lat <= north
}

function isInputError(error: unknown): error is Error {
  return error instanceof CsvError || (error instanceof Error && 'code' in error)
}

function explainNothing(
  file: string,
  rows: number,
  bad: number,
  filter: PointFilter,
  categories: Map<string, number>,
): string {
  if (rows === bad) return `${file}: none of its ${rows} rows is usable`
  if (filter.category !== undefined && !categories.has(filter.category)) {
    const names = [...categories].sort((a, b) => b[1] - a[1]).slice(0, 20)
    return `${file}: no row of category "${filter.category}"; there are ${names.map(([name]) => `"${name}"`).join(', ')}`
  }
  return `${file}: no point lies within the bbox`
}
