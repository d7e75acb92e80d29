/**
 * Orienteering: the best total score on one path (or closed tour) within a length budget.
 *
 * Method: iterated ruin and recreate with simulated annealing. A round takes out a stretch of the path or the visited
 * points around one of them, shortens what is left, refills the freed budget in falling score per added length with
 * random noise, and is kept by the annealing rule (Kirkpatrick et al., 1983; ruin and recreate: Schrimpf et al., Journal of
 * Computational Physics 159, 2000). Which region of the map the path lives in is settled by the start and hardly
 * changes later, so several starts are tried first and the best is carried on: greedy insertion (Tsiligirides, 1984), and a
 * good tour of everything from which the least profitable points are dropped until it fits.
 */
import { createTourSearch } from './lin-kernighan.ts'
import { legCost, renumber, type Metric } from './metric.ts'
import { listNeighbours, type Neighbours } from './neighbours.ts'
import { createRandom, type Random } from './random.ts'
import { createScorePath, type ScorePath } from './score-path.ts'
import { startClock, type SearchClock, type SearchLimits } from './search-limits.ts'
import { startTour } from './start-tour.ts'
import { intAt, realAt } from './typed-array.ts'

const NEIGHBOURS = 12
/** Longest stretch taken out in one round. */
const LONGEST_RUIN = 20
/** Starts tried, and the share of the allowance that each of them gets before the best is chosen. */
const STARTS = 6
const START_SHARE = 0.04
/** Annealing temperatures as multiples of the mean score of a point. */
const HOT = 0.3
const COLD = 0.05
const SLACK = 1e-9

export type ScoreProblem = {
  /** Symmetric costs. */
  metric: Metric
  /** What visiting each point of the metric is worth; the start's and end's own scores are not counted. */
  scores: Float64Array
  start: number
  /** The same as `start` for a closed tour. */
  end: number
  /** Longest allowed path, in the metric's unit. */
  budget: number
}

export type ScoredPath = {
  /** Points from start to end, both included (also when they are the same). */
  path: number[]
  score: number
  length: number
  rounds: number
}

/**
 * Best-scoring path found within the limits. When even the direct leg from start to end exceeds the budget, the path
 * is that leg with score 0 and the caller sees `length > budget`.
 * @throws RangeError when the metric is not symmetric (use `planUnits`, which takes one-way streets)
 */
export function planScorePath(problem: ScoreProblem, limits: SearchLimits): ScoredPath {
  const { metric, start, end, budget } = problem
  if (!metric.symmetric) throw new RangeError('planScorePath needs symmetric costs')
  const clock = startClock(limits, 4)
  const random = createRandom(limits.seed ?? 1)
  const names = [start, end]
  for (let i = 0; i < metric.size; i++) {
    if (i === start || i === end || !(realAt(problem.scores, i) > 0)) continue
    if (legCost(metric, start, i) + legCost(metric, i, end) <= budget + SLACK) names.push(i)
  }
  const local = renumber(metric, Int32Array.from(names))
  const score = Float64Array.from(names, (name, i) => (i < 2 ? 0 : realAt(problem.scores, name)))
  const near = listNeighbours(local, NEIGHBOURS, 0)
  const search = createScoreSearch(local, near, score, budget, clock, random)
  const best = names.length > 2 && legCost(metric, start, end) <= budget ? search.run() : search.best()
  return {
    path: Array.from(best.nodes, (node) => names[node] ?? start),
    score: best.total,
    length: best.length,
    rounds: search.rounds(),
  }
}

type Saved = { nodes: Int32Array; total: number; length: number }

function createScoreSearch(
  local: Metric,
  near: Neighbours,
  score: Float64Array,
  budget: number,
  clock: SearchClock,
  random: Random,
) {
  const size = local.size
  const route = createScorePath(local, near, score)
  const mean = score.reduce((sum, value) => sum + value, 0) / Math.max(1, size - 2)
  const fill = createFiller(route, near, score, budget, random)
  const save = (): Saved => ({
    nodes: route.path.slice(0, route.count()),
    total: route.total(),
    length: route.length(),
  })
  let best = save()
  let rounds = 0

  /** Ruin, recreate and judge until the clock's progress reaches `until`; leaves the last accepted path in place. */
  const anneal = (until: number, hot: number, cold: number): Saved => {
    const from = clock.progress()
    let kept = save()
    let found = kept
    while (!clock.done() && clock.progress() < until) {
      clock.tick()
      rounds++
      ruin(route, near, random)
      route.improve()
      fill(false)
      const share = Math.min(1, (clock.progress() - from) / Math.max(until - from, 1e-9))
      const temperature = mean * hot * (cold / hot) ** share
      // A shorter path of equal score leaves room for the next round.
      const gained = route.total() - kept.total - (mean * (route.length() - kept.length)) / budget
      if (gained > temperature * Math.log(random.real() + 1e-300)) {
        kept = save()
        if (kept.total > found.total || (kept.total === found.total && kept.length < found.length))
          found = kept
      } else route.assign(kept.nodes)
    }
    return found
  }
  const keepBest = (found: Saved): void => {
    if (found.total > best.total) best = found
  }

  const run = (): Saved => {
    // Small problems anneal several times from new starts; the large ones need all the time for one descent.
    const cycles = size <= 120 ? 12 : 1
    for (let cycle = 0; cycle < cycles && !clock.done(); cycle++) {
      let chosen: Saved | undefined
      const begun = cycle / cycles
      for (let k = 0; k < STARTS && !clock.done(); k++) {
        if (k % 2 === 0) startByDropping(route, local, near, score, budget, random, k > 0 || cycle > 0, clock)
        else route.assign(Int32Array.of(0, 1))
        fill(true)
        const found = anneal(begun + ((k + 1) * START_SHARE) / cycles, COLD, COLD)
        if (chosen === undefined || found.total > chosen.total) chosen = found
      }
      if (chosen === undefined) break
      keepBest(chosen)
      route.assign(chosen.nodes)
      keepBest(anneal((cycle + 1) / cycles, HOT, COLD))
    }
    return best
  }
  return { run, best: () => best, rounds: () => rounds }
}

