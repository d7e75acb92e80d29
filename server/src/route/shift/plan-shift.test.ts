import { describe, expect, test } from 'vitest'
import { createRandom } from '../random.ts'
import { assignCheapest } from './assign-cheapest.ts'
import { matchUnits, type MatchUnit } from './match-units.ts'
import { planShift } from './plan-shift.ts'
import type { ShiftPoint, ShiftProblem } from './shift-problem.ts'
import { weighPoints } from './weigh-points.ts'

const weights = { hotspot: 1, windows: 1, overdue: 1, campaign: 1, visibility: 1 }
const HOUR = 3_600

function unitOf(values: Partial<MatchUnit> = {}): MatchUnit {
  return {
    mode: 'car',
    skills: new Set(),
    beatIds: new Set(),
    knownPointIds: new Set(),
    loadHours: 0,
    ...values,
  }
}

/** Points on a square of ten minutes' drive, the station in its middle, last. */
function problemOf(count: number, values: Partial<ShiftProblem> = {}): ShiftProblem {
  const random = createRandom(3)
  const places = [...Array.from({ length: count }, () => [random.real(), random.real()]), [0.5, 0.5]]
  const size = places.length
  const table = new Float64Array(size * size)
  places.forEach(([x = 0, y = 0], i) =>
    places.forEach(([x2 = 0, y2 = 0], j) => (table[i * size + j] = 600 * Math.hypot(x - x2, y - y2))),
  )
  const slow = table.map((seconds) => seconds * 6)
  return {
    shiftSeconds: 4 * HOUR,
    points: Array.from({ length: count }, (_, i): ShiftPoint => ({
      id: 100 + i,
      score: 1 + (i % 3),
      highRisk: false,
      required: false,
      windows: [],
      beatId: null,
      wantedSkills: [],
    })),
    units: [unitOf()],
    tables: new Map([
      ['car', table],
      ['motorcycle', table],
      ['foot', slow],
    ]),
    start: count,
    end: count,
    startsAt: 0,
    goal: 'best-score',
    line: 'variable',
    tolerance: 0.05,
    visitSeconds: 300,
    highRiskVisits: 1,
    gapSeconds: HOUR,
    forbiddenPairs: [],
    alternatives: 2,
    iterations: 400,
    seed: 5,
    history: [],
    ...values,
  }
}

