import { describe, expect, it } from 'vitest'
import { forbidLegs, legCost, tableMetric, type Metric } from './metric.ts'
import { createRandom } from './random.ts'
import { planUnits, spaceVisits } from './team-orienteering.ts'
import type { Stop, Unit } from './unit-routes.ts'

/** A day of 1000 with windows of 100 to 300; legs differ each way. */
function day(size: number, seed: number): { metric: Metric; stops: Stop[] } {
  const random = createRandom(seed)
  const x = Array.from({ length: size + 1 }, () => random.real() * 100)
  const y = Array.from({ length: size + 1 }, () => random.real() * 100)
  const wide = size + 1
  const table = new Float64Array(wide * wide)
  for (let i = 0; i < wide; i++) {
    for (let j = 0; j < wide; j++) {
      const straight = Math.hypot((x[i] ?? 0) - (x[j] ?? 0), (y[i] ?? 0) - (y[j] ?? 0))
      table[i * wide + j] = straight * (i < j ? 1.1 : 1)
    }
  }
  const stops = Array.from({ length: size }, (_, i) => {
    const opensAt = random.below(700)
    return {
      point: i + 1,
      score: 1 + random.below(30),
      serviceTime: 10,
      opensAt,
      closesAt: opensAt + 100 + random.below(200),
    }
  })
  return { metric: tableMetric(table), stops }
}

const unit: Unit = { start: 0, end: 0, startsAt: 0, endsAt: 800 }

/** The route's score; throws when the unit is late somewhere. */
function judge(metric: Metric, stops: Stop[], unit: Unit, route: number[]): number {
  let time = unit.startsAt
  let at = unit.start
  let score = 0
  for (const i of route) {
    const stop = stops[i]
    if (stop === undefined) throw new Error(`no stop ${i}`)
    time = Math.max(stop.opensAt, time + (at < 0 ? 0 : legCost(metric, at, stop.point)))
    if (time > stop.closesAt + 1e-6) throw new Error(`late at ${i}`)
    time += stop.serviceTime
    score += stop.score
    at = stop.point
  }
  time += at < 0 || unit.end < 0 ? 0 : legCost(metric, at, unit.end)
  if (time > unit.endsAt + 1e-6) throw new Error('late at the end')
  return score
}

function bestByTrying(metric: Metric, stops: Stop[], unit: Unit): number {
  let best = 0
  const extend = (route: number[]): void => {
    try {
      best = Math.max(best, judge(metric, stops, unit, route))
    } catch {
      // Too late already: costs obey the triangle inequality here, so nothing behind it can be in time.
      return
    }
    for (const i of stops.keys()) if (!route.includes(i)) extend([...route, i])
  }
  extend([])
  return best
}

