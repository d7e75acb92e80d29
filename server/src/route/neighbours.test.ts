import { expect, it } from 'vitest'
import { legCost, planeMetric } from './metric.ts'
import { listNeighbours } from './neighbours.ts'
import { createRandom } from './random.ts'
import { startTour } from './start-tour.ts'

/** Eight tight clusters far apart and one point alone: hard for a grid. */
function clusters(size: number) {
  const random = createRandom(11)
  const x = new Float64Array(size)
  const y = new Float64Array(size)
  for (let i = 1; i < size; i++) {
    x[i] = (i % 4) * 10_000 + random.real() * 30
    y[i] = (i % 8) * 7_000 + random.real() * 30
  }
  x[0] = -50_000
  return planeMetric(x, y)
}

it('finds exactly the nearest points, nearest first', () => {
  const metric = clusters(900)
  const list = listNeighbours(metric, 8, 0)
  for (let node = 0; node < metric.size; node += 7) {
    const all = Array.from({ length: metric.size }, (_, i) => i)
      .filter((other) => other !== node)
      .map((other) => legCost(metric, node, other))
      .sort((a, b) => a - b)
    expect(Array.from(list.cost.subarray(node * 8, node * 8 + 8))).toEqual(all.slice(0, 8))
  }
})

it('takes neighbours from every quadrant that has points', () => {
  // A dense pair of columns: plain nearest neighbours never cross to the other column.
  const x = Float64Array.from({ length: 400 }, (_, i) => (i % 2) * 50)
  const y = Float64Array.from({ length: 400 }, (_, i) => Math.floor(i / 2))
  const metric = planeMetric(x, y)
  const crosses = (perQuadrant: number) =>
    listNeighbours(metric, 8, perQuadrant)
      .node.subarray(200 * 8, 201 * 8)
      .some((other) => other % 2 === 1)
  expect(crosses(0)).toBe(false)
  expect(crosses(2)).toBe(true)
})

it('lists distinct neighbours, never the point itself, in rising cost', () => {
  const metric = clusters(300)
  const { width, node, cost } = listNeighbours(metric, 10, 2)
  for (let row = 0; row < metric.size; row++) {
    const mine = Array.from(node.subarray(row * width, row * width + width))
    expect(new Set(mine).size).toBe(width)
    expect(mine).not.toContain(row)
    const costs = Array.from(cost.subarray(row * width, row * width + width))
    expect(costs).toEqual(costs.toSorted((a, b) => a - b))
    expect(costs).toEqual(mine.map((other) => legCost(metric, row, other)))
  }
})

it('starts with a tour of every point', () => {
  for (const size of [2, 3, 50, 900]) {
    const metric = clusters(size)
    const order = startTour(metric, listNeighbours(metric, 10, 2))
    expect(Array.from(order).sort((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, i) => i))
  }
})
