/**
 * A path from a fixed first to a fixed last point over some of the points between, kept short while points come and go.
 *
 * Insertion looks only beside a point's nearest visited neighbours; shortening is 2-opt and Or-opt over the candidate
 * lists with a queue of cities whose legs changed (Bentley, "Fast algorithms for geometric traveling salesman
 * problems", 1992; Or, 1976, for the moves of up to three points).
 *
 * One closure over 250 lines: the arrays are shared by every move, and parameters would cost the hot loop dearly.
 */
import { legCost, type Metric } from './metric.ts'
import type { Neighbours } from './neighbours.ts'
import { intAt, realAt } from './typed-array.ts'

/** Visited neighbours that an insertion is tried beside. */
const BESIDE = 6
const GAIN = 1e-7

export type ScorePath = {
  /** Points in order; the first `count()` entries are in use, first is point 0 and last is point 1. */
  path: Int32Array
  /** Position of each point in `path`, -1 when it is not visited. */
  place: Int32Array
  count: () => number
  length: () => number
  total: () => number
  /** Cheapest known place for an unvisited point: the position to insert after, and what it adds (Infinity: none). */
  findPlace: (node: number, everywhere: boolean) => number
  detour: () => number
  insert: (node: number, after: number, detour: number) => void
  removeRange: (from: number, to: number) => void
  /** Replaces the whole path by `nodes`, which begin with 0 and end with 1. */
  assign: (nodes: Int32Array) => void
  /** Shortens until no 2-opt or Or-opt move around a changed point helps. */
  improve: () => void
}

