/**
 * Tour improvement by Lin–Kernighan moves (Lin & Kernighan, Operations Research 21, 1973) on an array.
 *
 * A move starts at a city t1, removes the leg to a neighbour t2 and adds a shorter leg t2–t3 from the candidate lists;
 * each further level removes t3–t4 so that closing t4–t1 gives a tour again. A level is done as a reversal of the
 * shorter side of the array and taken back when nothing below it pays. At the first level the other choice of t4
 * is tried as well, completed by a third exchange (the two pure 3-opt moves, which contain Or-opt).
 * Cities wait in a queue (Bentley's don't-look bits); only cities whose legs changed are looked at again.
 *
 * Every reversal goes into a journal, so a whole round of kick and repair is undone in time proportional to what it
 * changed (Applegate, Cook & Rohe, "Chained Lin-Kernighan for large traveling salesman problems", 2003).
 *
 * One closure over 300 lines' worth of state: splitting it would put the arrays behind parameters in the hottest loop.
 */
import { legCost, type Metric } from './metric.ts'
import type { Neighbours } from './neighbours.ts'
import type { Random } from './random.ts'
import { intAt, realAt } from './typed-array.ts'

/** How many candidates are followed at each level; its length is the depth. */
const BREADTH = Int32Array.of(5, 3, 1)
const DEPTH = BREADTH.length
const WIDEST = 8
/** Longest of the three segments a kick reorders: changes stay local, so that repairs stay cheap. */
const KICK_SEGMENT = 100

export type TourSearch = {
  /** The tour as it stands. */
  tour: Int32Array
  length: () => number
  /** Improves until no queued city has a better move, or until `stop` says so. */
  improve: (stop: () => boolean) => void
  /** Puts every city in the queue. */
  queueAll: () => void
  /** Random double bridge over three short consecutive segments; queues the cities it touched. */
  kick: (random: Random) => void
  /** Makes the present tour the one that `undo` goes back to. */
  keep: () => void
  undo: () => void
}