/** Takes out one stretch, sometimes two, or the visited neighbours of a random visited point. */
function ruin(route: ScorePath, near: Neighbours, random: Random): void {
  const inner = route.count() - 2
  if (inner <= 0) return
  if (random.real() < 0.4) {
    const centre = intAt(route.path, 1 + random.below(inner))
    let left = random.below(Math.min(inner, LONGEST_RUIN))
    const at = intAt(route.place, centre)
    route.removeRange(at, at)
    for (let k = 0; k < near.width && left > 0; k++) {
      const node = intAt(near.node, centre * near.width + k)
      const position = intAt(route.place, node)
      if (position < 1 || node === 1) continue
      route.removeRange(position, position)
      left--
    }
    return
  }
  const stretches = random.real() < 0.3 ? 2 : 1
  for (let s = 0; s < stretches; s++) {
    const points = route.count() - 2
    if (points <= 0) return
    const length = 1 + random.below(Math.min(points, LONGEST_RUIN))
    const from = 1 + random.below(points - length + 1)
    route.removeRange(from, from + length - 1)
  }
}

/**
 * Returns a function that adds points until none fits. With `everywhere`, points without a visited neighbour are
 * tried at every position too (only for starts: it costs a scan of the whole path for each).
 */
function createFiller(
  route: ScorePath,
  near: Neighbours,
  score: Float64Array,
  budget: number,
  random: Random,
) {
  const size = score.length
  const fitting = new Int32Array(size)
  const worth = new Float64Array(size)
  const fresh = new Int32Array(size)
  const spread = Math.min(near.width, 10)
  return (everywhere: boolean): void => {
    const noise = random.real()
    fresh.fill(1)
    for (;;) {
      let count = 0
      for (let node = 2; node < size; node++) {
        if (intAt(fresh, node) === 0 || intAt(route.place, node) >= 0) continue
        route.findPlace(node, everywhere)
        if (route.detour() > budget - route.length() + SLACK) {
          fresh[node] = 0
          continue
        }
        worth[node] = (realAt(score, node) / Math.max(route.detour(), 1e-6)) * (1 - noise * random.real())
        fitting[count++] = node
      }
      const list = fitting.subarray(0, count).sort((a, b) => realAt(worth, b) - realAt(worth, a))
      let added = 0
      for (let i = 0; i < count; i++) {
        const node = intAt(list, i)
        const after = route.findPlace(node, everywhere)
        if (route.detour() > budget - route.length() + SLACK) continue
        route.insert(node, after, route.detour())
        added++
        // Its neighbours may fit now that the path comes by.
        for (let k = 0; k < spread; k++) fresh[intAt(near.node, node * near.width + k)] = 1
      }
      route.improve()
      if (added === 0) return
    }
  }
}

/** A tour of all points, cut down to the budget by the smallest loss of score per length saved. */
function startByDropping(
  route: ScorePath,
  local: Metric,
  near: Neighbours,
  score: Float64Array,
  budget: number,
  random: Random,
  noisy: boolean,
  clock: SearchClock,
): void {
  const size = local.size
  let order: Int32Array = Int32Array.from({ length: size }, (_, i) => i)
  if (size >= 8) {
    const search = createTourSearch(local, near, startTour(local, near))
    search.queueAll()
    search.improve(clock.done)
    order = search.tour
  }
  const depot = order.indexOf(0)
  const turned = Array.from({ length: size }, (_, i) => intAt(order, (depot + i) % size)).filter(
    (node) => node !== 1,
  )
  route.assign(Int32Array.from([...turned, 1]))
  const weight = Float64Array.from(score, (value) => value * (noisy ? 0.5 + random.real() : 1))
  route.improve()
  while (route.length() > budget + SLACK) {
    let worst = 1
    let least = Infinity
    for (let i = 1; i + 1 < route.count(); i++) {
      const before = intAt(route.path, i - 1)
      const node = intAt(route.path, i)
      const after = intAt(route.path, i + 1)
      const saved = legCost(local, before, node) + legCost(local, node, after) - legCost(local, before, after)
      const loss = realAt(weight, node) / Math.max(saved, 1e-9)
      if (loss < least) {
        least = loss
        worst = i
      }
    }
    if (route.count() === 2) return
    route.removeRange(worst, worst)
    route.improve()
  }
}