describe('a shift', () => {
  test('is planned within its time, at a cost within the allowance, the same for the same seed', () => {
    const problem = problemOf(60, { units: [unitOf(), unitOf({ mode: 'foot' })] })
    const routes = planShift(problem)
    expect(routes.length).toBe(4)
    for (const route of routes) {
      expect(route.endsAt).toBeLessThanOrEqual(4 * HOUR)
      expect(route.costRatio).toBeLessThanOrEqual(1.05 + 1e-9)
      expect(route.costRatio).toBeGreaterThanOrEqual(1 - 1e-9)
      expect(new Set(route.stops.map((stop) => stop.point)).size).toBe(route.stops.length)
    }
    const [first, second] = routes.filter((route) => route.alternative === 0)
    const both = [...(first?.stops ?? []), ...(second?.stops ?? [])].map((stop) => stop.point)
    expect(new Set(both).size).toBe(both.length)
    expect(planShift(problem)).toEqual(routes)
    expect(planShift({ ...problem, seed: 6 })).not.toEqual(routes)
  })

  test('keeps windows, fixed stops and pairs that may not follow each other', () => {
    const problem = problemOf(12, { goal: 'all-points', alternatives: 1 })
    const points = problem.points.map((point, i) => ({
      ...point,
      required: i === 4,
      windows: i === 7 ? [{ opensAt: 2 * HOUR, closesAt: 2.5 * HOUR, visits: 1 }] : [],
    }))
    const forbiddenPairs = [0, 1, 2].flatMap((a) => [3, 4, 5].map((b) => [a, b] as const))
    const [route] = planShift({ ...problem, points, forbiddenPairs })
    const order = route?.stops.map((stop) => stop.point) ?? []
    expect(order.toSorted((a, b) => a - b)).toEqual([...points.keys()])
    const due = route?.stops.find((stop) => stop.point === 7)?.at ?? 0
    expect(due).toBeGreaterThanOrEqual(2 * HOUR)
    expect(due).toBeLessThanOrEqual(2.5 * HOUR)
    const neighbours = order
      .slice(1)
      .map((point, i) => [order[i] ?? -1, point].toSorted((a, b) => a - b).join())
    for (const [a, b] of forbiddenPairs) expect(neighbours).not.toContain([a, b].join())
  })

  test('visits a high-risk point several times, spaced', () => {
    const problem = problemOf(4, { highRiskVisits: 3, gapSeconds: 0.75 * HOUR, alternatives: 1 })
    const points = problem.points.map((point, i) => ({ ...point, highRisk: i === 2 }))
    const [route] = planShift({ ...problem, points })
    const visits = route?.stops.filter((stop) => stop.point === 2).map((stop) => stop.at) ?? []
    expect(visits).toHaveLength(3)
    expect((visits[1] ?? 0) - (visits[0] ?? 0)).toBeGreaterThanOrEqual(0.75 * HOUR)
    expect((visits[2] ?? 0) - (visits[1] ?? 0)).toBeGreaterThanOrEqual(0.75 * HOUR)
  })

  test('few points are visited in rounds, each in its order, and nobody waits for long', () => {
    const routes = planShift(problemOf(8, { shiftSeconds: 6 * HOUR, tolerance: 0.2 }))
    const orders = routes.map(({ stops }) => {
      const visits = Map.groupBy(stops, ({ point }) => point)
      expect(visits.size).toBe(8)
      const [first] = visits.values()
      expect(first?.length).toBeGreaterThanOrEqual(2)
      for (const times of visits.values()) {
        expect(times).toHaveLength(first?.length ?? 0)
        times.slice(1).forEach(({ at }, i) => {
          const before = times[i]
          expect(at - (before?.at ?? at)).toBeGreaterThanOrEqual(HOUR)
        })
      }
      const waits = stops.slice(1).map(({ at }, i) => at - (stops[i]?.at ?? at) - (stops[i]?.stay ?? 0))
      // The longest way on this ground is below fifteen minutes; the rest would be standing about.
      expect(Math.max(...waits)).toBeLessThan(0.75 * HOUR)
      return stops.map(({ point }) => point)
    })
    expect(orders.some((order) => order.slice(0, 8).join() !== order.slice(8, 16).join())).toBe(true)
  })

  test('rounds that are left are driven by a unit that has just been at one of the points', () => {
    const startsAt = HOUR
    const rest = [{ opensAt: startsAt + 0.9 * HOUR, closesAt: 6 * HOUR, visits: 1 }]
    const problem = problemOf(6, {
      shiftSeconds: 6 * HOUR,
      startsAt,
      alternatives: 1,
      fill: 1,
      mostRounds: 3,
    })
    const points = problem.points.map((point, i) => (i === 0 ? { ...point, windows: rest } : point))
    const [route] = planShift({ ...problem, points })
    const visits = Map.groupBy(route?.stops ?? [], ({ point }) => point)
    expect([...visits.values()].map(({ length }) => length)).toEqual(points.map(() => 3))
    expect(visits.get(0)?.[0]?.at).toBeGreaterThanOrEqual(startsAt + 0.9 * HOUR)
  })

  test('one that has begun is set out for at a random time of its next half hour, never before', () => {
    const startsAt = 1.5 * HOUR
    const starts = Array.from(
      { length: 12 },
      (_, seed) =>
        planShift(problemOf(5, { startsAt, alternatives: 1, mostRounds: 1, seed }))[0]?.startsAt ?? 0,
    )
    expect(Math.min(...starts)).toBeGreaterThanOrEqual(startsAt)
    expect(Math.max(...starts)).toBeLessThanOrEqual(startsAt + 0.5 * HOUR)
    // Drawn alike each time they would be foreseeable: twelve draws spread over ten minutes at least.
    expect(Math.max(...starts) - Math.min(...starts)).toBeGreaterThan(600)
  })

  test('points that are due in windows, and lists that somebody asked for, are visited once', () => {
    const windows = [{ opensAt: 0, closesAt: 3 * HOUR, visits: 1 }]
    const problem = problemOf(6, { shiftSeconds: 6 * HOUR, alternatives: 1 })
    const due = planShift({ ...problem, points: problem.points.map((point) => ({ ...point, windows })) })
    expect(due[0]?.stops).toHaveLength(6)
    expect(planShift({ ...problem, goal: 'fixed-list' })[0]?.stops).toHaveLength(6)
  })

  test('a fixed line is the best order from the start; a fixed list too long for the shift leaves out what does not fit', () => {
    const fixed = planShift(problemOf(10, { line: 'fixed', goal: 'fixed-list', alternatives: 1 }))
    expect(fixed[0]).toMatchObject({ costRatio: 1, startsAt: 0 })
    expect(fixed[0]?.stops).toHaveLength(10)
    const long = planShift(problemOf(60, { line: 'fixed', goal: 'fixed-list', alternatives: 1 }))
    expect(long[0]?.stops.length).toBeGreaterThan(20)
    expect(long[0]?.stops.length).toBeLessThan(60)
  })
})

