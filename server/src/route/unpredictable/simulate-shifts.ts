import { legCost, planeMetric, tableMetric, type Metric } from '../metric.ts'
import { createRandom, type Random } from '../random.ts'
import { drawRoute, plainRoute, toExecution, type DrawnRoute } from './draw-route.ts'
import { listNearOrders } from './near-orders.ts'
import { observeSteps, observeTimes, SPAN_SECONDS, type Execution } from './observer.ts'
import { timeOrderOn } from './time-order.ts'

const SHIFT_SECONDS = 4 * 3_600
const VISIT_SECONDS = 300
/** A station's own ground: square of this side, in metres, the station somewhere near the middle. */
const SIDE_METERS = 3_000
/** 25 km/h over roads 1.3 times as long as the straight line. */
const SECONDS_PER_METER = (1.3 * 3.6) / 25
const TOLERANCE = 0.05

/**
 * Shifts of four hours simulated one after another, each drawn with the earlier ones known, and judged by observers who know
 * them too. The plain optimal route, driven every time, is the baseline.
 */
export function simulateShifts({ shifts, points, seed }: { shifts: number; points: number; seed: number }) {
  const random = createRandom(seed)
  const metric = makeGround(points, random)
  const list = Array.from({ length: points }, (_, i) => i + 1)
  const service = points * VISIT_SECONDS
  const timeOrder = timeOrderOn(metric, { start: 0, end: 0, service: VISIT_SECONDS, endsAt: SHIFT_SECONDS })
  const orders = listNearOrders(metric, list, 0, 0, { tolerance: TOLERANCE, service, seed })
  const drawn: DrawnRoute[] = []
  const history: Execution[] = []
  for (let shift = 0; shift < shifts; shift++) {
    const route = drawRoute(orders, timeOrder, { shiftSeconds: SHIFT_SECONDS, history, random })
    if (route === null) throw new Error('The route does not fit the shift.')
    drawn.push(route)
    history.push(toExecution(route.order.points, route.timing))
  }
  const plain = plainRoute(orders, timeOrder, { shiftSeconds: SHIFT_SECONDS, history: [] })
  if (plain === null) throw new Error('The route does not fit the shift.')
  const plainHistory = history.map(() => toExecution(plain.order.points, plain.timing))
  const ratios = drawn.map(({ order }) => order.costRatio)
  const leastTravel = Math.min(...orders.map((order) => order.travel))
  const chance = SPAN_SECONDS / SHIFT_SECONDS
  const observerHit = hitRate(history, observeTimes)
  const stepHit = hitRate(history, observeSteps)
  return {
    shifts,
    costRatioMean: mean(ratios),
    costRatioMax: Math.max(...ratios),
    reverseShare: mean(drawn.map(({ order }) => (order.direction === 'reverse' ? 1 : 0))),
    observerHit,
    chance,
    ratio: observerHit / chance,
    plainRouteRatio: hitRate(plainHistory, observeTimes) / chance,
    previousStopHit: stepHit,
    previousStopRatio: stepHit / chance,
    previousStopPlainRatio: hitRate(plainHistory, observeSteps) / chance,
    travelRatioMean: mean(drawn.map(({ order }) => order.travel / leastTravel)),
    points,
    orders: orders.length,
    belowFloor: drawn.filter(({ aboveFloor }) => !aboveFloor).length,
  }
}

/** Points and a station on a square, with legs that cost up to a tenth more one way than the other. */
function makeGround(points: number, random: Random): Metric {
  const size = points + 1
  const spread = (i: number) => (i === 0 ? 0.35 + 0.3 * random.real() : random.real()) * SIDE_METERS
  const x = Float64Array.from({ length: size }, (_, i) => spread(i))
  const y = Float64Array.from({ length: size }, (_, i) => spread(i))
  const plane = planeMetric(x, y)
  const table = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++)
      table[i * size + j] = legCost(plane, i, j) * SECONDS_PER_METER * (1 + 0.1 * random.real())
  }
  return tableMetric(table, x, y)
}

/** Hits of an observer over all shifts, each judged with the ones before it. */
function hitRate(history: readonly Execution[], observe: typeof observeTimes): number {
  let hits = 0
  let named = 0
  history.forEach((shift, i) => {
    const seen = observe(history.slice(0, i), shift)
    hits += seen.hits
    named += seen.named
  })
  return named === 0 ? 0 : hits / named
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
