import { sql } from 'drizzle-orm'
import type { Db } from '@patrol/db'
import { buildRoadGraph, type RoadGraph, type RoadPiece } from './road-graph.ts'

interface RoadRow extends Record<string, unknown> {
  from_node: string
  to_node: string
  oneway: boolean
  length_meters: number
  road_class: string
  speed_limit_kph: number | null
  line: Buffer
}

/** The graph of each database, with what it was read from: an import makes another. */
const known = new WeakMap<Db, { version: string; graph: Promise<RoadGraph | null> }>()

/** The imported roads as a graph, read once per import; null where none are imported. */
export async function readRoadGraph(db: Db): Promise<RoadGraph | null> {
  const { rows } = await db.execute<{ version: string }>(sql`
    select concat_ws(' ', count(*), max(id), max(import_batch_id), sum(length_meters)) as version from road`)
  const version = rows[0]?.version ?? ''
  const last = known.get(db)
  if (last?.version === version) return last.graph
  const graph = loadGraph(db)
  known.set(db, { version, graph })
  graph.catch(() => known.delete(db))
  return graph
}

async function loadGraph(db: Db): Promise<RoadGraph | null> {
  const { rows } = await db.execute<RoadRow>(sql`
    select from_node, to_node, oneway, length_meters, road_class, speed_limit_kph, st_asbinary(line, 'NDR') as line
    from road where length_meters > 0 order by id`)
  if (rows.length === 0) return null
  return buildRoadGraph(
    rows.map((row): RoadPiece => ({
      from: Number(row.from_node),
      to: Number(row.to_node),
      oneway: row.oneway,
      meters: row.length_meters,
      roadClass: row.road_class,
      limitKph: row.speed_limit_kph,
      line: readLine(row.line),
    })),
  )
}

/** Corners of a little-endian WKB line: byte order, type and count take nine bytes. */
function readLine(wkb: Buffer): Float64Array {
  const line = new Float64Array(2 * wkb.readUInt32LE(5))
  for (let i = 0; i < line.length; i++) line[i] = wkb.readDoubleLE(9 + 8 * i)
  return line
}
