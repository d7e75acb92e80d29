import { basename } from 'node:path'
import { isValidCell } from 'h3-js'
import { buildAdjacency, packNeighbours } from '../../hotspot/adjacency.ts'
import { computeGi } from '../../hotspot/gi-star.ts'
import {
  CaseInputError,
  isCaseRecord,
  listCaseFiles,
  readCaseText,
  type CaseRecord,
  type CaseResult,
} from './cases.ts'

const TOLERANCE = 1e-6

/** Getis–Ord z values: files of PySAL's shape (points and neighbours) and of ours (H3 cells and ring). */
export function* runGiCases(path: string): Generator<CaseResult> {
  for (const file of listCaseFiles(path, '.json')) {
    const root = parseFile(file)
    const name = basename(file, '.json')
    if ('cells' in root) yield runCells(name, root)
    else if (Array.isArray(root.cases)) yield* runPoints(name, root, root.cases.filter(isCaseRecord))
    else throw new CaseInputError(`${basename(file)}: neither "cells" nor "cases"`)
  }
}

function runCells(name: string, root: CaseRecord): CaseResult {
  const cells = readList(name, root, 'cells', (value) => typeof value === 'string' && isValidCell(value))
  const counts = readNumbers(name, root, 'counts', cells.length)
  const ring = Number(root.k)
  if (!Number.isInteger(ring) || ring < 1)
    throw new CaseInputError(`${name}: "k" is not a whole number of rings`)
  return compare(name, computeGi(counts, buildAdjacency(cells.map(String), ring)), root.z, root.tolerance)
}

function* runPoints(name: string, root: CaseRecord, cases: CaseRecord[]): Generator<CaseResult> {
  const values = readNumbers(name, root, 'y')
  const adjacency = packNeighbours(
    'neighbours' in root
      ? readList(name, root, 'neighbours', Array.isArray).map((list) => numbersOf(name, 'neighbours', list))
      : linkWithin(readPoints(name, root), Number(root.threshold)),
  )
  if (adjacency.offsets.length !== values.length + 1)
    throw new CaseInputError(`${name}: "y" and "neighbours" differ`)
  for (const one of cases) {
    const weights = one.transform === 'R' ? 'row-standardised' : 'binary'
    const z = computeGi(values, adjacency, { star: one.star === true, weights })
    yield compare(`${name}:${String(one.name)}`, z, one.z, root.tolerance)
  }
}

/** A distance band: everyone at most `threshold` away. */
function linkWithin(points: readonly (readonly number[])[], threshold: number): number[][] {
  return points.map(([x = 0, y = 0], own) =>
    points.flatMap(([u = 0, v = 0], other) =>
      other !== own && Math.hypot(u - x, v - y) <= threshold ? [other] : [],
    ),
  )
}

function compare(id: string, z: Float64Array, expected: unknown, tolerance: unknown): CaseResult {
  const got = [...z]
  if (!Array.isArray(expected)) return { id, got, pass: null }
  const within = typeof tolerance === 'number' ? tolerance : TOLERANCE
  const pass =
    expected.length === got.length && got.every((value, at) => Math.abs(value - expected[at]) <= within)
  return { id, got, pass }
}

function readPoints(name: string, root: CaseRecord): number[][] {
  return readList(name, root, 'points', Array.isArray).map((point) => numbersOf(name, 'points', point))
}

function readNumbers(name: string, root: CaseRecord, field: string, length?: number): Float64Array {
  const numbers = numbersOf(name, field, root[field])
  if (length !== undefined && numbers.length !== length) {
    throw new CaseInputError(`${name}: "${field}" has ${numbers.length} values, not ${length}`)
  }
  return Float64Array.from(numbers)
}

function readList(
  name: string,
  root: CaseRecord,
  field: string,
  isGood: (value: unknown) => boolean,
): unknown[] {
  const list: unknown = root[field]
  if (!Array.isArray(list) || !list.every(isGood))
    throw new CaseInputError(`${name}: "${field}" is no proper list`)
  return list
}

function numbersOf(name: string, field: string, list: unknown): number[] {
  const isNumber = (value: unknown): value is number => typeof value === 'number' && isFinite(value)
  if (!Array.isArray(list) || !list.every(isNumber))
    throw new CaseInputError(`${name}: "${field}" is no list of numbers`)
  return list
}

function parseFile(file: string): CaseRecord {
  try {
    const root: unknown = JSON.parse(readCaseText(file))
    if (isCaseRecord(root)) return root
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new CaseInputError(`${basename(file)}: ${error.message}`)
  }
  throw new CaseInputError(`${basename(file)}: not a JSON object`)
}
