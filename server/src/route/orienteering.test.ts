import { describe, expect, it } from 'vitest'
import { legCost, planeMetric, tableMetric } from './metric.ts'
import { planScorePath, type ScoredPath, type ScoreProblem } from './orienteering.ts'
import { createRandom } from './random.ts'

function problem(size: number, seed: number, closed: boolean, budget: number): ScoreProblem {
  const random = createRandom(seed)
  const draw = () => Float64Array.from({ length: size }, () => random.real() * 100)
  const metric = planeMetric(draw(), draw())
  const scores = Float64Array.from({ length: size }, () => 1 + random.below(50))
  return { metric, scores, start: 0, end: closed ? 0 : 1, budget }
}

/** Length and score as a stranger would count them; throws when the path is not one. */
function judge(task: ScoreProblem, found: ScoredPath): { length: number; score: number } {
  const { path } = found
  if (path[0] !== task.start || path.at(-1) !== task.end) throw new Error('wrong ends')
  const inner = path.slice(1, -1)
  if (new Set([...inner, task.start, task.end]).size !== inner.length + (task.start === task.end ? 1 : 2)) {
    throw new Error('a point is visited twice')
  }
  const length = path.slice(1).reduce((sum, point, i) => sum + legCost(task.metric, path[i] ?? 0, point), 0)
  return { length, score: inner.reduce((sum, point) => sum + (task.scores[point] ?? 0), 0) }
}

function bestByTrying(task: ScoreProblem): number {
  let best = 0
  const extend = (at: number, length: number, score: number, rest: number[]): void => {
    if (length + legCost(task.metric, at, task.end) <= task.budget) best = Math.max(best, score)
    for (const point of rest) {
      const next = length + legCost(task.metric, at, point)
      if (next > task.budget) continue
      extend(
        point,
        next,
        score + (task.scores[point] ?? 0),
        rest.filter((other) => other !== point),
      )
    }
  }
  const inner = Array.from({ length: task.metric.size }, (_, i) => i).filter(
    (i) => i !== task.start && i !== task.end,
  )
  extend(task.start, 0, 0, inner)
  return best
}

describe('planScorePath', () => {
  it('finds the best of all paths and tours of ten points', () => {
    for (let seed = 1; seed <= 6; seed++) {
      for (const closed of [false, true]) {
        const task = problem(10, seed, closed, 120 + 25 * seed)
        const found = planScorePath(task, { iterations: 400, seed })
        const judged = judge(task, found)
        expect(judged.length).toBeLessThanOrEqual(task.budget + 1e-6)
        expect(found.score).toBe(judged.score)
        expect(found.length).toBeCloseTo(judged.length, 6)
        if (legCost(task.metric, task.start, task.end) <= task.budget)
          expect(judged.score).toBe(bestByTrying(task))
      }
    }
  })

  it('keeps the budget on 400 points and beats taking the best ratios in one pass', () => {
    const task = problem(400, 3, true, 600)
    const found = planScorePath(task, { iterations: 300, seed: 1 })
    const judged = judge(task, found)
    expect(judged.length).toBeLessThanOrEqual(600 + 1e-6)
    expect(found.score).toBe(judged.score)
    expect(found.score).toBeGreaterThan(planScorePath(task, { iterations: 1, seed: 1 }).score)
  })

  it('visits everything when the budget allows it', () => {
    const task = problem(60, 8, true, 10_000)
    expect(planScorePath(task, { iterations: 20 }).path).toHaveLength(61)
  })

  it('goes straight to the end when nothing fits, even when that is too far', () => {
    const task = problem(20, 2, false, 0.001)
    const found = planScorePath(task, { iterations: 10 })
    expect(found.path).toEqual([0, 1])
    expect(found.score).toBe(0)
    expect(found.length).toBeGreaterThan(task.budget)
  })

  it('gives the same path for the same seed and iterations', () => {
    const task = problem(90, 5, false, 300)
    expect(planScorePath(task, { iterations: 150, seed: 7 })).toEqual(
      planScorePath(task, { iterations: 150, seed: 7 }),
    )
  })

  it('stops when it is cancelled with a path within the budget', () => {
    const task = problem(500, 4, true, 700)
    let asked = 0
    const found = planScorePath(task, { seconds: 3600, cancelled: () => ++asked > 10 })
    expect(judge(task, found).length).toBeLessThanOrEqual(700 + 1e-6)
    expect(asked).toBe(11)
  })

  it('refuses one-way costs', () => {
    const metric = tableMetric(Float64Array.from([0, 1, 2, 0]))
    const task = { metric, scores: new Float64Array(2), start: 0, end: 1, budget: 5 }
    expect(() => planScorePath(task, { iterations: 1 })).toThrow(RangeError)
  })
})