describe('planUnits', () => {
  it('finds the best of all routes of seven stops', () => {
    for (let seed = 1; seed <= 8; seed++) {
      const { metric, stops } = day(7, seed)
      const shift = { ...unit, endsAt: 300 + 60 * seed }
      const plan = planUnits(metric, stops, [shift], { iterations: 600, seed })
      expect(judge(metric, stops, shift, plan.routes[0] ?? [])).toBe(plan.score)
      expect(plan.score).toBe(bestByTrying(metric, stops, shift))
    }
  })

  it('plans several units in time, with no stop twice', () => {
    const { metric, stops } = day(80, 3)
    const units: Unit[] = [
      unit,
      { ...unit, startsAt: 200 },
      { ...unit, start: 5, end: 9 },
      { ...unit, start: -1, end: -1 },
    ]
    const plan = planUnits(metric, stops, units, { iterations: 400, seed: 2 })
    expect(new Set(plan.routes.flat()).size).toBe(plan.routes.flat().length)
    const scores = units.map((each, r) => judge(metric, stops, each, plan.routes[r] ?? []))
    expect(scores.reduce((a, b) => a + b, 0)).toBe(plan.score)
    expect(plan.score).toBeGreaterThan(planUnits(metric, stops, [unit], { iterations: 400, seed: 2 }).score)
  })

  it('plans more units than a machine word has bits', () => {
    const { metric, stops } = day(90, 6)
    const plan = planUnits(
      metric,
      stops,
      Array.from({ length: 40 }, () => unit),
      { iterations: 60 },
    )
    for (const route of plan.routes) judge(metric, stops, unit, route)
    expect(plan.routes.flat()).toHaveLength(90)
  })

  it('visits a required stop however little it is worth, and says when it cannot', () => {
    const { metric, stops } = day(40, 4)
    const poor = stops.map((stop, i) => (i < 3 ? { ...stop, score: 0, required: true } : stop))
    const plan = planUnits(metric, poor, [unit], { iterations: 500 })
    const visited = new Set(plan.routes.flat())
    expect([0, 1, 2].filter((i) => !visited.has(i))).toEqual(plan.missed)
    const late = poor.map((stop, i) => (i === 1 ? { ...stop, opensAt: 900, closesAt: 950 } : stop))
    expect(planUnits(metric, late, [unit], { iterations: 100 }).missed).toContain(1)
  })

  it('takes all stops when all are required and fit, as short as trying every order finds', () => {
    const { metric, stops } = day(6, 9)
    const free = stops.map((stop) => ({ ...stop, opensAt: 0, closesAt: 5000, required: true }))
    const plan = planUnits(metric, free, [{ ...unit, endsAt: 5000 }], { iterations: 600 })
    expect(plan.missed).toEqual([])
    const lengthOf = (route: number[]) => {
      const points = [0, ...route.map((i) => free[i]?.point ?? 0), 0]
      return points.slice(1).reduce((sum, point, i) => sum + legCost(metric, points[i] ?? 0, point), 0)
    }
    let least = Infinity
    const extend = (route: number[]): void => {
      if (route.length === 6) least = Math.min(least, lengthOf(route))
      for (let i = 0; i < 6; i++) if (!route.includes(i)) extend([...route, i])
    }
    extend([])
    expect(lengthOf(plan.routes[0] ?? [])).toBeCloseTo(least, 6)
  })

  it('never takes a forbidden leg', () => {
    const { metric, stops } = day(30, 7)
    const free = planUnits(metric, stops, [unit], { iterations: 300 }).routes[0] ?? []
    const pairs = free.slice(1).map((stop, i) => [(free[i] ?? 0) + 1, stop + 1] as const)
    const closed = forbidLegs(metric, pairs)
    const route = planUnits(closed, stops, [unit], { iterations: 300 }).routes[0] ?? []
    expect(route.length).toBeGreaterThan(0)
    expect(judge(closed, stops, unit, route)).toBeGreaterThan(0)
  })

  it('gives the same plan for the same seed and iterations', () => {
    const { metric, stops } = day(60, 5)
    const plan = () => planUnits(metric, stops, [unit, unit], { iterations: 200, seed: 3 })
    expect(plan()).toEqual(plan())
  })

  it('stops when it is cancelled with a plan that holds', () => {
    const { metric, stops } = day(120, 8)
    let asked = 0
    const plan = planUnits(metric, stops, [unit, unit], { seconds: 3600, cancelled: () => ++asked > 10 })
    for (const route of plan.routes) judge(metric, stops, unit, route)
    expect(asked).toBe(11)
  })

  it('refuses a stop at no point', () => {
    const { metric, stops } = day(3, 1)
    expect(() =>
      planUnits(
        metric,
        [{ ...stops[0], point: 4, score: 1, serviceTime: 0, opensAt: 0, closesAt: 1 }],
        [unit],
        {},
      ),
    ).toThrow(RangeError)
  })

  it('plans nothing for no stops or no units', () => {
    const { metric, stops } = day(4, 1)
    expect(planUnits(metric, [], [unit], { iterations: 5 }).routes).toEqual([[]])
    expect(planUnits(metric, stops, [], { iterations: 5 })).toMatchObject({ routes: [], score: 0 })
  })
})

describe('spaceVisits', () => {
  const stop: Stop = { point: 1, score: 5, serviceTime: 15, opensAt: 0, closesAt: 480 }

  it('leaves at least the gap between any visit of one part and any of the next', () => {
    const parts = spaceVisits(stop, 3, 120)
    expect(parts).toHaveLength(3)
    for (const [i, part] of parts.entries()) {
      expect(part.closesAt).toBeGreaterThanOrEqual(part.opensAt)
      const before = parts[i - 1]
      if (before) expect(part.opensAt - (before.closesAt + before.serviceTime)).toBeCloseTo(120, 9)
    }
    expect(parts.at(-1)?.closesAt).toBeCloseTo(480, 9)
  })

  it('refuses more visits than the span holds', () => {
    expect(() => spaceVisits(stop, 5, 120)).toThrow(RangeError)
  })

  it('makes stops that are all visited by a unit with nothing else to do', () => {
    const { metric } = day(3, 2)
    const shift = { ...unit, start: 1, end: 1, endsAt: 700 }
    const plan = planUnits(metric, spaceVisits({ ...stop, closesAt: 450 }, 3, 120), [shift], {
      iterations: 50,
    })
    expect(plan.routes[0]).toEqual([0, 1, 2])
  })
})
