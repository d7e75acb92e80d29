/**
 * One-to-many shortest times by Dijkstra's search with a binary heap; it ends when the last target is reached. The same search
 * run over the arcs that lead in gives the times from many to one.
 */
import { intAt, realAt } from '../typed-array.ts'
import type { Network } from './network.ts'
import type { Snap } from './snap.ts'
import type { HourBand } from './speeds.ts'

export type RoadSearch = {
  /** Seconds on the road to (or from) each target, access apart. */
  seconds: Float64Array
  /** The pieces driven to target `k` in order, the first and the last only in part. Not for searches backwards. */
  pieces: (k: number) => number[]
}

/** @param backwards the times from each of the targets to `start` instead */
export function searchRoads(
  network: Network,
  start: Snap,
  targets: readonly Snap[],
  band: HourBand,
  backwards = false,
): RoadSearch {
  const cost = network.seconds(band)
  const arcs = backwards ? network.into : network.out
  const { nodeCount, from, to, oneway } = network
  const time = new Float64Array(nodeCount).fill(Infinity)
  const cameBy = new Int32Array(nodeCount).fill(-1)
  const parent = new Int32Array(nodeCount).fill(-1)
  const heap = createHeap(nodeCount, time)
  const reach = (node: number, at: number, piece: number, before: number): void => {
    if (at >= realAt(time, node)) return
    time[node] = at
    cameBy[node] = piece
    parent[node] = before
    heap.raise(node)
  }
  /** Where a snap's piece is left (or, backwards, entered): its two ends with the seconds to them. */
  const leave = ({ piece, along }: Snap, visit: (node: number, seconds: number) => void): void => {
    const whole = realAt(cost, piece)
    const both = intAt(oneway, piece) === 0
    if (both || !backwards) visit(intAt(to, piece), (1 - along) * whole)
    if (both || backwards) visit(intAt(from, piece), along * whole)
  }
  const enter = ({ piece, along }: Snap, visit: (node: number, seconds: number) => void): void => {
    const whole = realAt(cost, piece)
    const both = intAt(oneway, piece) === 0
    if (both || !backwards) visit(intAt(from, piece), along * whole)
    if (both || backwards) visit(intAt(to, piece), (1 - along) * whole)
  }
  leave(start, (node, at) => reach(node, at, start.piece, -1))
  const awaited = new Int32Array(nodeCount)
  let left = 0
  for (const target of targets) {
    enter(target, (node) => {
      if (intAt(awaited, node) === 0) left++
      awaited[node] = 1
    })
  }
  for (let v = heap.take(); v >= 0 && left > 0; v = heap.take()) {
    if (intAt(awaited, v) === 1) left--
    const at = realAt(time, v)
    for (let k = intAt(arcs.first, v); k < intAt(arcs.first, v + 1); k++) {
      const piece = intAt(arcs.piece, k)
      reach(intAt(arcs.node, k), at + realAt(cost, piece), piece, v)
    }
  }

  const lastNode = new Int32Array(targets.length).fill(-1)
  const seconds = Float64Array.from(targets, (target, k) => {
    let least = sameRoad(
      start,
      target,
      realAt(cost, start.piece),
      intAt(oneway, start.piece) === 1,
      backwards,
    )
    enter(target, (node, rest) => {
      const total = realAt(time, node) + rest
      if (total >= least) return
      least = total
      lastNode[k] = node
    })
    return least
  })
  const pieces = (k: number): number[] => {
    const driven = [targets[k]?.piece ?? start.piece]
    for (let v = intAt(lastNode, k); v >= 0; v = intAt(parent, v)) driven.unshift(intAt(cameBy, v))
    return driven
  }
  return { seconds, pieces }
}

/** Both on one piece: along it, where that is allowed. */
function sameRoad(start: Snap, target: Snap, whole: number, oneway: boolean, backwards: boolean): number {
  if (start.piece !== target.piece) return Infinity
  const ahead = backwards ? start.along - target.along : target.along - start.along
  return ahead >= 0 || !oneway ? Math.abs(ahead) * whole : Infinity
}

/** A binary heap of nodes by `key`, smallest first; `raise` puts a node in, or moves it up after its key fell. */
function createHeap(size: number, key: Float64Array) {
  const heap = new Int32Array(size)
  const slotOf = new Int32Array(size).fill(-1)
  let count = 0
  const put = (slot: number, node: number): void => {
    heap[slot] = node
    slotOf[node] = slot
  }
  const raise = (node: number): void => {
    let slot = intAt(slotOf, node)
    if (slot < 0) slot = count++
    const mine = realAt(key, node)
    while (slot > 0) {
      const parent = (slot - 1) >> 1
      const above = intAt(heap, parent)
      if (realAt(key, above) <= mine) break
      put(slot, above)
      slot = parent
    }
    put(slot, node)
  }
  const take = (): number => {
    if (count === 0) return -1
    const top = intAt(heap, 0)
    slotOf[top] = -1
    const last = intAt(heap, --count)
    if (count === 0) return top
    const mine = realAt(key, last)
    let slot = 0
    for (;;) {
      let child = 2 * slot + 1
      if (child >= count) break
      if (child + 1 < count && realAt(key, intAt(heap, child + 1)) < realAt(key, intAt(heap, child))) child++
      const below = intAt(heap, child)
      if (realAt(key, below) >= mine) break
      put(slot, below)
      slot = child
    }
    put(slot, last)
    return top
  }
  return { raise, take }
}
