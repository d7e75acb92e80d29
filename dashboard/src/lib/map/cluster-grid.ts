import { isLate, type PointLook } from './point-look.ts'

/** A square of the map with the points in it. */
export interface Cell {
  key: string
  count: number
  late: number
  due: number
  /** Sums of the points' map coordinates: the cell is drawn at their mean. */
  sumX: number
  sumY: number
}

/**
 * Points counted by squares of a fixed size. A point that changes changes two numbers of one cell; nothing is
 * counted anew.
 */
export class ClusterGrid {
  readonly cells = new Map<string, Cell>()
  readonly cellMeters: number
  readonly #points = new Map<number, { key: string; look: PointLook }>()

  constructor(cellMeters: number) {
    this.cellMeters = cellMeters
  }

  /** Name of the square that a place lies in. */
  keyOf(x: number, y: number): string {
    return `${Math.floor(x / this.cellMeters)}/${Math.floor(y / this.cellMeters)}`
  }

  /** Puts in a point, or changes its look. @returns the cell that changed, or null when none did */
  put(id: number, x: number, y: number, look: PointLook): Cell | null {
    const known = this.#points.get(id)
    if (known) {
      if (known.look === look) return null
      const cell = this.cells.get(known.key)
      if (!cell) return null
      count(cell, known.look, -1)
      count(cell, look, 1)
      known.look = look
      return cell
    }
    const key = this.keyOf(x, y)
    const cell = this.cells.get(key) ?? { key, count: 0, late: 0, due: 0, sumX: 0, sumY: 0 }
    cell.count += 1
    cell.sumX += x
    cell.sumY += y
    count(cell, look, 1)
    this.cells.set(key, cell)
    this.#points.set(id, { key, look })
    return cell
  }
}

function count(cell: Cell, look: PointLook, by: number): void {
  if (isLate(look)) cell.late += by
  if (look === 'due') cell.due += by
}