test('units get the routes whose skills, mode and beat they have; the most tired the shortest', () => {
  const route = (ids: number[], wantedSkills: string[] = [], mode: MatchUnit['mode'] = 'car') => ({
    mode,
    points: ids.map((id) => ({ id, beatId: id < 10 ? 7 : null, wantedSkills })),
  })
  const units = [
    unitOf({ knownPointIds: new Set([20, 21]) }),
    unitOf({ skills: new Set(['少年']) }),
    unitOf({ beatIds: new Set([7]), mode: 'motorcycle' }),
  ]
  const routes = [route([1, 2]), route([20, 21]), route([30, 31], ['少年'])]
  const matched = matchUnits(units, routes, () => true)
  expect(matched.map((pair) => pair.route)).toEqual([1, 2, 0])
  expect(matched[1]?.match).toMatchObject({ skill: 1, mode: 1 })
  // A route that cannot be driven is not given, however well it would fit.
  expect(matchUnits(units, routes, (u, r) => u !== 1 || r !== 2).map((pair) => pair.route)[1]).not.toBe(2)
  const tired = [unitOf({ loadHours: 60 }), unitOf({ loadHours: 20 })]
  expect(matchUnits(tired, [route([1, 2, 3, 4]), route([1])], () => true).map((pair) => pair.route)).toEqual([
    1, 0,
  ])
})

test('the cheapest assignment is the one that trying all of them finds', () => {
  const random = createRandom(11)
  for (let trial = 0; trial < 50; trial++) {
    const [rows, columns] = [1 + random.below(5), 5]
    const cost = Float64Array.from({ length: rows * columns }, () => random.below(20))
    const costOf = (taken: readonly number[]) =>
      taken.reduce((sum, column, row) => sum + (cost[row * columns + column] ?? 0), 0)
    const tryAll = (taken: number[]): number =>
      taken.length === rows
        ? costOf(taken)
        : Math.min(
            ...[0, 1, 2, 3, 4]
              .filter((column) => !taken.includes(column))
              .map((column) => tryAll([...taken, column])),
          )
    const found = assignCheapest(cost, rows, columns)
    expect(new Set(found).size).toBe(rows)
    expect(costOf(found)).toBe(tryAll([]))
  }
})

test('a point is worth what is asked for: weights of 0 leave things out', () => {
  const facts = {
    priority: 2,
    incidents: 0,
    windows: [],
    overdue: false,
    inCampaign: false,
    hoursUnseen: 0,
  }
  const points = [
    { ...facts, id: 1, incidents: 100 },
    { ...facts, id: 2, incidents: 25 },
    { ...facts, id: 3, overdue: true, hoursUnseen: null },
    { ...facts, id: 4, priority: 1 },
  ]
  const scores = weighPoints(points, weights).map(({ score }) => score)
  expect(scores[0]).toBeCloseTo(1.2, 9)
  expect(scores[1]).toBeCloseTo(0.7, 9)
  expect(scores[2]).toBeCloseTo(2.2, 9)
  const none = { hotspot: 0, windows: 0, overdue: 0, campaign: 0, visibility: 0 }
  expect(weighPoints(points, none).map(({ score }) => score)).toEqual([0.2, 0.2, 0.2, 0.4])
})
