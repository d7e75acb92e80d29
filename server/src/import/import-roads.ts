import type { OpenTx } from '@patrol/db'
import { distanceMeters } from '../check-in/geo.ts'
import { tally, writeInChunks, type PlanImport, type Written } from './import-kind.ts'
import type { ImportReport } from './report.ts'
import type { Source, SourceRow } from './source-rows.ts'
import { parseNumber, parsePosition } from './values.ts'

type Position = [lon: number, lat: number]

interface Way {
  line: Position[]
  name: string | null
  roadClass: string
  oneway: boolean
  speed: number | null
}

interface RoadItem {
  way_id: number
  from_node: number
  to_node: number
  name: string | null
  road_class: string
  oneway: boolean
  meters: number
  speed: number | null
  line: Position[]
}

type Fault = { field: string; reason: string }

/**
 * Roads as a graph. Edges (`way_id, from, to, highway …`, CSV) with their nodes (`id, lng, lat`, CSV) make straight pieces;
 * with the ways too (GeoJSON lines) the pieces have the ways' shape. Ways alone make a piece each.
 */
export const planRoads: PlanImport = async (_db, sources, report) => {
  const nodes = new Map<number, Position>()
  const ways = new Map<number, Way>()
  for (const source of sources) {
    if (source.format === 'geojson') await readWays(source, ways, report)
    else if (!source.has('wayId')) await readNodes(source, nodes, report)
  }
  const edgeFiles = sources.filter((source) => source.format === 'csv' && source.has('wayId'))
  const hasGraph = edgeFiles.length > 0
  const items = hasGraph ? await readEdges(edgeFiles, nodes, ways, report) : [...ways].map(pieceOfWay)
  // Nodes, and ways beside a graph, only lend their positions: counted as rows are those that become roads, and the bad.
  if (!hasGraph) report.read += ways.size
  report.usable = items.length
  return (tx, batchId) => writeInChunks(items, (chunk) => write(tx, chunk, batchId))
}

async function readNodes(source: Source, nodes: Map<number, Position>, report: ImportReport): Promise<void> {
  for await (const row of source.rows) {
    const id = parseNumber(row.get('id'))
    const position = parsePosition(row.get('lng'), row.get('lat'))
    if (id !== null && position !== null) nodes.set(id, position)
    else {
      report.read++
      const field = id === null ? 'id' : 'lng, lat'
      report.bad.push({
        file: source.file,
        line: row.line,
        field,
        reason: 'is no node with a position in Taiwan',
      })
    }
  }
}

async function readWays(source: Source, ways: Map<number, Way>, report: ImportReport): Promise<void> {
  for await (const row of source.rows) {
    const { geometry } = row
    const id = parseNumber(row.get('wayId') || row.get('id'))
    if (id === null || geometry?.type !== 'LineString' || geometry.coordinates.length < 2) {
      report.read++
      report.bad.push({
        file: source.file,
        line: row.line,
        field: 'geometry',
        reason: 'is no line with an id',
      })
      continue
    }
    ways.set(id, {
      line: geometry.coordinates.map(([lon = 0, lat = 0]): Position => [lon, lat]),
      name: row.get('name') || null,
      roadClass: row.get('highway') || 'road',
      oneway: readOneway(row) ?? false,
      speed: readSpeed(row),
    })
  }
}

async function readEdges(
  sources: readonly Source[],
  nodes: ReadonlyMap<number, Position>,
  ways: ReadonlyMap<number, Way>,
  report: ImportReport,
): Promise<RoadItem[]> {
  const items = new Map<string, RoadItem>()
  for (const { file, rows } of sources) {
    for await (const row of rows) {
      report.read++
      const item = readEdge(row, nodes, ways)
      if ('field' in item) report.bad.push({ file, line: row.line, ...item })
      else {
        const key = `${item.way_id} ${item.from_node} ${item.to_node}`
        if (!items.has(key)) items.set(key, item)
        else report.bad.push({ file, line: row.line, field: 'way_id, from, to', reason: 'is there twice' })
      }
    }
  }
  return [...items.values()]
}

