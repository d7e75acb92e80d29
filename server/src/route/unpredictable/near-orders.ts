/**
 * Orders of the same stops that cost nearly as little as the best one found (警察勤務條例 §13: fixed and variable lines,
 * forward and reverse). Good closed rings through the stops are found on slightly falsified costs; each may be entered at any
 * gap and driven either way, and what costs too much by the true costs is left out.
 */
import { legCost, renumber, type Metric } from '../metric.ts'
import { createRandom, type Random } from '../random.ts'
import { planTour } from '../tsp.ts'

export type Direction = 'forward' | 'reverse'

export type NearOrder = {
  /** Points of the metric, start and end apart. */
  points: number[]
  /** Against the best ring found: along it or against it. */
  direction: Direction
  /** Driving from start through all points to the end, in the metric's unit. */
  travel: number
  /** Driving and visits, against the least found: 1 is the best. */
  costRatio: number
}

export type NearOrdersOptions = {
  /** 0.05 allows orders that take 5 % longer than the best. */
  tolerance: number
  /** Time at the stops, all together: part of what a route costs. */
  service: number
  seed: number
  /** Good rings to look for. */
  rings?: number
  /** Search rounds for each. */
  iterations?: number
  /** Falsified costs are off by up to this share. */
  noise?: number
  /** An order that is known to work, to be among those looked at. */
  known?: readonly number[]
  /** Orders that cannot be driven are left out, and nothing is measured against them. */
  fits?: (points: readonly number[]) => boolean
}

/**
 * @param start points of the metric (the station, where the unit is); -1 for anywhere
 * @returns the best order first; at least one, unless none fits
 */
export function listNearOrders(
  metric: Metric,
  points: readonly number[],
  start: number,
  end: number,
  options: NearOrdersOptions,
): NearOrder[] {
  const { tolerance, service, seed, rings = 8, iterations = 300, noise = 0.3, known, fits } = options
  const random = createRandom(seed)
  const leg = (from: number, to: number) => (from < 0 || to < 0 ? 0 : legCost(metric, from, to))
  const found = new Map<string, Omit<NearOrder, 'costRatio'>>()
  const local = renumber(metric, Int32Array.from(points))
  let reference: readonly number[] = []

  const addRing = (ring: readonly number[], direction: Direction): void => {
    let around = 0
    for (let i = 0; i < ring.length; i++) around += leg(ring[i] ?? -1, ring[(i + 1) % ring.length] ?? -1)
    for (let gap = 0; gap < ring.length; gap++) {
      const first = ring[gap] ?? -1
      const last = ring[(gap + ring.length - 1) % ring.length] ?? -1
      const travel = around - leg(last, first) + leg(start, first) + leg(last, end)
      const order = [...ring.slice(gap), ...ring.slice(0, gap)]
      const key = order.join(' ')
      if (!found.has(key)) found.set(key, { points: order, direction, travel })
    }
  }
  for (let k = 0; k < Math.max(1, rings); k++) {
    const falsified = k === 0 ? local : falsify(local, noise, random)
    const { order } = planTour(falsified, { iterations, seed: seed + k })
    const ring = alongside(
      order.flatMap((i) => points[i] ?? []),
      reference,
    )
    if (k === 0) reference = ring
    addRing(ring, 'forward')
    addRing(ring.toReversed(), 'reverse')
  }
  if (known !== undefined && known.length > 0) {
    const ring = alongside([...known], reference)
    addRing(ring, 'forward')
    addRing(ring.toReversed(), 'reverse')
    // Turned round it may be entered at other gaps only; as it is known it works.
    addRing(known, ring[0] === known[0] && ring[1] === known[1] ? 'forward' : 'reverse')
  }
  const all = [...found.values()]
    .filter(({ points: order }) => fits === undefined || fits(order))
    .sort((a, b) => a.travel - b.travel)
  const least = all[0]
  if (least === undefined)
    return [{ points: [], direction: 'forward', travel: leg(start, end), costRatio: 1 }]
  const cheapest = Math.max(least.travel + service, 1e-9)
  return all
    .map((order) => ({ ...order, costRatio: (order.travel + service) / cheapest }))
    .filter((order) => order.costRatio <= 1 + tolerance + 1e-9)
}

/** Costs that are each off by up to `noise`, both ways alike where they were alike. */
function falsify(metric: Metric, noise: number, random: Random): Metric {
  const { size } = metric
  const table = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) {
      const factor = 1 + noise * (2 * random.real() - 1)
      table[i * size + j] = legCost(metric, i, j) * factor
      table[j * size + i] = legCost(metric, j, i) * factor
    }
  }
  return { ...metric, table }
}

/** The ring turned round where it goes against the reference, by the steps from each point to the next. */
function alongside(ring: number[], reference: readonly number[]): number[] {
  const place = new Map(reference.map((point, i) => [point, i]))
  let sense = 0
  for (let i = 0; i < ring.length; i++) {
    const from = place.get(ring[i] ?? -1)
    const to = place.get(ring[(i + 1) % ring.length] ?? -1)
    if (from === undefined || to === undefined) continue
    const ahead = (to - from + reference.length) % reference.length
    if (ahead !== 0) sense += ahead <= reference.length / 2 ? 1 / ahead : -1 / (reference.length - ahead)
  }
  return sense < 0 ? ring.toReversed() : ring
}
