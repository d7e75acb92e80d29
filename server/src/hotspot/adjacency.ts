import { gridDisk } from 'h3-js'
import { intAt } from '../route/typed-array.ts'

/**
 * Who neighbours whom in a study area: neighbours of cell `i` are `neighbours[offsets[i] .. offsets[i + 1])`,
 * the cell itself left out. Two flat arrays, so that a hundred thousand cells are one pass over memory.
 */
export type Adjacency = { offsets: Int32Array; neighbours: Int32Array }

/**
 * The k-ring of every listed H3 cell, clipped to the list, which is the whole study area.
 * Worth caching: it costs some hundred times more than a statistic computed on it.
 * @param ring rings around the cell, 1 or more
 */
export function buildAdjacency(cells: readonly string[], ring: number): Adjacency {
  const indexOf = new Map(cells.map((cell, index) => [cell, index]))
  return packNeighbours(
    cells.map((cell, index) =>
      gridDisk(cell, ring).flatMap((near) => {
        const at = indexOf.get(near)
        return at === undefined || at === index ? [] : [at]
      }),
    ),
  )
}

/** The same from lists of neighbours, for study areas that are not hexagons. */
export function packNeighbours(lists: readonly (readonly number[])[]): Adjacency {
  const offsets = new Int32Array(lists.length + 1)
  lists.forEach((list, index) => {
    offsets[index + 1] = intAt(offsets, index) + list.length
  })
  return { offsets, neighbours: Int32Array.from(lists.flat()) }
}