function readEdge(
  row: SourceRow,
  nodes: ReadonlyMap<number, Position>,
  ways: ReadonlyMap<number, Way>,
): RoadItem | Fault {
  const [wayId, from, to] = [row.get('wayId'), row.get('fromNode'), row.get('toNode')].map(parseNumber)
  if (typeof wayId !== 'number') return { field: 'way_id', reason: `'${row.get('wayId')}' is no number` }
  const start = nodes.get(from ?? NaN)
  const end = nodes.get(to ?? NaN)
  if (typeof from !== 'number' || start === undefined)
    return { field: 'from', reason: `node ${row.get('fromNode')} has no position` }
  if (typeof to !== 'number' || end === undefined)
    return { field: 'to', reason: `node ${row.get('toNode')} has no position` }
  const oneway = readOneway(row)
  if (oneway === null) return { field: 'oneway', reason: `'${row.get('oneway')}' is neither yes nor no` }
  const way = ways.get(wayId)
  const line = (way && cutWay(way.line, start, end)) ?? [start, end]
  return {
    way_id: wayId,
    from_node: from,
    to_node: to,
    name: row.get('name') || way?.name || null,
    road_class: row.get('highway') || way?.roadClass || 'road',
    oneway,
    meters: parseNumber(row.get('meters')) ?? lengthOf(line),
    speed: readSpeed(row),
    line,
  }
}

/** The stretch of a way between two of its corners, in the direction of the edge; null where one is not on it. */
function cutWay(line: readonly Position[], start: Position, end: Position): Position[] | null {
  const place = ([lon, lat]: Position) =>
    line.findIndex((corner) => Math.abs(corner[0] - lon) < 1e-6 && Math.abs(corner[1] - lat) < 1e-6)
  const [i, j] = [place(start), place(end)]
  if (i < 0 || j < 0 || i === j) return null
  return i < j ? line.slice(i, j + 1) : line.slice(j, i + 1).reverse()
}

/** Ways without a graph: each is one piece between its ends, which ways that meet there share. */
function pieceOfWay([wayId, way]: [number, Way]): RoadItem {
  return {
    way_id: wayId,
    from_node: nodeAt(way.line[0]),
    to_node: nodeAt(way.line.at(-1)),
    name: way.name,
    road_class: way.roadClass,
    oneway: way.oneway,
    meters: lengthOf(way.line),
    speed: way.speed,
    line: way.line,
  }
}

/** A node number made from a position, to a decimetre; negative, as OSM's own never are. */
function nodeAt([lon, lat]: Position = [0, 0]): number {
  return -(Math.round((lon - 100) * 1e6) * 1e8 + Math.round(lat * 1e6))
}

function lengthOf(line: readonly Position[]): number {
  return line.reduce((sum, [lon, lat], i) => {
    const [lon2, lat2] = line[i - 1] ?? [lon, lat]
    return sum + distanceMeters({ lon, lat }, { lon: lon2, lat: lat2 })
  }, 0)
}

function readOneway(row: SourceRow): boolean | null {
  const text = row.get('oneway').toLowerCase()
  if (['', '0', 'no', 'false'].includes(text)) return false
  return ['1', 'yes', 'true', '-1'].includes(text) ? true : null
}

function readSpeed(row: SourceRow): number | null {
  const speed = parseNumber(row.get('maxspeed').replace(/\s*km\/?h$/i, ''))
  return speed !== null && speed > 0 && speed <= 130 ? Math.round(speed) : null
}

/** There is no key to conflict on: what is there is brought up to date, the rest is inserted. */
async function write(tx: OpenTx, items: readonly RoadItem[], batchId: number): Promise<Written> {
  const { rows } = await tx.$client.query<{ added: boolean }>(
    `with given as materialized (
       select i.*, st_setsrid(st_geomfromgeojson(jsonb_build_object('type', 'LineString', 'coordinates', line)), 4326) as shape
       from jsonb_to_recordset($1::jsonb) as i(way_id bigint, from_node bigint, to_node bigint, name text, road_class text,
         oneway boolean, meters real, speed smallint, line jsonb)
     ), known as materialized (
       select r.id, r.way_id, r.from_node, r.to_node from road r join given using (way_id, from_node, to_node)
     ), changed as (
       update road r set name = g.name, road_class = g.road_class, oneway = g.oneway, length_meters = g.meters,
         speed_limit_kph = g.speed, line = g.shape, import_batch_id = $2
       from given g join known k using (way_id, from_node, to_node)
       where r.id = k.id and ((r.name, r.road_class, r.oneway, r.length_meters, r.speed_limit_kph) is distinct from
         (g.name, g.road_class, g.oneway, g.meters, g.speed) or r.line::bytea <> g.shape::bytea)
       returning false as added
     ), made as (
       insert into road (way_id, from_node, to_node, name, road_class, oneway, length_meters, speed_limit_kph, line,
         import_batch_id)
       select way_id, from_node, to_node, name, road_class, oneway, meters, speed, shape, $2
       from given g where not exists (select from known k
         where k.way_id = g.way_id and k.from_node = g.from_node and k.to_node = g.to_node)
       returning true as added
     )
     select added from changed union all select added from made`,
    [JSON.stringify(items), batchId],
  )
  return tally(rows, items.length)
}
