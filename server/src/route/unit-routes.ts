/**
 * The routes of several units as linked lists, with what makes an insertion test constant-time: when service begins at each
 * stop (`at`) and the latest moment it may begin so that everything after still fits (`latest`) — the forward time
 * slack of Savelsbergh (ORSA Journal on Computing 4, 1992), which Vansteenwegen et al. (Computers & Operations Research
 * 36, 2009) use as MaxShift.
 *
 * Nodes 0..n-1 are the stops; unit r starts at node n + 2r and ends at n + 2r + 1.
 * One closure over 200 lines: the arrays are shared by every step of the hot loop.
 */
import { legCost, type Metric } from './metric.ts'
import type { Random } from './random.ts'
import { intAt, realAt } from './typed-array.ts'

export type Stop = {
  /** Which point of the metric this is; several stops may be at one point (repeated visits). */
  point: number
  score: number
  /** How long a visit takes, in the metric's unit. */
  serviceTime: number
  /** Service must begin within [opensAt, closesAt]; arriving earlier means waiting. */
  opensAt: number
  closesAt: number
  /** A fixed stop: worth more than all others together. */
  required?: boolean
}

export type Unit = {
  /** Points of the metric; -1 means anywhere (the first or last leg then costs nothing). */
  start: number
  end: number
  startsAt: number
  /** Latest arrival at the end. */
  endsAt: number
}

export type UnitRoutes = ReturnType<typeof createUnitRoutes>

