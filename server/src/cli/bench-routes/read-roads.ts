import { parse } from 'csv-parse/sync'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { distanceMeters } from '../../check-in/geo.ts'
import { createRandom } from '../../route/random.ts'
import type { RoadPiece } from '../../route/travel-time/road-graph.ts'

/**
 * Roads of a folder with `edges.csv` (way_id, from, to, len_m, oneway, highway, maxspeed) and `nodes.csv` (id, lng, lat), as the
 * importer takes them; undefined where the folder has none.
 */
export function readRoads(folder: string): RoadPiece[] | undefined {
  const [edges, nodes] = [join(folder, 'edges.csv'), join(folder, 'nodes.csv')]
  if (!existsSync(edges) || !existsSync(nodes)) return undefined
  const read = (file: string): Record<string, string>[] =>
    parse(readFileSync(file), { columns: true, bom: true, skip_empty_lines: true })
  const places = new Map(read(nodes).map((row) => [row['id'], [Number(row['lng']), Number(row['lat'])]]))
  return read(edges).flatMap((row): RoadPiece[] => {
    const [a, b] = [places.get(row['from']), places.get(row['to'])]
    if (a === undefined || b === undefined || !(Number(row['len_m']) > 0)) return []
    return [
      {
        from: Number(row['from']),
        to: Number(row['to']),
        oneway: row['oneway'] === '1',
        meters: Number(row['len_m']),
        roadClass: row['highway'] ?? 'road',
        limitKph: Number(row['maxspeed']) || null,
        line: Float64Array.from([...a, ...b]),
      },
    ]
  })
}

/** A town of crossing streets, about as many as the main roads of Tainan: for machines without the real ones. */
export function makeRoads(): RoadPiece[] {
  const [columns, rows, step] = [60, 52, 0.003]
  const random = createRandom(1)
  const corner = (x: number, y: number): [number, number] => [120.15 + x * step, 22.95 + y * step]
  const pieces: RoadPiece[] = []
  const add = (x: number, y: number, x2: number, y2: number): void => {
    // One street in five is missing, so that ways go round.
    if (random.real() < 0.2) return
    const [a, b] = [corner(x, y), corner(x2, y2)]
    pieces.push({
      from: y * columns + x,
      to: y2 * columns + x2,
      oneway: random.real() < 0.2,
      meters: distanceMeters({ lon: a[0], lat: a[1] }, { lon: b[0], lat: b[1] }),
      roadClass: x % 5 === 0 || y % 5 === 0 ? 'primary' : 'residential',
      limitKph: null,
      line: Float64Array.of(...a, ...b),
    })
  }
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      if (x + 1 < columns) add(x, y, x + 1, y)
      if (y + 1 < rows) add(x, y, x, y + 1)
    }
  }
  return pieces
}
