/**
 * Candidate lists: for each point the few others that a good route may go to next.
 *
 * Nearest neighbours alone cut clustered cities into islands, so each quadrant around a point contributes its
 * nearest points first (quadrant neighbours: Johnson & McGeoch, "Experimental analysis of heuristics for the STSP",
 * 2002, section 2), then the list is filled with the nearest of the rest and sorted by cost.
 */
import { legCost, type Metric } from './metric.ts'
import { intAt, realAt } from './typed-array.ts'

export type Neighbours = {
  /** Neighbours per point. */
  width: number
  /** Row-major, nearest first. */
  node: Int32Array
  /** Cost from the row's point to that neighbour. */
  cost: Float64Array
}

/** @param perQuadrant nearest points taken from each quadrant (0 for plain nearest neighbours) */
export function listNeighbours(metric: Metric, width: number, perQuadrant: number): Neighbours {
  const { size, x } = metric
  const list: Neighbours = {
    width: Math.min(width, size - 1),
    node: new Int32Array(size * Math.min(width, size - 1)),
    cost: new Float64Array(size * Math.min(width, size - 1)),
  }
  const nearby = x.length === 0 || size <= 200 ? everyOther(size) : gridSearch(metric, list.width)
  for (let centre = 0; centre < size; centre++)
    fillRow(metric, list, centre, nearby(centre, perQuadrant), perQuadrant)
  return list
}

/** Chooses the row's neighbours among `candidates` (any order). */
function fillRow(
  metric: Metric,
  list: Neighbours,
  centre: number,
  candidates: number[],
  perQuadrant: number,
): void {
  const costs = candidates.map((node) => ({ node, cost: legCost(metric, centre, node), chosen: false }))
  costs.sort((a, b) => a.cost - b.cost || a.node - b.node)
  let free = list.width
  if (perQuadrant > 0 && metric.x.length > 0) {
    const taken = [0, 0, 0, 0]
    for (const candidate of costs) {
      const quadrant = quadrantOf(metric, centre, candidate.node)
      const count = taken[quadrant] ?? 0
      if (free === 0 || count >= perQuadrant) continue
      taken[quadrant] = count + 1
      candidate.chosen = true
      free--
    }
  }
  let column = 0
  for (const candidate of costs) {
    if (!candidate.chosen && free-- <= 0) continue
    if (column === list.width) break
    list.node[centre * list.width + column] = candidate.node
    list.cost[centre * list.width + column] = candidate.cost
    column++
  }
}

function quadrantOf(metric: Metric, centre: number, other: number): number {
  const dx = realAt(metric.x, other) - realAt(metric.x, centre)
  const dy = realAt(metric.y, other) - realAt(metric.y, centre)
  // Half-open quadrants, so that points on an axis fall in exactly one.
  if (dx > 0 && dy >= 0) return 0
  if (dx <= 0 && dy > 0) return 1
  if (dx < 0 && dy <= 0) return 2
  return 3
}

function everyOther(size: number): (centre: number) => number[] {
  return (centre) => Array.from({ length: size }, (_, node) => node).filter((node) => node !== centre)
}

/** Finds points around a centre ring by ring in a grid of about two points per cell. */
function gridSearch(metric: Metric, width: number): (centre: number, perQuadrant: number) => number[] {
  const { x, y, size } = metric
  const minX = x.reduce((a, b) => Math.min(a, b), Infinity)
  const minY = y.reduce((a, b) => Math.min(a, b), Infinity)
  const spanX = x.reduce((a, b) => Math.max(a, b), -Infinity) - minX
  const spanY = y.reduce((a, b) => Math.max(a, b), -Infinity) - minY
  const edge = Math.max(Math.sqrt((spanX * spanY * 2) / size), Math.max(spanX, spanY) / size, 1e-9)
  const columns = Math.floor(spanX / edge) + 1
  const rows = Math.floor(spanY / edge) + 1
  const columnOf = (node: number) => Math.floor((realAt(x, node) - minX) / edge)
  const rowOf = (node: number) => Math.floor((realAt(y, node) - minY) / edge)
  const first = new Int32Array(columns * rows + 1)
  for (let node = 0; node < size; node++) {
    const cell = rowOf(node) * columns + columnOf(node)
    first[cell + 1] = intAt(first, cell + 1) + 1
  }
  for (let cell = 0; cell < columns * rows; cell++)
    first[cell + 1] = intAt(first, cell + 1) + intAt(first, cell)
  const filled = first.slice()
  const members = new Int32Array(size)
  for (let node = 0; node < size; node++) {
    const cell = rowOf(node) * columns + columnOf(node)
    const slot = intAt(filled, cell)
    members[slot] = node
    filled[cell] = slot + 1
  }
  return (centre, perQuadrant) => {
    const found: number[] = []
    const inQuadrant = [0, 0, 0, 0]
    const column = columnOf(centre)
    const row = rowOf(centre)
    const visit = (c: number, r: number) => {
      if (c < 0 || r < 0 || c >= columns || r >= rows) return
      const cell = r * columns + c
      for (let slot = intAt(first, cell); slot < intAt(first, cell + 1); slot++) {
        const node = intAt(members, slot)
        if (node === centre) continue
        found.push(node)
        const quadrant = quadrantOf(metric, centre, node)
        inQuadrant[quadrant] = (inQuadrant[quadrant] ?? 0) + 1
      }
    }
    visit(column, row)
    // One ring more than needed: a ring's far corner lies beyond the next ring's near side. Rings with nobody in one
    // quadrant (the city's rim) stop after 12.
    let after = 2
    for (let ring = 1; ring <= Math.max(columns, rows) && after > 0; ring++) {
      for (let c = column - ring; c <= column + ring; c++) {
        visit(c, row - ring)
        visit(c, row + ring)
      }
      for (let r = row - ring + 1; r < row + ring; r++) {
        visit(column - ring, r)
        visit(column + ring, r)
      }
      const enough =
        found.length >= width && (ring >= 12 || inQuadrant.every((count) => count >= perQuadrant))
      if (enough) after--
    }
    return found
  }
}
