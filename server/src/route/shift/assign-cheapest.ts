/**
 * Who takes what at the least cost in all: the assignment problem, by shortest augmenting paths with dual prices
 * (Jonker & Volgenant, Computing 38, 1987). A few dozen units; cubic time is nothing.
 */
import { intAt, realAt } from '../typed-array.ts'

/**
 * @param cost rows × columns, row by row; rows ≤ columns, all finite
 * @returns for each row the column it takes
 */
export function assignCheapest(cost: Float64Array, rows: number, columns: number): number[] {
  if (rows > columns || cost.length !== rows * columns) throw new RangeError('rows must not exceed columns')
  // One row and one column before the first (index 0) stand for "none yet".
  const rowPrice = new Float64Array(rows + 1)
  const columnPrice = new Float64Array(columns + 1)
  const rowOf = new Int32Array(columns + 1)
  const cameFrom = new Int32Array(columns + 1)
  for (let row = 1; row <= rows; row++) {
    const slack = new Float64Array(columns + 1).fill(Infinity)
    const used = new Int32Array(columns + 1)
    rowOf[0] = row
    let column = 0
    do {
      used[column] = 1
      const i = intAt(rowOf, column)
      let least = Infinity
      let next = 0
      for (let j = 1; j <= columns; j++) {
        if (intAt(used, j) === 1) continue
        const reduced = realAt(cost, (i - 1) * columns + j - 1) - realAt(rowPrice, i) - realAt(columnPrice, j)
        if (reduced < realAt(slack, j)) {
          slack[j] = reduced
          cameFrom[j] = column
        }
        if (realAt(slack, j) < least) {
          least = realAt(slack, j)
          next = j
        }
      }
      for (let j = 0; j <= columns; j++) {
        if (intAt(used, j) === 1) {
          const owner = intAt(rowOf, j)
          rowPrice[owner] = realAt(rowPrice, owner) + least
          columnPrice[j] = realAt(columnPrice, j) - least
        } else slack[j] = realAt(slack, j) - least
      }
      column = next
    } while (intAt(rowOf, column) !== 0)
    while (column !== 0) {
      const before = intAt(cameFrom, column)
      rowOf[column] = intAt(rowOf, before)
      column = before
    }
  }
  const taken = Array.from({ length: rows }, () => 0)
  for (let j = 1; j <= columns; j++) if (intAt(rowOf, j) > 0) taken[intAt(rowOf, j) - 1] = j - 1
  return taken
}
