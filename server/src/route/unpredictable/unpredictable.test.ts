import { expect, test } from 'vitest'
import { simulateShifts } from './simulate-shifts.ts'
import { planeMetric } from '../metric.ts'
import { createRandom } from '../random.ts'
import { tourLength } from '../tsp.ts'
import { drawRoute, MOST_PAUSE } from './draw-route.ts'
import { spreadOf } from './entropy.ts'
import { listNearOrders } from './near-orders.ts'
import { busiestSpan, observeSteps, observeTimes, predictability } from './observer.ts'
import { timeOrderOn } from './time-order.ts'

const random = createRandom(7)
const metric = planeMetric(
  Float64Array.from({ length: 13 }, () => random.real() * 1_000),
  Float64Array.from({ length: 13 }, () => random.real() * 1_000),
)
const points = Array.from({ length: 12 }, (_, i) => i + 1)

test('near orders visit everything once, cost what they say, and no more than allowed', () => {
  const orders = listNearOrders(metric, points, 0, 0, { tolerance: 0.05, service: 0, seed: 1 })
  expect(orders.length).toBeGreaterThan(4)
  const best = orders[0]?.travel ?? 0
  for (const order of orders) {
    expect(order.points.toSorted((a, b) => a - b)).toEqual(points)
    expect(order.travel).toBeCloseTo(tourLength(metric, [0, ...order.points], true), 6)
    expect(order.costRatio).toBeCloseTo(order.travel / best, 6)
    expect(order.costRatio).toBeLessThanOrEqual(1.05 + 1e-9)
  }
  expect(new Set(orders.map(({ direction }) => direction)).size).toBe(2)
})

test('a stop list of none or one is an order too', () => {
  const options = { tolerance: 0.05, service: 0, seed: 1 }
  expect(listNearOrders(metric, [], 0, 0, options)).toMatchObject([{ points: [], costRatio: 1 }])
  expect(listNearOrders(metric, [3], 0, 0, options)[0]).toMatchObject({ points: [3], costRatio: 1 })
})

test('windows, the end of the shift and pauses decide whether an order can be driven', () => {
  const line = planeMetric(Float64Array.of(0, 10, 20), Float64Array.of(0, 0, 0))
  const timeOrder = timeOrderOn(line, {
    start: 0,
    end: 0,
    service: 5,
    endsAt: 60,
    windowOf: (point) => (point === 2 ? [30, 40] : [0, 60]),
  })
  expect(timeOrder([1, 2], 0, [])).toEqual({ at: [10, 30], endsAt: 55 })
  expect(timeOrder([1, 2], 0, [0, 11])).toBeNull()
  expect(timeOrder([2, 1], 25, [])).toBeNull()
})

test('a point named again waits until it has had its rest', () => {
  const line = planeMetric(Float64Array.of(0, 10), Float64Array.of(0, 0))
  const timeOrder = timeOrderOn(line, { start: 0, end: 0, service: 5, endsAt: 200, gap: 50 })
  expect(timeOrder([1, 1], 0, [])).toEqual({ at: [10, 65], endsAt: 80 })
})

test('nobody lingers for longer than a hotspot asks for', () => {
  const orders = listNearOrders(metric, points, 0, 0, { tolerance: 0.05, service: 0, seed: 1 })
  const timeOrder = timeOrderOn(metric, { start: 0, end: 0, service: 60, endsAt: 28_800 })
  for (let seed = 1; seed <= 20; seed++) {
    const drawn = drawRoute(orders, timeOrder, {
      shiftSeconds: 28_800,
      history: [],
      random: createRandom(seed),
    })
    const at = drawn?.timing.at ?? []
    const longest = Math.max(...at.slice(1).map((time, i) => time - (at[i] ?? 0) - 60))
    // Legs on this ground are at most 1,415.
    expect(longest).toBeLessThanOrEqual(MOST_PAUSE + 1_415)
  }
})

test('an observer names the busiest half hour, and is right about a patrol that always comes then', () => {
  expect(busiestSpan([])).toBeUndefined()
  expect(busiestSpan([100, 5_000, 5_200, 6_000])).toBe(4_500)
  const shift = [
    { point: 1, at: 1_000 },
    { point: 2, at: 9_000 },
  ]
  expect(observeTimes([shift, shift], shift)).toEqual({ hits: 2, named: 2 })
  expect(observeTimes([], shift)).toEqual({ hits: 0, named: 0 })
  expect(observeSteps([shift], shift)).toEqual({ hits: 1, named: 1 })
  expect(predictability([shift], shift, 14_400)).toBe(8)
  expect(predictability([], shift, 14_400)).toBeNull()
})

test('spread is 1 for half hours used evenly and 0 for one half hour', () => {
  const at = (seconds: number) => [{ point: 1, at: seconds }]
  expect(spreadOf([at(0)], 14_400)).toBe(1)
  expect(spreadOf([at(0), at(1_000), at(1_700)], 14_400)).toBe(0)
  expect(spreadOf([at(0), at(1_800), at(3_600), at(5_400)], 14_400)).toBeCloseTo(1, 9)
})

test('the same seed draws the same route, and a shift too short for any draws none', () => {
  const orders = listNearOrders(metric, points, 0, 0, { tolerance: 0.05, service: 0, seed: 1 })
  const timeOrder = timeOrderOn(metric, { start: 0, end: 0, service: 60, endsAt: 14_400 })
  const draw = () =>
    drawRoute(orders, timeOrder, { shiftSeconds: 14_400, history: [], random: createRandom(3) })
  expect(draw()).toEqual(draw())
  const never = timeOrderOn(metric, { start: 0, end: 0, service: 60, endsAt: 100 })
  expect(drawRoute(orders, never, { shiftSeconds: 100, history: [], random: createRandom(3) })).toBeNull()
})

test('an observer of forty shifts does little better than guessing, at a cost within five per cent', () => {
  const found = simulateShifts({ shifts: 40, points: 16, seed: 5 })
  expect(found.costRatioMax).toBeLessThanOrEqual(1.05 + 1e-9)
  expect(found.ratio).toBeLessThanOrEqual(1.5)
  expect(found.plainRouteRatio).toBeCloseTo(8, 6)
  expect(found.reverseShare).toBeGreaterThan(0.35)
  expect(found.reverseShare).toBeLessThan(0.65)
})