export function createUnitRoutes(
  metric: Metric,
  stops: Stop[],
  units: Unit[],
  score: Float64Array,
  random: Random,
) {
  const n = stops.length
  const unitCount = units.length
  const size = n + 2 * unitCount
  const { cost, costFrom } = expandCosts(metric, stops, units)
  const service = new Float64Array(size)
  const open = new Float64Array(size)
  const close = new Float64Array(size)
  stops.forEach((stop, i) => {
    service[i] = stop.serviceTime
    open[i] = stop.opensAt
    close[i] = stop.closesAt
  })
  units.forEach((unit, r) => {
    open[n + 2 * r] = open[n + 2 * r + 1] = unit.startsAt
    close[n + 2 * r] = close[n + 2 * r + 1] = unit.endsAt
  })
  const next = new Int32Array(size)
  const previous = new Int32Array(size)
  const at = new Float64Array(size)
  const latest = new Float64Array(size)
  /** The unit that visits each node, -1 for none. */
  const unitOf = new Int32Array(size).fill(-1)
  const visits = new Int32Array(unitCount)
  let total = 0
  for (let r = 0; r < unitCount; r++) {
    const first = n + 2 * r
    const last = first + 1
    next[first] = last
    previous[last] = first
    at[first] = realAt(open, first)
    at[last] = realAt(open, first) + realAt(cost, first * size + last)
    latest[last] = realAt(close, last)
    latest[first] = realAt(close, last) - realAt(cost, first * size + last)
    unitOf[first] = unitOf[last] = r
  }

  /** Recomputes arrival after `from` until nothing changes. */
  const pushForward = (from: number): void => {
    let p = from
    let q = intAt(next, p)
    for (;;) {
      const time = Math.max(realAt(open, q), realAt(at, p) + realAt(service, p) + realAt(cost, p * size + q))
      if (time === realAt(at, q)) return
      at[q] = time
      if (q >= n) return
      p = q
      q = intAt(next, q)
    }
  }
  const pullBackward = (from: number): void => {
    let q = from
    let p = intAt(previous, q)
    for (;;) {
      const time = Math.min(
        realAt(close, p),
        realAt(latest, q) - realAt(service, p) - realAt(cost, p * size + q),
      )
      if (time === realAt(latest, p)) return
      latest[p] = time
      if (p >= n) return
      q = p
      p = intAt(previous, p)
    }
  }
  const insert = (stop: number, after: number): void => {
    const before = intAt(next, after)
    next[after] = stop
    previous[stop] = after
    next[stop] = before
    previous[before] = stop
    const r = intAt(unitOf, after)
    unitOf[stop] = r
    visits[r] = intAt(visits, r) + 1
    // Not a time, so that the first step of both walks counts as a change.
    at[stop] = latest[stop] = NaN
    pushForward(after)
    pullBackward(before)
    total += realAt(score, stop)
  }
  const remove = (stop: number): void => {
    const before = intAt(previous, stop)
    const after = intAt(next, stop)
    next[before] = after
    previous[after] = before
    const r = intAt(unitOf, stop)
    unitOf[stop] = -1
    visits[r] = intAt(visits, r) - 1
    pushForward(before)
    pullBackward(after)
    total -= realAt(score, stop)
  }

  // All gaps of the routes side by side: one pass over these tests a stop much faster than walking the lists.
  const gapFrom = new Int32Array(size)
  const gapTo = new Int32Array(size)
  const gapLeave = new Float64Array(size)
  const gapLatest = new Float64Array(size)
  const gapAt = new Float64Array(size)
  const gapEnd = new Int32Array(unitCount)
  const listGaps = (): void => {
    let k = 0
    for (let r = 0; r < unitCount; r++) {
      const last = n + 2 * r + 1
      for (let p = n + 2 * r; p !== last; p = intAt(next, p)) {
        const q = intAt(next, p)
        gapFrom[k] = p
        gapTo[k] = q
        gapLeave[k] = realAt(at, p) + realAt(service, p)
        gapLatest[k] = realAt(latest, q)
        gapAt[k] = realAt(at, q)
        k++
      }
      gapEnd[r] = k
    }
  }
  /** The least delay that inserting `stop` into one of the listed gaps would cause; Infinity when it fits none. */
  const leastDelay = (stop: number): number => {
    let least = Infinity
    const opens = realAt(open, stop)
    const closes = realAt(close, stop)
    const takes = realAt(service, stop)
    const row = stop * size
    let k = 0
    for (let r = 0; r < unitCount; r++) {
      const end = intAt(gapEnd, r)
      for (; k < end; k++) {
        const leave = realAt(gapLeave, k)
        if (leave > closes) break
        const limit = realAt(gapLatest, k)
        if (opens + takes > limit) continue
        const arrival = leave + realAt(costFrom, row + intAt(gapFrom, k))
        if (arrival > closes) continue
        const onward = (arrival < opens ? opens : arrival) + takes + realAt(cost, row + intAt(gapTo, k))
        if (onward > limit) continue
        const delay = onward - realAt(gapAt, k)
        if (delay < least) least = delay < 0 ? 0 : delay
      }
      k = end
    }
    return least
  }
  /**
   * The node to insert `stop` after, -1 when it fits nowhere. The best gap is the one with the least delay
   * (`detourShare` 0) or the least detour (1) or a mixture; gaps are overlooked with probability `blink`, which keeps the
   * search from making the same routes again.
   */
  const findGap = (stop: number, detourShare: number, blink: number): number => {
    let found = -1
    let least = Infinity
    const opens = realAt(open, stop)
    const closes = realAt(close, stop)
    const takes = realAt(service, stop)
    const row = stop * size
    for (let r = 0; r < unitCount; r++) {
      let p = n + 2 * r
      const last = p + 1
      while (p !== last) {
        const leave = realAt(at, p) + realAt(service, p)
        if (leave > closes) break
        const q = intAt(next, p)
        const there = realAt(costFrom, row + p)
        const arrival = leave + there
        if (arrival <= closes) {
          const onward = realAt(cost, row + q)
          const time = (arrival < opens ? opens : arrival) + takes + onward
          if (time <= realAt(latest, q)) {
            const delay = Math.max(time, realAt(open, q)) - realAt(at, q)
            const worth =
              delay * (1 - detourShare) + detourShare * (there + onward - realAt(cost, p * size + q))
            if (worth < least && random.real() >= blink) {
              least = worth
              found = p
            }
          }
        }
        p = q
      }
    }
    return found
  }

  const lists = [next, previous, unitOf, visits]
  const times = [at, latest]
  return {
    next,
    previous,
    at,
    unitOf,
    visits,
    cost,
    size,
    total: () => total,
    insert,
    remove,
    listGaps,
    leastDelay,
    findGap,
    /** When the last unit leg ends, summed over the units: the secondary aim. */
    endTimes: () => {
      let sum = 0
      for (let r = 0; r < unitCount; r++) sum += realAt(at, n + 2 * r + 1)
      return sum
    },
    /** Whether the stop fits alone into some unit's shift. */
    canVisit: (stop: number) => findGap(stop, 0, 0) >= 0,
    save: () => ({
      lists: lists.map((list) => list.slice()),
      times: times.map((list) => list.slice()),
      total,
    }),
    saveInto: (saved: SavedRoutes) => {
      lists.forEach((list, i) => saved.lists[i]?.set(list))
      times.forEach((list, i) => saved.times[i]?.set(list))
      saved.total = total
    },
    restore: (saved: SavedRoutes) => {
      lists.forEach((list, i) => list.set(saved.lists[i] ?? list))
      times.forEach((list, i) => list.set(saved.times[i] ?? list))
      total = saved.total
    },
    routes: (): number[][] =>
      units.map((_, r) => {
        const stopsOfUnit: number[] = []
        for (let p = intAt(next, n + 2 * r); p < n; p = intAt(next, p)) stopsOfUnit.push(p)
        return stopsOfUnit
      }),
  }
}

export type SavedRoutes = { lists: Int32Array[]; times: Float64Array[]; total: number }

/** Costs between all nodes, and the same transposed: tests read one stop's row both ways, in cache. */
function expandCosts(
  metric: Metric,
  stops: Stop[],
  units: Unit[],
): { cost: Float64Array; costFrom: Float64Array } {
  const points = [...stops.map((stop) => stop.point), ...units.flatMap((unit) => [unit.start, unit.end])]
  const size = points.length
  const cost = new Float64Array(size * size)
  const costFrom = new Float64Array(size * size)
  points.forEach((from, i) =>
    points.forEach((to, j) => {
      const leg = from < 0 || to < 0 ? 0 : legCost(metric, from, to)
      cost[i * size + j] = leg
      costFrom[j * size + i] = leg
    }),
  )
  return { cost, costFrom }
}
