/**
 * What a leg costs. Plane points are kept as coordinates and computed on demand (for thousands of points the formula
 * beats a table that does not fit the processor's cache); everything else is a full table.
 */
import { realAt } from './typed-array.ts'

/** Real lengths; rounded to nearest (TSPLIB EUC_2D); or rounded up (TSPLIB CEIL_2D). */
export type Rounding = 'none' | 'nearest' | 'up'

export type Metric = {
  size: number
  /** Coordinates, used for neighbour search; empty when only a table is known. */
  x: Float64Array
  y: Float64Array
  /** Row-major table of size × size costs; empty when costs come from the coordinates. */
  table: Float64Array
  /** 0 none, 1 nearest, 2 up: an integer keeps the branch in `legCost` cheap. */
  rounding: number
  symmetric: boolean
}

/** Up to this many points a plane metric is tabulated too (2 MB, stays in cache). */
const TABLE_MAX = 512

/** Straight-line costs between points of a plane, in the unit of the coordinates. */
export function planeMetric(x: Float64Array, y: Float64Array, rounding: Rounding = 'none'): Metric {
  const metric: Metric = {
    size: x.length,
    x,
    y,
    table: new Float64Array(0),
    rounding: rounding === 'none' ? 0 : rounding === 'nearest' ? 1 : 2,
    symmetric: true,
  }
  return x.length <= TABLE_MAX ? tabulate(metric) : metric
}

/**
 * Costs from a table (seconds, metres, …), row-major. Coordinates are optional and only help to find neighbours.
 * @throws RangeError when the table is not square or holds a negative or undefined cost
 */
export function tableMetric(table: Float64Array, x?: Float64Array, y?: Float64Array): Metric {
  const size = Math.round(Math.sqrt(table.length))
  if (size * size !== table.length)
    throw new RangeError(`a cost table needs n × n values, got ${table.length}`)
  let symmetric = true
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const cost = realAt(table, i * size + j)
      if (!(cost >= 0)) throw new RangeError(`the cost from ${i} to ${j} is ${cost}; costs must be 0 or more`)
      if (cost !== realAt(table, j * size + i)) symmetric = false
    }
  }
  const none = new Float64Array(0)
  return { size, x: x ?? none, y: y ?? none, table, rounding: 0, symmetric }
}

/** The cost from point `i` to point `j`. */
export function legCost(metric: Metric, i: number, j: number): number {
  const table = metric.table
  if (table.length > 0) return realAt(table, i * metric.size + j)
  const dx = realAt(metric.x, i) - realAt(metric.x, j)
  const dy = realAt(metric.y, i) - realAt(metric.y, j)
  const length = Math.sqrt(dx * dx + dy * dy)
  if (metric.rounding === 0) return length
  return metric.rounding === 1 ? Math.floor(length + 0.5) : Math.ceil(length)
}

/** The same points under new numbers: point k of the result is point `order[k]` here. */
export function renumber(metric: Metric, order: Int32Array): Metric {
  const pick = (values: Float64Array) =>
    values.length > 0 ? Float64Array.from(order, (node) => realAt(values, node)) : values
  const size = order.length
  let table = new Float64Array(0)
  if (metric.table.length > 0) {
    table = new Float64Array(size * size)
    order.forEach((from, i) =>
      order.forEach((to, j) => (table[i * size + j] = realAt(metric.table, from * metric.size + to))),
    )
  }
  return { ...metric, size, x: pick(metric.x), y: pick(metric.y), table }
}

/** What a forbidden leg costs: more than any day of driving, yet finite so that sums and differences stay numbers. */
export const FORBIDDEN = 1e9

/**
 * The same metric with legs that no route may take (both ways). Where a fixed list leaves no other way, the tour uses one
 * and its length is at least `FORBIDDEN`; unit plans never use one.
 */
export function forbidLegs(metric: Metric, pairs: ReadonlyArray<readonly [number, number]>): Metric {
  const { table, x, y } =
    metric.table.length > 0 ? { ...metric, table: metric.table.slice() } : tabulate(metric)
  for (const [a, b] of pairs) table[a * metric.size + b] = table[b * metric.size + a] = FORBIDDEN
  return { ...metric, table, x, y }
}

/** Writes all costs of a plane metric into a table. */
function tabulate(metric: Metric): Metric {
  const { size } = metric
  const table = new Float64Array(size * size)
  for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) table[i * size + j] = legCost(metric, i, j)
  return { ...metric, table }
}
