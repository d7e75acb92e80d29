import type { Feature, FeatureCollection, Geometry } from 'geojson'
import { parse } from 'csv-parse'
import { Readable } from 'node:stream'
import { findColumn, type Column } from './columns.ts'
import { readText } from './read-text.ts'

/** A row of a file as read: text under our names of the columns. */
export interface SourceRow {
  /** Line in the file; in GeoJSON the number of the feature. */
  line: number
  /** Trimmed; empty where the column or the value is missing. */
  get(column: Column): string
  /** GeoJSON only. */
  geometry: Geometry | null
}

export interface Source {
  file: string
  format: 'csv' | 'geojson' | 'json'
  has(column: Column): boolean
  rows: AsyncIterable<SourceRow>
  /** The whole document of a JSON file that is no GeoJSON. */
  document?: unknown
}

/** Opens a CSV, GeoJSON or JSON file, plain or gzip; which it is, is told by what stands at its beginning. Throws when it can be none. */
export async function openSource(file: string): Promise<Source> {
  const text = readText(file)
  let head = ''
  for (;;) {
    const { value, done } = await text.next()
    head += value ?? ''
    if (done === true || head.trim().length > 0) break
  }
  const whole = (async function* () {
    yield head
    yield* text
  })()
  return /^\s*[{[]/.test(head) ? openJson(file, whole) : openCsv(file, whole)
}

async function openCsv(file: string, text: AsyncIterable<string>): Promise<Source> {
  const parser = Readable.from(text).pipe(
    parse({ bom: true, info: true, skip_empty_lines: true, relax_column_count: true, trim: true }),
  )
  const records = asRecords(parser)
  const first = await records.next()
  if (first.done === true) throw new Error(`${file} is empty.`)
  const columns = first.value.record.map(findColumn)
  if (columns.every((column) => column === null)) {
    throw new Error(
      `${file}: the first line names no column that is known (${first.value.record.join(', ')}).`,
    )
  }
  // The first of two headers with the same meaning counts.
  const places = new Map(columns.map((column, i): [Column | null, number] => [column, i]).reverse())
  return {
    file,
    format: 'csv',
    has: (column) => places.has(column),
    rows: (async function* () {
      for await (const { record, line } of records) {
        const get = (column: Column) => {
          const place = places.get(column)
          return place === undefined ? '' : (record[place] ?? '')
        }
        yield { line, get, geometry: null }
      }
    })(),
  }
}

/** With `info`, csv-parse gives `{record, info}`; its stream type does not say so. */
async function* asRecords(parser: Readable): AsyncGenerator<{ record: string[]; line: number }> {
  for await (const each of parser) {
    const { record, info } = each as { record: string[]; info: { lines: number } }
    yield { record, line: info.lines }
  }
}

async function openJson(file: string, text: AsyncIterable<string>): Promise<Source> {
  const document: unknown = JSON.parse(await joinText(text))
  if (!isFeatureCollection(document)) {
    return { file, format: 'json', document, has: () => false, rows: (async function* () {})() }
  }
  const { features } = document
  const columns = new Set(features.flatMap((each) => Object.keys(each.properties ?? {})).map(findColumn))
  return {
    file,
    format: 'geojson',
    has: (column) => columns.has(column),
    rows: (async function* () {
      for (const [i, feature] of features.entries()) yield readFeature(feature, i + 1)
    })(),
  }
}

async function joinText(text: AsyncIterable<string>): Promise<string> {
  let whole = ''
  for await (const piece of text) whole += piece
  return whole
}

function readFeature(feature: Feature, line: number): SourceRow {
  const values = new Map<Column, string>()
  const entries = [['id', feature.id], ...Object.entries(feature.properties ?? {})]
  for (const [key, value] of entries) {
    const column = findColumn(String(key))
    if (column === null || value === null || value === undefined || typeof value === 'object') continue
    // A property counts before the feature's own id.
    if (!values.has(column) || key !== 'id') values.set(column, String(value).trim())
  }
  if (feature.geometry?.type === 'Point') {
    const [lon, lat] = feature.geometry.coordinates
    values.set('lng', String(lon)).set('lat', String(lat))
  }
  return { line, get: (column) => values.get(column) ?? '', geometry: feature.geometry ?? null }
}

function isFeatureCollection(document: unknown): document is FeatureCollection {
  return (
    typeof document === 'object' &&
    document !== null &&
    'type' in document &&
    document.type === 'FeatureCollection' &&
    'features' in document &&
    Array.isArray(document.features)
  )
}
