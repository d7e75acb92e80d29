import { createHash } from 'node:crypto'
import type { Db, OpenTx } from '@patrol/db'
import { distanceMeters } from '../check-in/geo.ts'
import { cellAt } from '../incident/report-incident.ts'
import { preparePrecincts } from './import-incidents.ts'
import type { PlanImport, Written } from './import-kind.ts'
import { countSkipped } from './report.ts'
import type { SourceRow } from './source-rows.ts'
import { tagImportedPoints } from './tag-points.ts'
import { parseClock, parsePosition, parseWeekdays } from './values.ts'
import { writeRoutes } from './write-routes.ts'

export interface StopItem {
  route: string
  sequence: number
  dueMinute: number
  weekdays: number
  name: string
  lon: number
  lat: number
  /** Of the point that a stop becomes where there is none. */
  sourceKey: string
  /** The point that is there already, or null. */
  pointId: number | null
}

export interface RouteItem {
  code: string
  name: string
  stops: StopItem[]
}

/** A stop this near an existing point is that point: the same corner, measured twice. */
const samePlaceMeters = 30

type Fault = { field: string; reason: string }

/**
 * Timed routes: `district, route_id, turn, stop_id, name, time, lng, lat, days`, one row a stop. Each becomes a fixed patrol
 * route; its stops become the nearest existing point within 30 m or a new one, due around the clock time on those weekdays.
 */
export const planRoutes: PlanImport = async (db, sources, report, options) => {
  const register = options.source || 'routes'
  const routes = new Map<string, RouteItem>()
  const perDistrict = new Map<string, Set<string>>()
  for (const { file, rows } of sources) {
    for await (const row of rows) {
      report.read++
      const name = `${row.get('district')} ${row.get('routeId')}`.trim()
      if (!isWanted(perDistrict, row.get('district'), name, options.routesPerDistrict)) {
        countSkipped(report, `beyond ${options.routesPerDistrict} routes per district`)
        continue
      }
      const stop = readStop(row, register)
      if ('field' in stop) {
        report.bad.push({ file, line: row.line, ...stop })
        continue
      }
      const route = routes.get(stop.route) ?? { code: stop.route, name: `${name} 號路線`, stops: [] }
      routes.set(stop.route, route)
      // The order of the file within a route: its turns are numbered, but not without gaps and repeats.
      route.stops.push({ ...stop, sequence: route.stops.length + 1 })
      report.usable++
    }
  }
  const all = [...routes.values()]
  await findPlaces(db, all)
  return async (tx, batchId): Promise<Written> => {
    await preparePrecincts(tx)
    const points = await writeStopPoints(tx, all, batchId)
    await tagImportedPoints(tx, batchId, options.keyVersion)
    return writeRoutes(tx, all, points, batchId)
  }
}

function isWanted(
  perDistrict: Map<string, Set<string>>,
  district: string,
  route: string,
  limit: number | undefined,
): boolean {
  if (limit === undefined) return true
  const taken = perDistrict.get(district) ?? new Set()
  perDistrict.set(district, taken)
  if (taken.size < limit) taken.add(route)
  return taken.has(route)
}

function readStop(row: SourceRow, register: string): StopItem | Fault {
  const routeId = row.get('routeId')
  if (routeId === '') return { field: 'route_id', reason: 'is missing' }
  const seconds = parseClock(row.get('time'))
  if (seconds === null) return { field: 'time', reason: `'${row.get('time')}' is no clock time` }
  const weekdays = row.get('days') === '' ? 127 : parseWeekdays(row.get('days'))
  if (weekdays === null) return { field: 'days', reason: `'${row.get('days')}' names no weekdays` }
  const position = parsePosition(row.get('lng'), row.get('lat'))
  if (position === null) {
    return { field: 'lng, lat', reason: `'${row.get('lng')}, ${row.get('lat')}' is no position in Taiwan` }
  }
  const route = `${register}:${row.get('district')}-${routeId}`
  const stopId = row.get('stopId') || row.get('turn') || row.get('name')
  return {
    route,
    sequence: 0,
    dueMinute: Math.floor(seconds / 60),
    weekdays,
    name: row.get('name') || `${row.get('district')} ${routeId} 第 ${row.get('turn')} 站`,
    lon: position[0],
    lat: position[1],
    sourceKey: `${route}-${stopId}`,
    pointId: null,
  }
}

/**
 * Gives each stop the point it had before, else the nearest live one within 30 m; stops of this file that lie together
 * share one new point.
 */
