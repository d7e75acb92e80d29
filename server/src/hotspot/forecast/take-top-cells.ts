import { intAt, realAt } from '../../route/typed-array.ts'
import type { LocatedIncidents } from './locate-incidents.ts'

/**
 * Cells in falling score, ties by cell id, until their true area reaches `areaKm2` (or all candidates are taken).
 * @param candidates only the first so many cells are looked at: those known when the forecast is made
 */
export function takeTopCells(
  scores: Float64Array,
  located: LocatedIncidents,
  areaKm2: number,
  candidates: number,
): Int32Array {
  const { cells, areasKm2 } = located
  const byRank = (a: number, b: number): number =>
    realAt(scores, b) - realAt(scores, a) || compareText(cells[a] ?? '', cells[b] ?? '')
  // Few of thousands are taken. Cells of one city differ by some percent in area; twice the need is plenty.
  const need = Math.ceil((2 * areaKm2) / (realAt(areasKm2, 0) || 1)) + 8
  const threshold = findNthLargest(scores.slice(0, candidates), Math.min(need, candidates))
  const ranked: number[] = []
  for (let cell = 0; cell < candidates; cell++) if (realAt(scores, cell) >= threshold) ranked.push(cell)
  ranked.sort(byRank)
  let area = 0
  const end = ranked.findIndex((cell) => {
    if (area >= areaKm2) return true
    area += realAt(areasKm2, cell)
    return false
  })
  return Int32Array.from(end < 0 ? ranked : ranked.slice(0, end))
}

/** Sum of `values` over the listed cells. */
export function sumOver(values: Float64Array, cells: Int32Array): number {
  let sum = 0
  for (let at = 0; at < cells.length; at++) sum += realAt(values, intAt(cells, at))
  return sum
}

/** Hoare's selection; reorders `values`. */
function findNthLargest(values: Float64Array, nth: number): number {
  if (nth < 1) return Infinity
  let low = 0
  let high = values.length - 1
  const target = nth - 1
  while (low < high) {
    const pivot = realAt(values, (low + high) >>> 1)
    let left = low
    let right = high
    while (left <= right) {
      while (realAt(values, left) > pivot) left++
      while (realAt(values, right) < pivot) right--
      if (left > right) break
      const swapped = realAt(values, left)
      values[left++] = realAt(values, right)
      values[right--] = swapped
    }
    if (target <= right) high = right
    else if (target >= left) low = left
    else return pivot
  }
  return realAt(values, target)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
