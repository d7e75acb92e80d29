import { floatAt, intAt, realAt } from '../../route/typed-array.ts'
import type { LocatedIncidents } from './locate-incidents.ts'

/** Where the mass of each source goes: `weights[at]` to `cells[at]` for `at` in `offsets[source] .. offsets[source + 1]`. */
export type Kernel = { offsets: Int32Array; cells: Int32Array; weights: Float32Array }

const METERS_PER_DEGREE = 111_195
// exp(-8) = 4 standard deviations: below that a weight is not worth its place in memory.
const MAX_EXPONENT = 8

/** Gaussian weights from every place (its exact position) to the centres of the cells around it. */
export function spreadPlaces(located: LocatedIncidents, sigmaMeters: number): Kernel {
  return spread(located, located.placeCells, located.placeLons, located.placeLats, sigmaMeters)
}

/** The same from the centres of cells: far fewer sources, for kernels much wider than a cell. */
export function spreadCells(located: LocatedIncidents, sigmaMeters: number): Kernel {
  const sources = Int32Array.from(located.cells.keys())
  return spread(located, sources, located.cellLons, located.cellLats, sigmaMeters)
}

function spread(
  located: LocatedIncidents,
  sourceCells: Int32Array,
  lons: Float64Array,
  lats: Float64Array,
  sigmaMeters: number,
): Kernel {
  const offsets = new Int32Array(sourceCells.length + 1)
  const measure = (source: number, lat: number, shrink: number, cell: number): number => {
    const east = (realAt(located.cellLons, cell) - realAt(lons, source)) * shrink * METERS_PER_DEGREE
    const north = (realAt(located.cellLats, cell) - lat) * METERS_PER_DEGREE
    return (east * east + north * north) / (2 * sigmaMeters * sigmaMeters)
  }
  // Counted first: lists that grow to some ten million numbers are copied again and again, and nothing ends a thread meanwhile.
  for (let source = 0; source < sourceCells.length; source++) {
    const lat = realAt(lats, source)
    const shrink = Math.cos((lat * Math.PI) / 180)
    let count = intAt(offsets, source)
    for (const cell of located.disks[intAt(sourceCells, source)] ?? []) {
      if (measure(source, lat, shrink, cell) <= MAX_EXPONENT) count++
    }
    offsets[source + 1] = count
  }
  const cells = new Int32Array(intAt(offsets, sourceCells.length))
  const weights = new Float32Array(cells.length)
  for (let source = 0; source < sourceCells.length; source++) {
    const lat = realAt(lats, source)
    const shrink = Math.cos((lat * Math.PI) / 180)
    const first = intAt(offsets, source)
    let next = first
    let total = 0
    for (const cell of located.disks[intAt(sourceCells, source)] ?? []) {
      const exponent = measure(source, lat, shrink, cell)
      if (exponent > MAX_EXPONENT) continue
      const weight = Math.exp(-exponent)
      cells[next] = cell
      weights[next++] = weight
      total += weight
    }
    // Each incident weighs the same wherever in its cell it happened.
    for (let at = first; at < next; at++) weights[at] = floatAt(weights, at) / total
  }
  return { offsets, cells, weights }
}

/** Density over cells of the masses of the sources. */
export function applyKernel(
  { offsets, cells, weights }: Kernel,
  masses: Float64Array,
  size: number,
): Float64Array {
  const density = new Float64Array(size)
  for (let source = 0; source < masses.length; source++) {
    const mass = realAt(masses, source)
    if (mass === 0) continue
    const end = intAt(offsets, source + 1)
    for (let at = intAt(offsets, source); at < end; at++) {
      const cell = intAt(cells, at)
      density[cell] = realAt(density, cell) + mass * floatAt(weights, at)
    }
  }
  return density
}
