import { basename } from 'node:path'
import { planeMetric, tableMetric, type Metric } from '../../route/metric.ts'
import { BadInstance, readLines, readNumbers, type Line } from './instance-file.ts'

export type TsplibInstance = { instance: string; metric: Metric }
export type OplibInstance = TsplibInstance & { costLimit: number; scores: Float64Array; depot: number }

type Section = { header: Line; lines: Line[] }
type Parsed = { file: string; keywords: Map<string, Line>; sections: Map<string, Section> }

/** Largest instance whose GEO or ATT costs are put into a table (8 bytes each: 800 MB). */
const TABLE_LIMIT = 10_000

/**
 * A TSPLIB file (Reinelt, "TSPLIB 95", 1995): EUC_2D, CEIL_2D, ATT, GEO, or EXPLICIT with a matrix.
 * @throws BadInstance
 */
export function readTsplib(file: string): TsplibInstance {
  const parsed = parseSections(file)
  return { instance: instanceName(file), metric: readMetric(parsed) }
}

/**
 * An OPLib file: a TSPLIB file with COST_LIMIT, NODE_SCORE_SECTION and DEPOT_SECTION.
 * @throws BadInstance
 */
export function readOplib(file: string): OplibInstance {
  const parsed = parseSections(file)
  const metric = readMetric(parsed)
  const costLimit = keywordNumber(parsed, 'COST_LIMIT')
  const scores = new Float64Array(metric.size)
  for (const line of section(parsed, 'NODE_SCORE_SECTION').lines) {
    const [id = 0, score = 0] = readNumbers(file, line, 2)
    if (!(Number.isInteger(id) && id >= 1 && id <= metric.size)) {
      throw new BadInstance(file, line.number, `node ${id} is not one of 1 to ${metric.size}`)
    }
    scores[id - 1] = score
  }
  const depotLine = parsed.sections.get('DEPOT_SECTION')?.lines[0]
  const depot = depotLine === undefined ? 1 : (readNumbers(file, depotLine, 1)[0] ?? 1)
  if (!(Number.isInteger(depot) && depot >= 1 && depot <= metric.size)) {
    throw new BadInstance(file, depotLine?.number ?? null, `depot ${depot} is not one of 1 to ${metric.size}`)
  }
  return { instance: instanceName(file), metric, costLimit, scores, depot: depot - 1 }
}

/** The file's name without its extension. */
export function instanceName(file: string): string {
  return basename(file).replace(/\.[^.]*$/, '')
}

function parseSections(file: string): Parsed {
  const keywords = new Map<string, Line>()
  const sections = new Map<string, Section>()
  let open: Section | undefined
  for (const line of readLines(file)) {
    if (/^EOF\b/i.test(line.text)) break
    const match = /^([A-Z][A-Z_0-9]*)\s*(?::\s*(.*))?$/i.exec(line.text)
    const name = match?.[1]?.toUpperCase()
    if (name?.endsWith('_SECTION') === true) {
      open = { header: line, lines: [] }
      sections.set(name, open)
    } else if (name !== undefined && match?.[2] !== undefined) {
      open = undefined
      keywords.set(name, { number: line.number, text: match[2].trim() })
    } else if (open !== undefined) open.lines.push(line)
    else
      throw new BadInstance(
        file,
        line.number,
        `'${line.text.slice(0, 60)}' is neither a keyword nor in a section`,
      )
  }
  return { file, keywords, sections }
}

function readMetric(parsed: Parsed): Metric {
  const { file } = parsed
  const size = keywordNumber(parsed, 'DIMENSION')
  if (!(Number.isInteger(size) && size >= 1)) {
    throw new BadInstance(
      file,
      parsed.keywords.get('DIMENSION')?.number ?? null,
      'DIMENSION must be 1 or more',
    )
  }
  const type = keyword(parsed, 'EDGE_WEIGHT_TYPE')
  const kind = type.text.toUpperCase()
  if (kind === 'EXPLICIT') return tableMetric(readMatrix(parsed, size))
  const { x, y } = readCoordinates(parsed, size)
  if (kind === 'EUC_2D') return planeMetric(x, y, 'nearest')
  if (kind === 'CEIL_2D') return planeMetric(x, y, 'up')
  const cost = kind === 'ATT' ? attCost : kind === 'GEO' ? geoCost : undefined
  if (cost === undefined) {
    throw new BadInstance(
      file,
      type.number,
      `EDGE_WEIGHT_TYPE ${type.text} is not known (EUC_2D, CEIL_2D, ATT, GEO, EXPLICIT)`,
    )
  }
  if (size > TABLE_LIMIT)
    throw new BadInstance(file, type.number, `${kind} is read up to ${TABLE_LIMIT} nodes`)
  const table = new Float64Array(size * size)
  const points = kind === 'GEO' ? { x: x.map(toRadians), y: y.map(toRadians) } : { x, y }
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) {
      const leg = cost(points.x[i] ?? 0, points.y[i] ?? 0, points.x[j] ?? 0, points.y[j] ?? 0)
      table[i * size + j] = table[j * size + i] = leg
    }
  }
  return tableMetric(table, x, y)
}

