import { describe, expect, it } from 'vitest'
import { FORBIDDEN, forbidLegs, legCost, planeMetric, tableMetric, type Metric } from './metric.ts'
import { createRandom } from './random.ts'
import { planTour, tourLength, type TourShape } from './tsp.ts'

function scatter(size: number, seed: number): Metric {
  const random = createRandom(seed)
  const draw = () => Float64Array.from({ length: size }, () => random.real() * 1000)
  return planeMetric(draw(), draw())
}

/** Streets: up to half as long again one way as the straight line, and differently long the other way. */
function oneWay(size: number, seed: number): Metric {
  const random = createRandom(seed + 1000)
  const straight = scatter(size, seed)
  const table = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) table[i * size + j] = legCost(straight, i, j) * (1 + random.real() / 2)
  }
  return tableMetric(table)
}

/** The least length over all orders of the wanted shape. */
function shortestByTrying(metric: Metric, shape: TourShape): number {
  let least = Infinity
  const extend = (order: number[], rest: number[]): void => {
    if (rest.length === 0) {
      const fits = shape.end === undefined || order[order.length - 1] === shape.end
      if (fits) least = Math.min(least, tourLength(metric, order, shape.closed ?? true))
      return
    }
    for (const point of rest)
      extend(
        [...order, point],
        rest.filter((other) => other !== point),
      )
  }
  const all = Array.from({ length: metric.size }, (_, i) => i)
  const firsts = shape.start !== undefined ? [shape.start] : shape.closed === false ? all : [0]
  for (const first of firsts)
    extend(
      [first],
      all.filter((point) => point !== first),
    )
  return least
}

const isPermutation = (order: number[], size: number) => order.length === size && new Set(order).size === size

const shapes: TourShape[] = [
  {},
  { closed: false },
  { closed: false, start: 2 },
  { closed: false, end: 5 },
  { closed: false, start: 7, end: 0 },
  { closed: false, start: 0, end: 3 },
]

describe('planTour', () => {
  it.each(shapes)('finds the best of all orders: %o', (shape) => {
    for (let seed = 1; seed <= 3; seed++) {
      for (const metric of [
        scatter(8, seed),
        oneWay(8, seed),
        scatter(5 + (seed % 3), seed),
        oneWay(8, seed + 50),
      ]) {
        const wanted = { ...shape }
        if (wanted.start !== undefined) wanted.start %= metric.size
        if (wanted.end !== undefined)
          wanted.end = wanted.end % metric.size === wanted.start ? 1 : wanted.end % metric.size
        const tour = planTour(metric, { iterations: 400, seed }, wanted)
        expect(isPermutation(tour.order, metric.size)).toBe(true)
        expect(tour.length).toBeCloseTo(tourLength(metric, tour.order, wanted.closed ?? true), 6)
        expect(tour.length).toBeCloseTo(shortestByTrying(metric, wanted), 6)
        if (wanted.start !== undefined) expect(tour.order[0]).toBe(wanted.start)
        if (wanted.end !== undefined) expect(tour.order.at(-1)).toBe(wanted.end)
      }
    }
  })

  it('walks a 20 × 20 lattice in 400 steps', () => {
    const axis = (of: (i: number) => number) => Float64Array.from({ length: 400 }, (_, i) => of(i))
    const metric = planeMetric(
      axis((i) => i % 20),
      axis((i) => Math.floor(i / 20)),
    )
    const tour = planTour(metric, { iterations: 3000, seed: 3 })
    expect(isPermutation(tour.order, 400)).toBe(true)
    expect(tour.length).toBeCloseTo(400, 6)
  })

  it('visits 700 clustered points, some of them twice at one place, close to the expected length', () => {
    const random = createRandom(5)
    const x = new Float64Array(700)
    const y = new Float64Array(700)
    for (let i = 0; i < 700; i++) {
      x[i] = (i % 7) * 1000 + random.below(60)
      y[i] = (i % 7) * 500 + random.below(60)
    }
    const metric = planeMetric(x, y, 'nearest')
    const tour = planTour(metric, { iterations: 300, seed: 1 })
    expect(isPermutation(tour.order, 700)).toBe(true)
    expect(tour.length).toBe(tourLength(metric, tour.order, true))
    // Six crossings there and back, and about 0.7124 √(n A) in each cluster.
    expect(tour.length).toBeLessThan(2 * 6 * Math.hypot(1000, 500) + 7 * 0.9 * Math.sqrt(100 * 60 * 60))
  })

  it('gives the same tour for the same seed and iterations', () => {
    const metric = scatter(150, 9)
    const plan = (seed: number) => planTour(metric, { iterations: 200, seed })
    expect(plan(4)).toEqual(plan(4))
    expect(plan(4).rounds).toBe(200)
    const narrow = oneWay(30, 2)
    expect(planTour(narrow, { iterations: 50, seed: 1 })).toEqual(
      planTour(narrow, { iterations: 50, seed: 1 }),
    )
  })

  it('stops when it is cancelled and still visits every point', () => {
    let asked = 0
    const tour = planTour(scatter(600, 2), { seconds: 3600, cancelled: () => ++asked > 20 })
    expect(isPermutation(tour.order, 600)).toBe(true)
    expect(asked).toBe(21)
  })

  it('avoids a forbidden leg where there is another way, and shows where there is none', () => {
    const line = planeMetric(Float64Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8]), new Float64Array(9))
    const open = planTour(forbidLegs(line, [[3, 4]]), { iterations: 300 }, { closed: false })
    const legs = open.order.slice(1).map((point, i) => [point, open.order[i]].sort().join('-'))
    expect(legs).not.toContain('3-4')
    expect(open.length).toBe(10)
    const alone = forbidLegs(
      line,
      Array.from({ length: 8 }, (_, i) => [8, i] as const),
    )
    expect(planTour(alone, { iterations: 100 }).length).toBeGreaterThanOrEqual(FORBIDDEN)
  })

  it('refuses ends that are no points', () => {
    expect(() => planTour(scatter(9, 1), { iterations: 1 }, { start: 9 })).toThrow(RangeError)
    expect(() => planTour(scatter(9, 1), { iterations: 1 }, { closed: false, start: 1, end: 1 })).toThrow(
      RangeError,
    )
  })

  it('handles lists of no, one, two and three points', () => {
    for (const size of [0, 1, 2, 3]) {
      for (const closed of [true, false]) {
        const tour = planTour(scatter(size, 1), { iterations: 5 }, { closed })
        expect(isPermutation(tour.order, size)).toBe(true)
      }
    }
  })
})

describe('metrics', () => {
  it('rounds as asked', () => {
    const [x, y] = [Float64Array.from([0, 1]), Float64Array.from([0, 1])]
    expect(legCost(planeMetric(x, y), 0, 1)).toBeCloseTo(Math.SQRT2, 12)
    expect(legCost(planeMetric(x, y, 'nearest'), 0, 1)).toBe(1)
    expect(legCost(planeMetric(x, y, 'up'), 0, 1)).toBe(2)
  })

  it('refuses a table that is not square or not of costs', () => {
    expect(() => tableMetric(new Float64Array(3))).toThrow(RangeError)
    expect(() => tableMetric(Float64Array.from([0, -1, 1, 0]))).toThrow(/from 0 to 1/)
  })
})