/** @param start a permutation of 0..size-1 (size ≥ 8); it is copied */
export function createTourSearch(metric: Metric, near: Neighbours, start: Int32Array): TourSearch {
  const size = start.length
  const width = near.width
  const nearNode = near.node
  const nearCost = near.cost
  const tour = start.slice()
  const place = new Int32Array(size)
  for (let i = 0; i < size; i++) place[intAt(tour, i)] = i
  let length = 0
  for (let i = 0; i < size; i++)
    length += legCost(metric, intAt(tour, i), intAt(tour, i + 1 === size ? 0 : i + 1))
  let keptLength = length

  let journal = new Int32Array(1024)
  let journalSize = 0
  const queue = new Int32Array(size)
  const queued = new Int32Array(size)
  let queueHead = 0
  let queueSize = 0

  const candidateT3 = new Int32Array(DEPTH * WIDEST)
  const candidateT4 = new Int32Array(DEPTH * WIDEST)
  const candidateGain = new Float64Array(DEPTH * WIDEST)

  const next = (city: number): number => {
    const i = intAt(place, city) + 1
    return intAt(tour, i === size ? 0 : i)
  }
  const previous = (city: number): number => {
    const i = intAt(place, city)
    return intAt(tour, i === 0 ? size - 1 : i - 1)
  }
  /** Whether b is met when going forward from a to c. */
  const between = (a: number, b: number, c: number): boolean => {
    const i = intAt(place, a)
    const j = intAt(place, b)
    const k = intAt(place, c)
    return i <= k ? i <= j && j <= k : j >= i || j <= k
  }

  /** Reverses positions i..j (cyclic), or the rest of the tour when that is shorter: the same cycle either way. */
  const reverse = (i: number, j: number): void => {
    let inside = j - i
    if (inside < 0) inside += size
    inside++
    let a = i
    let b = j
    if (inside * 2 > size) {
      inside = size - inside
      a = j + 1 === size ? 0 : j + 1
      b = i === 0 ? size - 1 : i - 1
    }
    if (journalSize + 2 > journal.length) {
      const longer = new Int32Array(journal.length * 2)
      longer.set(journal)
      journal = longer
    }
    journal[journalSize++] = a
    journal[journalSize++] = b
    swapEnds(a, b, inside >> 1)
  }
  const swapEnds = (from: number, to: number, swaps: number): void => {
    let a = from
    let b = to
    if (a + swaps <= size && b - swaps >= -1) {
      for (let left = swaps; left > 0; left--, a++, b--) {
        const cityA = intAt(tour, a)
        const cityB = intAt(tour, b)
        tour[a] = cityB
        place[cityB] = a
        tour[b] = cityA
        place[cityA] = b
      }
      return
    }
    for (let left = swaps; left > 0; left--) {
      const cityA = intAt(tour, a)
      const cityB = intAt(tour, b)
      tour[a] = cityB
      place[cityB] = a
      tour[b] = cityA
      place[cityA] = b
      if (++a === size) a = 0
      if (--b < 0) b = size - 1
    }
  }
  const takeBack = (mark: number): void => {
    while (journalSize > mark) {
      journalSize -= 2
      const a = intAt(journal, journalSize)
      const b = intAt(journal, journalSize + 1)
      const inside = b - a + 1
      swapEnds(a, b, (inside <= 0 ? inside + size : inside) >> 1)
    }
  }

  /** Removes legs t1–t2 and t3–t4, adds t2–t3 and t4–t1. t2 follows t1 and t3 follows t4, or both the other way. */
  const exchange = (t1: number, t2: number, t4: number): void => {
    if (next(t1) === t2) reverse(intAt(place, t2), intAt(place, t4))
    else reverse(intAt(place, t4), intAt(place, t2))
  }

  const enqueue = (city: number): void => {
    if (intAt(queued, city) === 1) return
    queued[city] = 1
    let slot = queueHead + queueSize
    if (slot >= size) slot -= size
    queue[slot] = city
    queueSize++
  }

  /** Tries to close a gainful move from t1, t2 with `gain` already collected (the removed leg t1–t2 included). */
  const deepen = (level: number, t1: number, t2: number, gain: number): boolean => {
    const forward = next(t1) === t2
    const breadth = intAt(BREADTH, level)
    const base = level * WIDEST
    const row = t2 * width
    let count = 0
    for (let k = 0; k < width; k++) {
      const gain1 = gain - realAt(nearCost, row + k)
      if (gain1 <= 1e-9) break
      const t3 = intAt(nearNode, row + k)
      const t4 = forward ? previous(t3) : next(t3)
      if (t3 === t1 || t4 === t2) continue
      const gain2 = gain1 + legCost(metric, t3, t4)
      if (gain2 - legCost(metric, t4, t1) > 1e-7) {
        exchange(t1, t2, t4)
        length -= gain2 - legCost(metric, t4, t1)
        enqueue(t1)
        enqueue(t2)
        enqueue(t3)
        enqueue(t4)
        return true
      }
      if (count === breadth && gain2 <= realAt(candidateGain, base + count - 1)) continue
      if (count < breadth) count++
      let slot = base + count - 1
      while (slot > base && realAt(candidateGain, slot - 1) < gain2) {
        candidateGain[slot] = realAt(candidateGain, slot - 1)
        candidateT3[slot] = intAt(candidateT3, slot - 1)
        candidateT4[slot] = intAt(candidateT4, slot - 1)
        slot--
      }
      candidateGain[slot] = gain2
      candidateT3[slot] = t3
      candidateT4[slot] = t4
    }
    if (level + 1 === DEPTH) return false
    for (let slot = base; slot < base + count; slot++) {
      const t4 = intAt(candidateT4, slot)
      const mark = journalSize
      exchange(t1, t2, t4)
      if (deepen(level + 1, t1, t4, realAt(candidateGain, slot))) {
        enqueue(t2)
        enqueue(intAt(candidateT3, slot))
        enqueue(t4)
        return true
      }
      takeBack(mark)
    }
    return false
  }

  /** The 3-opt moves that keep no valid tour half-way: t4 on the far side of t3, then t5–t6 between t2 and t3. */
  const exchangeSegments = (t1: number, t2: number): boolean => {
    const forward = next(t1) === t2
    const gain0 = legCost(metric, t1, t2)
    for (let k = 0; k < width; k++) {
      const gain1 = gain0 - realAt(nearCost, t2 * width + k)
      if (gain1 <= 1e-9) return false
      const t3 = intAt(nearNode, t2 * width + k)
      const t4 = forward ? next(t3) : previous(t3)
      if (t3 === t1 || t4 === t1) continue
      const gain2 = gain1 + legCost(metric, t3, t4)
      const row = t4 * width
      for (let l = 0; l < width; l++) {
        const gain3 = gain2 - realAt(nearCost, row + l)
        if (gain3 <= 1e-9) break
        const t5 = intAt(nearNode, row + l)
        if (t5 === t3 || !(forward ? between(t2, t5, t3) : between(t3, t5, t2))) continue
        for (let side = 0; side < 2; side++) {
          const t6 = (side === 0) === forward ? next(t5) : previous(t5)
          if (side === 1 && t5 === t2) continue
          const gained = gain3 + legCost(metric, t5, t6) - legCost(metric, t6, t1)
          if (gained <= 1e-7) continue
          if (side === 0) {
            exchange(t1, t2, t3)
            exchange(t1, t3, t6)
            exchange(t3, t5, t2)
          } else {
            exchange(t1, t2, t6)
            exchange(t2, t5, t3)
          }
          length -= gained
          enqueue(t1)
          enqueue(t2)
          enqueue(t3)
          enqueue(t4)
          enqueue(t5)
          enqueue(t6)
          return true
        }
      }
    }
    return false
  }

  const improveCity = (t1: number): boolean => {
    const after = next(t1)
    if (deepen(0, t1, after, legCost(metric, t1, after))) return true
    const before = previous(t1)
    if (deepen(0, t1, before, legCost(metric, t1, before))) return true
    return exchangeSegments(t1, next(t1)) || exchangeSegments(t1, previous(t1))
  }

  const longest = Math.max(1, Math.min(KICK_SEGMENT, Math.floor((size - 2) / 3)))
  const shortest = Math.min(10, longest)
  return {
    tour,
    length: () => length,
    improve: (stop) => {
      while (queueSize > 0) {
        const city = intAt(queue, queueHead)
        if (++queueHead === size) queueHead = 0
        queueSize--
        queued[city] = 0
        while (improveCity(city)) if (stop()) return
      }
    },
    queueAll: () => {
      for (let i = 0; i < size; i++) enqueue(intAt(tour, i))
    },
    kick: (random) => {
      // Sizes from small to longest alike: small repairs are quick, long ones reach across clusters.
      const scale = shortest * (longest / shortest) ** random.real()
      const first = 1 + random.below(scale)
      const second = 1 + random.below(scale)
      const third = 1 + random.below(scale)
      const start = random.below(size)
      const at = (offset: number) => (start + offset) % size
      const ends = [
        0,
        1,
        first,
        first + 1,
        first + second,
        first + second + 1,
        first + second + third,
        first + second + third + 1,
      ]
      const [p, b1, b2, c1, c2, d1, d2, q] = ends.map((offset) => intAt(tour, at(offset)))
      if (p === undefined || b1 === undefined || b2 === undefined || c1 === undefined) return
      if (c2 === undefined || d1 === undefined || d2 === undefined || q === undefined) return
      length -=
        legCost(metric, p, b1) + legCost(metric, b2, c1) + legCost(metric, c2, d1) + legCost(metric, d2, q)
      length +=
        legCost(metric, p, d1) + legCost(metric, d2, c1) + legCost(metric, c2, b1) + legCost(metric, b2, q)
      turnBlock(at(1), at(first + second + third))
      turnBlock(at(1), at(third))
      turnBlock(at(third + 1), at(third + second))
      turnBlock(at(third + second + 1), at(third + second + first))
      for (const city of [p, b1, b2, c1, c2, d1, d2, q]) enqueue(city)
    },
    keep: () => {
      journalSize = 0
      keptLength = length
    },
    undo: () => {
      takeBack(0)
      length = keptLength
    },
  }

  /** Reverses exactly these positions, whichever side is shorter: the kick counts on where things are. */
  function turnBlock(i: number, j: number): void {
    if (journalSize + 2 > journal.length) {
      const longer = new Int32Array(journal.length * 2)
      longer.set(journal)
      journal = longer
    }
    journal[journalSize++] = i
    journal[journalSize++] = j
    const inside = j - i + 1
    swapEnds(i, j, (inside <= 0 ? inside + size : inside) >> 1)
  }
}
