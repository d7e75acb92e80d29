/**
 * The roads that one mode may use, as arcs in compressed rows. Only the largest strongly connected part is kept: from
 * anywhere in it one comes everywhere and back, so a point is never snapped to a stub that cannot be left.
 */
import { intAt } from '../typed-array.ts'
import type { RoadPiece } from './road-graph.ts'
import { indexSegments, type Place, type Snap, type Snapper } from './snap.ts'
import { roadSpeed, type HourBand, type TravelMode } from './speeds.ts'

/** Arcs of every node in one direction: those of node v are `first[v]` to `first[v + 1] - 1`. */
export type Arcs = {
  first: Int32Array
  node: Int32Array
  /** Index into the pieces of the graph. */
  piece: Int32Array
}

export type Network = {
  mode: TravelMode
  nodeCount: number
  /** Ends of every piece as node numbers here; -1 for pieces that are not part of it. */
  from: Int32Array
  to: Int32Array
  /** 1 where a piece may only be driven from `from` to `to`. */
  oneway: Int32Array
  out: Arcs
  into: Arcs
  /** Seconds to drive each piece. */
  seconds: (band: HourBand) => Float64Array
  snap: Snapper
}

export function buildNetwork(pieces: readonly RoadPiece[], mode: TravelMode): Network {
  const usable = pieces.map((piece) => roadSpeed(piece.roadClass, piece.limitKph, mode, 'day') > 0)
  const oneway = Int32Array.from(pieces, (piece) => (piece.oneway && mode !== 'foot' ? 1 : 0))
  const all = numberEnds(pieces, (i) => usable[i] === true)
  const main = largestPart(all.nodeCount, listArcs(all, oneway, false), listArcs(all, oneway, true))
  const inMain = (end: number) => end >= 0 && intAt(main, end) === 1
  const ends = numberEnds(pieces, (i) => inMain(intAt(all.from, i)) && inMain(intAt(all.to, i)))
  const times = new Map<HourBand, Float64Array>()
  return {
    mode,
    ...ends,
    oneway,
    out: listArcs(ends, oneway, false),
    into: listArcs(ends, oneway, true),
    seconds: (band) => {
      const known = times.get(band)
      if (known !== undefined) return known
      const made = Float64Array.from(
        pieces,
        ({ meters, roadClass, limitKph }) => meters / roadSpeed(roadClass, limitKph, mode, band),
      )
      times.set(band, made)
      return made
    },
    snap: rememberSnaps(indexSegments(pieces, (i) => intAt(ends.from, i) >= 0)),
  }
}

/** A table asks for the same places once per row: each is looked for once, as long as anybody holds it. */
function rememberSnaps(find: Snapper): Snapper {
  const known = new WeakMap<Place, Snap | 'off the map'>()
  return (place) => {
    const snap = known.get(place)
    if (snap !== undefined) return snap === 'off the map' ? undefined : snap
    const found = find(place)
    known.set(place, found ?? 'off the map')
    return found
  }
}

type Ends = { nodeCount: number; from: Int32Array; to: Int32Array }

/** Gives the nodes of the chosen pieces numbers from 0. */
function numberEnds(pieces: readonly RoadPiece[], chosen: (piece: number) => boolean): Ends {
  const numbers = new Map<number, number>()
  const numberOf = (node: number) => {
    const known = numbers.get(node) ?? numbers.size
    numbers.set(node, known)
    return known
  }
  const from = new Int32Array(pieces.length).fill(-1)
  const to = new Int32Array(pieces.length).fill(-1)
  pieces.forEach((piece, i) => {
    if (!chosen(i)) return
    from[i] = numberOf(piece.from)
    to[i] = numberOf(piece.to)
  })
  return { nodeCount: numbers.size, from, to }
}

/** @param backwards the arcs that lead into a node instead of out of it */
function listArcs({ nodeCount, from, to }: Ends, oneway: Int32Array, backwards: boolean): Arcs {
  const first = new Int32Array(nodeCount + 1)
  const eachArc = (visit: (tail: number, head: number, piece: number) => void) => {
    for (let i = 0; i < from.length; i++) {
      const [a, b] = [intAt(from, i), intAt(to, i)]
      if (a < 0) continue
      const both = intAt(oneway, i) === 0
      if (both || !backwards) visit(a, b, i)
      if (both || backwards) visit(b, a, i)
    }
  }
  eachArc((tail) => (first[tail + 1] = intAt(first, tail + 1) + 1))
  for (let v = 0; v < nodeCount; v++) first[v + 1] = intAt(first, v + 1) + intAt(first, v)
  const node = new Int32Array(intAt(first, nodeCount))
  const piece = new Int32Array(node.length)
  const next = first.slice()
  eachArc((tail, head, i) => {
    const slot = intAt(next, tail)
    next[tail] = slot + 1
    node[slot] = head
    piece[slot] = i
  })
  return { first, node, piece }
}

/** Marks the nodes of the largest strongly connected part (Kosaraju's two searches; Sharir, 1981). */
function largestPart(nodeCount: number, out: Arcs, into: Arcs): Int32Array {
  const finished = finishOrder(nodeCount, out)
  const part = new Int32Array(nodeCount).fill(-1)
  const sizes: number[] = []
  const stack: number[] = []
  for (const root of finished.reverse()) {
    if (intAt(part, root) >= 0) continue
    const name = sizes.length
    let size = 0
    part[root] = name
    stack.push(root)
    for (let v = stack.pop(); v !== undefined; v = stack.pop()) {
      size++
      for (let k = intAt(into.first, v); k < intAt(into.first, v + 1); k++) {
        const w = intAt(into.node, k)
        if (intAt(part, w) >= 0) continue
        part[w] = name
        stack.push(w)
      }
    }
    sizes.push(size)
  }
  const largest = sizes.indexOf(sizes.reduce((most, size) => Math.max(most, size), 0))
  return Int32Array.from(part, (name) => (name === largest ? 1 : 0))
}

/** Nodes in the order in which a depth-first search leaves them. */
function finishOrder(nodeCount: number, out: Arcs): Int32Array {
  const order = new Int32Array(nodeCount)
  const cursor = out.first.slice(0, nodeCount)
  const seen = new Int32Array(nodeCount)
  const stack: number[] = []
  let count = 0
  for (let root = 0; root < nodeCount; root++) {
    if (intAt(seen, root) === 1) continue
    seen[root] = 1
    stack.push(root)
    while (stack.length > 0) {
      const v = stack.at(-1) ?? 0
      const k = intAt(cursor, v)
      if (k === intAt(out.first, v + 1)) {
        order[count++] = v
        stack.pop()
        continue
      }
      cursor[v] = k + 1
      const w = intAt(out.node, k)
      if (intAt(seen, w) === 1) continue
      seen[w] = 1
      stack.push(w)
    }
  }
  return order
}