/** @param local a symmetric metric in which point 0 is the start and point 1 the end */
export function createScorePath(local: Metric, near: Neighbours, score: Float64Array): ScorePath {
  const size = local.size
  const { width, node: nearNode, cost: nearCost } = near
  const path = new Int32Array(size)
  const place = new Int32Array(size).fill(-1)
  let count = 2
  path[1] = 1
  place[0] = 0
  place[1] = 1
  let length = legCost(local, 0, 1)
  let total = 0
  const reverse = (from: number, to: number) => {
    for (let i = from, j = to; i < j; i++, j--) {
      const a = intAt(path, i)
      const b = intAt(path, j)
      path[i] = b
      place[b] = i
      path[j] = a
      place[a] = j
    }
  }
  const insert = (node: number, after: number, detour: number) => {
    path.copyWithin(after + 2, after + 1, count)
    path[after + 1] = node
    count++
    for (let i = after + 1; i < count; i++) place[intAt(path, i)] = i
    length += detour
    total += realAt(score, node)
    enqueue(node)
    enqueue(intAt(path, after))
    enqueue(intAt(path, after + 2))
  }
  const removeRange = (from: number, to: number) => {
    const before = intAt(path, from - 1)
    const after = intAt(path, to + 1)
    length += legCost(local, before, after)
    for (let i = from; i <= to + 1; i++) length -= legCost(local, intAt(path, i - 1), intAt(path, i))
    for (let i = from; i <= to; i++) {
      const node = intAt(path, i)
      place[node] = -1
      total -= realAt(score, node)
    }
    path.copyWithin(from, to + 1, count)
    count -= to - from + 1
    for (let i = from; i < count; i++) place[intAt(path, i)] = i
    enqueue(before)
    enqueue(after)
  }
  const queue = new Int32Array(size)
  const queued = new Int32Array(size)
  let head = 0
  let waiting = 0
  const enqueue = (node: number) => {
    if (intAt(queued, node) === 1) return
    queued[node] = 1
    let slot = head + waiting
    if (slot >= size) slot -= size
    queue[slot] = node
    waiting++
  }
  let placeAfter = -1
  let detour = 0
  const scanAll = (node: number) => {
    for (let i = 0; i + 1 < count; i++) {
      const a = intAt(path, i)
      const b = intAt(path, i + 1)
      const cost = legCost(local, a, node) + legCost(local, node, b) - legCost(local, a, b)
      if (cost < detour) {
        detour = cost
        placeAfter = i
      }
    }
  }
  const findPlace = (node: number, everywhere: boolean): number => {
    detour = Infinity
    let seen = 0
    const row = node * width
    for (let k = 0; k < width && seen < BESIDE; k++) {
      const other = intAt(nearNode, row + k)
      const i = intAt(place, other)
      if (i < 0) continue
      seen++
      const out = realAt(nearCost, row + k)
      if (i + 1 < count) {
        const next = intAt(path, i + 1)
        const cost = out + legCost(local, node, next) - legCost(local, other, next)
        if (cost < detour) {
          detour = cost
          placeAfter = i
        }
      }
      if (i > 0) {
        const before = intAt(path, i - 1)
        const cost = out + legCost(local, before, node) - legCost(local, before, other)
        if (cost < detour) {
          detour = cost
          placeAfter = i - 1
        }
      }
    }
    if (everywhere && detour === Infinity) scanAll(node)
    return placeAfter
  }
  const improveNode = (a: number): boolean => {
    const i = intAt(place, a)
    if (i < 0) return false
    const row = a * width
    // 2-opt, a with its successor: (a,next)(b,nextB) → (a,b)(next,nextB)
    if (i + 1 < count) {
      const aNext = intAt(path, i + 1)
      const removed = legCost(local, a, aNext)
      for (let k = 0; k < width; k++) {
        const gain = removed - realAt(nearCost, row + k)
        if (gain <= GAIN) break
        const b = intAt(nearNode, row + k)
        const j = intAt(place, b)
        if (j < 0 || j + 1 >= count) continue
        const bNext = intAt(path, j + 1)
        const gained = gain + legCost(local, b, bNext) - legCost(local, aNext, bNext)
        if (gained > GAIN) {
          if (i < j) reverse(i + 1, j)
          else reverse(j + 1, i)
          length -= gained
          enqueue(a)
          enqueue(b)
          enqueue(aNext)
          enqueue(bNext)
          return true
        }
      }
    }
    if (i > 0) {
      const aBefore = intAt(path, i - 1)
      const removed = legCost(local, aBefore, a)
      for (let k = 0; k < width; k++) {
        const gain = removed - realAt(nearCost, row + k)
        if (gain <= GAIN) break
        const b = intAt(nearNode, row + k)
        const j = intAt(place, b)
        if (j <= 0) continue
        const bBefore = intAt(path, j - 1)
        const gained = gain + legCost(local, bBefore, b) - legCost(local, aBefore, bBefore)
        if (gained > GAIN) {
          if (i < j) reverse(i, j - 1)
          else reverse(j, i - 1)
          length -= gained
          enqueue(a)
          enqueue(b)
          enqueue(aBefore)
          enqueue(bBefore)
          return true
        }
      }
    }
    return moveSegment(a, i)
  }
  // Or-opt: the up to three points beginning (or ending) with a move next to one of a's neighbours
  const moveSegment = (a: number, i: number): boolean => {
    const row = a * width
    for (let side = 0; side < 2; side++) {
      for (let len = 1; len <= 3; len++) {
        const from = side === 0 ? i : i - len + 1
        const to = side === 0 ? i + len - 1 : i
        if (from < 1 || to > count - 2) break
        const before = intAt(path, from - 1)
        const after = intAt(path, to + 1)
        const tail = intAt(path, side === 0 ? to : from)
        const freed =
          legCost(local, before, intAt(path, from)) +
          legCost(local, intAt(path, to), after) -
          legCost(local, before, after)
        if (freed <= GAIN) continue
        for (let k = 0; k < width; k++) {
          const out = realAt(nearCost, row + k)
          if (out >= freed) break
          const b = intAt(nearNode, row + k)
          const j = intAt(place, b)
          if (j < 0 || (j >= from && j <= to)) continue
          for (let step = 0; step < 2; step++) {
            // a goes next to b; the segment's other end next to b's successor (step 0) or predecessor
            const j2 = step === 0 ? j + 1 : j - 1
            if (j2 < 0 || j2 >= count || (j2 >= from && j2 <= to)) continue
            const c = intAt(path, j2)
            const gained = freed - out - legCost(local, tail, c) + legCost(local, b, c)
            if (gained <= GAIN) continue
            shift(from, to, Math.min(j, j2), (step === 0) === (side === 0))
            length -= gained
            enqueue(before)
            enqueue(after)
            enqueue(b)
            enqueue(c)
            enqueue(a)
            enqueue(tail)
            return true
          }
        }
      }
    }
    return false
  }
  const shift = (from: number, to: number, gap: number, sameOrder: boolean) => {
    // gap: position whose successor gap receives the segment
    if (!sameOrder) reverse(from, to)
    if (gap > to) {
      reverse(from, to)
      reverse(to + 1, gap)
      reverse(from, gap)
    } else {
      reverse(from, to)
      reverse(gap + 1, from - 1)
      reverse(gap + 1, to)
    }
  }
  const improve = () => {
    while (waiting > 0) {
      const node = intAt(queue, head)
      if (++head === size) head = 0
      waiting--
      queued[node] = 0
      while (improveNode(node)) {
        /* until nothing shortens around it */
      }
    }
  }

  const assign = (nodes: Int32Array) => {
    place.fill(-1)
    path.set(nodes)
    count = nodes.length
    total = 0
    length = 0
    for (let i = 0; i < count; i++) {
      const node = intAt(path, i)
      place[node] = i
      total += realAt(score, node)
      if (i > 0) length += legCost(local, intAt(path, i - 1), node)
    }
  }
  return {
    path,
    place,
    count: () => count,
    length: () => length,
    total: () => total,
    findPlace,
    detour: () => detour,
    insert,
    removeRange,
    assign,
    improve,
  }
}