function readCoordinates(parsed: Parsed, size: number): { x: Float64Array; y: Float64Array } {
  const { file } = parsed
  const { header, lines } = section(parsed, 'NODE_COORD_SECTION')
  if (lines.length !== size) {
    throw new BadInstance(
      file,
      header.number,
      `NODE_COORD_SECTION has ${lines.length} nodes, DIMENSION says ${size}`,
    )
  }
  const rows = lines.map((line) => readNumbers(file, line, 3))
  // Node numbers 1..n are places; other numbers only label the lines.
  const numbered =
    new Set(rows.map(([id = 0]) => id)).size === size &&
    rows.every(([id = 0]) => Number.isInteger(id) && id >= 1 && id <= size)
  const x = new Float64Array(size)
  const y = new Float64Array(size)
  rows.forEach(([id = 0, first = 0, second = 0], i) => {
    const node = numbered ? id - 1 : i
    x[node] = first
    y[node] = second
  })
  return { x, y }
}

/** ATT: a tenth under the root, rounded up where rounding to nearest went down. */
function attCost(x1: number, y1: number, x2: number, y2: number): number {
  const length = Math.sqrt(((x1 - x2) ** 2 + (y1 - y2) ** 2) / 10)
  const nearest = Math.floor(length + 0.5)
  return nearest < length ? nearest + 1 : nearest
}

/** TSPLIB's constants: its π and earth radius (km), and degrees.minutes in the coordinates. */
function toRadians(value: number): number {
  const degrees = Math.trunc(value)
  return (3.141592 * (degrees + (5 * (value - degrees)) / 3)) / 180
}

function geoCost(lat1: number, lon1: number, lat2: number, lon2: number): number {
  const q1 = Math.cos(lon1 - lon2)
  const q2 = Math.cos(lat1 - lat2)
  const q3 = Math.cos(lat1 + lat2)
  const cosine = 0.5 * ((1 + q1) * q2 - (1 - q1) * q3)
  return Math.trunc(6378.388 * Math.acos(Math.max(-1, Math.min(1, cosine))) + 1)
}

function readMatrix(parsed: Parsed, size: number): Float64Array {
  const { file } = parsed
  const format = keyword(parsed, 'EDGE_WEIGHT_FORMAT')
  const { header, lines } = section(parsed, 'EDGE_WEIGHT_SECTION')
  const values = lines.flatMap((line) => readNumbers(file, line, 1))
  const table = new Float64Array(size * size)
  const cells = matrixCells(format.text.toUpperCase(), size)
  if (cells === undefined)
    throw new BadInstance(file, format.number, `EDGE_WEIGHT_FORMAT ${format.text} is not known`)
  if (values.length !== cells.length) {
    throw new BadInstance(
      file,
      header.number,
      `has ${values.length} weights, ${format.text} needs ${cells.length}`,
    )
  }
  cells.forEach(([i, j], k) => {
    table[i * size + j] = values[k] ?? 0
    if (format.text.toUpperCase() !== 'FULL_MATRIX') table[j * size + i] = values[k] ?? 0
  })
  for (let i = 0; i < size; i++) table[i * size + i] = 0
  return table
}

/** Row and column of each weight, in the order of the file. Columns of one triangle are rows of the other. */
function matrixCells(format: string, size: number): Array<[number, number]> | undefined {
  const spans: Record<string, (row: number) => [number, number]> = {
    FULL_MATRIX: () => [0, size],
    UPPER_ROW: (row) => [row + 1, size],
    LOWER_COL: (row) => [row + 1, size],
    UPPER_DIAG_ROW: (row) => [row, size],
    LOWER_DIAG_COL: (row) => [row, size],
    LOWER_ROW: (row) => [0, row],
    UPPER_COL: (row) => [0, row],
    LOWER_DIAG_ROW: (row) => [0, row + 1],
    UPPER_DIAG_COL: (row) => [0, row + 1],
  }
  const span = spans[format]
  if (span === undefined) return undefined
  const cells: Array<[number, number]> = []
  for (let row = 0; row < size; row++) {
    const [from, to] = span(row)
    for (let column = from; column < to; column++) cells.push([row, column])
  }
  return cells
}

function section(parsed: Parsed, name: string): Section {
  const found = parsed.sections.get(name)
  if (found === undefined) throw new BadInstance(parsed.file, null, `has no ${name}`)
  return found
}

function keyword(parsed: Parsed, name: string): Line {
  const found = parsed.keywords.get(name)
  if (found === undefined) throw new BadInstance(parsed.file, null, `has no ${name}`)
  return found
}

function keywordNumber(parsed: Parsed, name: string): number {
  const found = keyword(parsed, name)
  const value = Number(found.text)
  if (found.text === '' || !Number.isFinite(value)) {
    throw new BadInstance(parsed.file, found.number, `${name} '${found.text}' is not a number`)
  }
  return value
}
