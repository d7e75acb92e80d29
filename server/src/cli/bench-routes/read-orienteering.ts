import { planeMetric, tableMetric, type Metric } from '../../route/metric.ts'
import type { Stop } from '../../route/unit-routes.ts'
import { BadInstance, readLines, readNumbers } from './instance-file.ts'
import { instanceName } from './read-tsplib.ts'

export type OpInstance = { instance: string; metric: Metric; scores: Float64Array; budget: number }

/**
 * An orienteering file (Tsiligirides, Chao): `Tmax P`, then `x y score` per point; first the start, second the end.
 * @throws BadInstance
 */
export function readOp(file: string): OpInstance {
  const [first, ...rest] = readLines(file)
  if (first === undefined) throw new BadInstance(file, null, 'is empty')
  const [budget = 0] = readNumbers(file, first, 1)
  const points = rest.map((line) => readNumbers(file, line, 3))
  if (points.length < 2) throw new BadInstance(file, first.number, 'has no start and end point')
  const column = (i: number) => Float64Array.from(points, (point) => point[i] ?? 0)
  return {
    instance: instanceName(file),
    metric: planeMetric(column(0), column(1)),
    scores: column(2),
    budget,
  }
}

export type ToptwInstance = {
  instance: string
  /** Costs in whole steps of the truncation (tenths or hundredths), so that sums are exact. */
  metric: Metric
  /** Stop i is the file's point i + 1. */
  stops: Stop[]
  endsAt: number
}

/**
 * A team-orienteering file with time windows: N is the first line's third value, the second line is not used, then the depot
 * and N points, `id x y service score … open close`.
 * @throws BadInstance
 */
export function readToptw(file: string): ToptwInstance {
  const [first, second, ...rest] = readLines(file)
  if (first === undefined || second === undefined) throw new BadInstance(file, null, 'has no header')
  const [, , count = 0] = readNumbers(file, first, 3)
  if (!(Number.isInteger(count) && count >= 1))
    throw new BadInstance(file, first.number, `says ${count} points`)
  if (rest.length < count + 1) {
    throw new BadInstance(
      file,
      rest.at(-1)?.number ?? second.number,
      `has ${rest.length} points, needs the depot and ${count}`,
    )
  }
  const rows = rest.slice(0, count + 1).map((line) => readNumbers(file, line, 7))
  const x = rows.map((row) => row[1] ?? 0)
  const y = rows.map((row) => row[2] ?? 0)
  // Cordeau's points have decimals and two decimals of distance; Solomon's are whole with one.
  const steps = [...x, ...y].every(Number.isInteger) ? 10 : 100
  const size = count + 1
  const table = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const length = Math.sqrt(((x[i] ?? 0) - (x[j] ?? 0)) ** 2 + ((y[i] ?? 0) - (y[j] ?? 0)) ** 2)
      // The margin keeps 1.15 × 100 = 114.99… at 115: never shorter than another reader's distance.
      table[i * size + j] = Math.floor(length * steps + 1e-9)
    }
  }
  const stops = rows.slice(1).map((row, i) => ({
    point: i + 1,
    serviceTime: (row[3] ?? 0) * steps,
    score: row[4] ?? 0,
    opensAt: (row.at(-2) ?? 0) * steps,
    closesAt: (row.at(-1) ?? 0) * steps,
  }))
  return {
    instance: instanceName(file),
    metric: tableMetric(table),
    stops,
    endsAt: (rows[0]?.at(-1) ?? 0) * steps,
  }
}