async function findPlaces(db: Db, routes: readonly RouteItem[]): Promise<void> {
  const { rows } = await db.$client.query<{
    id: number
    lon: number
    lat: number
    source_key: string | null
  }>(
    'select id, st_x(position) as lon, st_y(position) as lat, source_key from patrol_point where retired_at is null',
  )
  const own = new Map(rows.flatMap((row) => (row.source_key === null ? [] : [[row.source_key, row.id]])))
  const grid = createGrid()
  // Points of this register are found by their key alone: else a second import would shift stops between neighbours.
  const register = routes[0]?.code.split(':')[0]
  for (const { id, lon, lat, source_key } of rows) {
    if (register === undefined || source_key?.startsWith(`${register}:`) !== true)
      grid.add({ lon, lat, id, key: null })
  }
  for (const stop of routes.flatMap((route) => route.stops)) {
    const near = grid.nearest(stop)
    if (near === undefined) grid.add({ ...stop, id: null, key: stop.sourceKey })
    if (near?.key) stop.sourceKey = near.key
    stop.pointId = near?.id ?? own.get(stop.sourceKey) ?? null
  }
}

interface GridPlace {
  lon: number
  lat: number
  id: number | null
  key: string | null
}

/** Places by cells of a thousandth of a degree, about 100 m: the nearest within 30 m is in the cell or beside it. */
function createGrid() {
  const cells = new Map<string, GridPlace[]>()
  const cell = (value: number) => Math.floor(value * 1_000)
  return {
    add(place: GridPlace) {
      const key = `${cell(place.lon)} ${cell(place.lat)}`
      const list = cells.get(key)
      if (list) list.push(place)
      else cells.set(key, [place])
    },
    nearest(at: { lon: number; lat: number }): GridPlace | undefined {
      let best: GridPlace | undefined
      let bestMeters = samePlaceMeters
      for (const dx of [-1, 0, 1]) {
        for (const dy of [-1, 0, 1]) {
          for (const place of cells.get(`${cell(at.lon) + dx} ${cell(at.lat) + dy}`) ?? []) {
            const meters = distanceMeters(at, place)
            if (meters <= bestMeters) [best, bestMeters] = [place, meters]
          }
        }
      }
      return best
    },
  }
}

/** Makes the points that are missing. Returns the point of each source key. */
async function writeStopPoints(
  tx: OpenTx,
  routes: readonly RouteItem[],
  batchId: number,
): Promise<ReadonlyMap<string, number>> {
  const missing = new Map<string, StopItem>()
  for (const stop of routes.flatMap((route) => route.stops)) {
    // The first stop at a place gives the point its name.
    if (stop.pointId === null && !missing.has(stop.sourceKey)) missing.set(stop.sourceKey, stop)
  }
  const items = [...missing.values()].map(({ sourceKey, name, lon, lat }) => ({
    code: codeOf(sourceKey),
    source_key: sourceKey,
    name: name.slice(0, 120),
    lon,
    lat,
    h3: [cellAt(lat, lon, 8).toString(), cellAt(lat, lon, 9).toString(), cellAt(lat, lon, 10).toString()],
  }))
  const { rows } = await tx.$client.query<{ id: number; source_key: string }>(
    `insert into patrol_point (code, source_key, name, category, position, precinct_id, station_id, beat_id, village, h3_r8,
       h3_r9, h3_r10, import_batch_id)
     select i.code, source_key, i.name, '巡邏線', place, precinct.id, station.id, beat.id, village.name, (h3->>0)::bigint,
       (h3->>1)::bigint, (h3->>2)::bigint, $2
     from jsonb_to_recordset($1::jsonb)
       as i(code text, source_key text, name text, lon float8, lat float8, h3 jsonb)
     cross join lateral (select st_setsrid(st_makepoint(lon, lat), 4326) as place) p
     cross join lateral (select id from precinct_piece order by piece <-> place, id limit 1) precinct
     cross join lateral (
       select id from organisation o where o.kind = 'station' and o.precinct_id = precinct.id
       order by o.position <-> place, id limit 1
     ) station
     left join lateral (
       select code, name from area where kind = 'village' and st_covers(shape, place) order by code limit 1
     ) village on true
     left join organisation beat on beat.code = 'B' || village.code
     returning id, source_key`,
    [JSON.stringify(items), batchId],
  )
  return new Map(rows.map((row) => [row.source_key, row.id]))
}

/** A short code to print on the box: 40 bits of the key. */
function codeOf(sourceKey: string): string {
  return `R${createHash('sha256').update(sourceKey).digest('hex').slice(0, 10).toUpperCase()}`
}
