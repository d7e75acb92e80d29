/**
 * Tours where a leg costs differently each way (one-way streets): 2-opt with the true cost of driving a stretch backwards,
 * and moves of up to three points, in an iterated local search with random exchanges of stretches. Running sums of both directions
 * make each test constant-time; a change rebuilds them, which suits the hundred points of a shift.
 */
import { legCost, type Metric } from './metric.ts'
import type { Random } from './random.ts'
import type { SearchClock } from './search-limits.ts'
import { intAt, realAt } from './typed-array.ts'

const LONGEST_MOVED = 3
const GAIN = 1e-7
/** The acceptance threshold at the start, as a multiple of the mean leg. */
const HOT = 0.5

/** @param start a closed tour of all points */
export function improveDirected(metric: Metric, start: number[], clock: SearchClock, random: Random) {
  const size = start.length
  const tour = Int32Array.from(start)
  const backward = tour.slice().reverse()
  if (lengthOf(metric, backward) < lengthOf(metric, tour)) tour.set(backward)
  descend(metric, tour, clock)
  let current = lengthOf(metric, tour)
  const kept = tour.slice()
  let bestLength = current
  const best = tour.slice()
  // A slowly falling threshold leaves local optima; the mean leg is its scale.
  const hot = (HOT * current) / Math.max(1, size)
  let rounds = 0
  while (!clock.done()) {
    clock.tick()
    rounds++
    kick(tour, random)
    descend(metric, tour, clock)
    const length = lengthOf(metric, tour)
    const threshold = hot * (1 - clock.progress())
    if (length > current - threshold * Math.log(random.real() + 1e-300)) {
      tour.set(kept)
      continue
    }
    current = length
    kept.set(tour)
    if (length < bestLength) {
      bestLength = length
      best.set(tour)
    }
  }
  return { order: Array.from(best), rounds }
}

function lengthOf(metric: Metric, tour: Int32Array): number {
  let length = 0
  for (let i = 0; i < tour.length; i++)
    length += legCost(metric, intAt(tour, i), intAt(tour, (i + 1) % tour.length))
  return length
}

function descend(metric: Metric, tour: Int32Array, clock: SearchClock): void {
  const size = tour.length
  // turn[i]: what reversing legs 0..i-1 would add.
  const turn = new Float64Array(size + 1)
  const at = (i: number) => intAt(tour, i % size)
  const cost = (i: number, j: number) => legCost(metric, at(i), at(j))
  for (let improved = true; improved && !clock.done();) {
    improved = false
    for (let i = 0; i < size; i++) turn[i + 1] = realAt(turn, i) + cost(i + 1, i) - cost(i, i + 1)
    search: for (let i = 0; i < size; i++) {
      for (let j = i + 2; j < size; j++) {
        // Positions i+1..j turned round.
        const added = cost(i, j) + cost(i + 1, j + 1) - cost(i, i + 1) - cost(j, j + 1)
        if (j - i < size - 1 && added + realAt(turn, j) - realAt(turn, i + 1) < -GAIN) {
          tour.subarray(i + 1, j + 1).reverse()
          improved = true
          break search
        }
        // Positions i+1..i+k moved between j and j+1, which lie behind them.
        for (let k = 1; k <= LONGEST_MOVED && i + k < j; k++) {
          const moved =
            cost(i, i + k + 1) +
            cost(j, i + 1) +
            cost(i + k, j + 1) -
            cost(i, i + 1) -
            cost(i + k, i + k + 1) -
            cost(j, j + 1)
          if (moved >= -GAIN) continue
          rotate(tour, i + 1, i + k + 1, j + 1)
          improved = true
          break search
        }
        // Positions j-k+1..j moved between i and i+1, which lie before them.
        for (let k = 1; k <= LONGEST_MOVED && i + 1 < j - k + 1; k++) {
          const moved =
            cost(i, j - k + 1) +
            cost(j, i + 1) +
            cost(j - k, j + 1) -
            cost(i, i + 1) -
            cost(j - k, j - k + 1) -
            cost(j, j + 1)
          if (moved >= -GAIN) continue
          rotate(tour, i + 1, j - k + 1, j + 1)
          improved = true
          break search
        }
      }
    }
  }
}

/** Exchanges the neighbouring stretches [from, middle) and [middle, to). */
function rotate(tour: Int32Array, from: number, middle: number, to: number): void {
  tour.set([...tour.subarray(middle, to), ...tour.subarray(from, middle)], from)
}

/** One to three exchanges of neighbouring stretches, cuts anywhere: a single one is often undone by the descent. */
function kick(tour: Int32Array, random: Random): void {
  for (let left = 1 + random.below(3); left > 0; left--) {
    const cuts = [0, 0, 0].map(() => 1 + random.below(tour.length - 1)).sort((a, b) => a - b)
    rotate(tour, cuts[0] ?? 1, cuts[1] ?? 1, cuts[2] ?? 1)
  }
}
