import type { Db } from '@patrol/db'
import type { LonLat } from './geo.ts'
import type { RoadEdge } from './road-graph.ts'

// What the simulator knows of the city for its own planning, read from the database and never written. Everything it
// *does* goes through the public doors. A real officer knows the beat and reads the duty list; four hundred phones
// asking for it every minute would only measure the simulator.

export interface Place {
  pointId: number
  stationId: number
  position: LonLat
  radiusMeters: number
}

export interface Shift {
  unitId: number
  /** Who of the unit carries the phone. */
  officerId: number
  stationId: number
  mode: 'car' | 'motorcycle' | 'foot'
  startMs: number
  endMs: number
  station: LonLat
  /** Where the unit was last, if that was within the last ten minutes. */
  last: LonLat | null
}

export interface DueWindow {
  windowId: number
  pointId: number
  stationId: number
  startMs: number
  endMs: number
}

/** Units on duty at the city's time; those of the demonstration's own log-ins are left to people. */
export async function readShifts(db: Db, nowMs: number, limit: number): Promise<Shift[]> {
  const { rows } = await db.$client.query<
    Omit<Shift, 'station' | 'last'> & {
      lon: number
      lat: number
      lastLon: number | null
      lastLat: number | null
    }
  >(
    `select u.id as "unitId", u.mode, u.station_id as "stationId",
       extract(epoch from s.starts_at)::float8 * 1000 as "startMs", extract(epoch from s.ends_at)::float8 * 1000 as "endMs",
       crew.first as "officerId", st_x(o.position) as lon, st_y(o.position) as lat,
       l.lon as "lastLon", l.lat as "lastLat"
     from shift s join unit u on u.shift_id = s.id join organisation o on o.id = u.station_id
     cross join lateral (
       select min(f.id) as first, bool_and(f.login ~ '^o-[0-9]+$') as simulated
       from unit_member m join officer f on f.id = m.officer_id where m.unit_id = u.id
     ) crew
     left join unit_position l on l.unit_id = u.id
       and l.recorded_at between to_timestamp($1::float8 / 1000) - interval '10 minutes' and to_timestamp($1::float8 / 1000)
     where s.starts_at <= to_timestamp($1::float8 / 1000) and s.ends_at > to_timestamp($1::float8 / 1000)
       and crew.simulated and o.position is not null
     order by md5(u.id::text) limit $2`,
    [nowMs, limit],
  )
  return rows.map(({ lon, lat, lastLon, lastLat, ...shift }) => ({
    ...shift,
    station: [lon, lat],
    last: lastLon === null || lastLat === null ? null : [lastLon, lastLat],
  }))
}

/** Live patrol points. */
export async function readPlaces(db: Db): Promise<Place[]> {
  const { rows } = await db.$client.query<Omit<Place, 'position'> & { lon: number; lat: number }>(
    `select id as "pointId", station_id as "stationId", st_x(position) as lon, st_y(position) as lat,
       radius_meters as "radiusMeters"
     from patrol_point where retired_at is null`,
  )
  return rows.map(({ lon, lat, ...place }) => ({ ...place, position: [lon, lat] }))
}

/** Windows that are open and want another visit. */
export async function readDueWindows(db: Db, nowMs: number): Promise<DueWindow[]> {
  const { rows } = await db.$client.query<DueWindow>(
    `select id::float8 as "windowId", patrol_point_id as "pointId", station_id as "stationId",
       extract(epoch from starts_at)::float8 * 1000 as "startMs", extract(epoch from ends_at)::float8 * 1000 as "endMs"
     from patrol_window
     where state = 'open' and done_count < required_count
       and service_on >= (to_timestamp($1::float8 / 1000) at time zone 'Asia/Taipei')::date - 1`,
    [nowMs],
  )
  return rows
}

/** All roads, as edges of a graph; none where no roads were imported. */
export async function readRoads(db: Db): Promise<RoadEdge[]> {
  const { rows } = await db.$client.query<Omit<RoadEdge, 'line'> & { line: { coordinates: LonLat[] } }>(
    `select from_node::float8 as "from", to_node::float8 as "to", oneway, length_meters as meters,
       st_asgeojson(line)::json as line from road`,
  )
  return rows.map(({ line, ...edge }) => ({ ...edge, line: line.coordinates }))
}

/** An order that a unit has not cleared; of several, the oldest comes last. */
export interface HeldOrder {
  id: string
  epoch: number
  unitId: number
  state: 'ordered' | 'accepted' | 'en-route' | 'on-scene'
  position: LonLat
}

export async function readHeldOrders(db: Db): Promise<HeldOrder[]> {
  const { rows } = await db.$client.query<Omit<HeldOrder, 'position'> & { lon: number; lat: number }>(
    `select id, epoch, unit_id as "unitId", state, st_x(position) as lon, st_y(position) as lat from assignment
     where state in ('ordered', 'accepted', 'en-route', 'on-scene') order by ordered_at desc, id`,
  )
  return rows.map(({ lon, lat, ...order }) => ({ ...order, position: [lon, lat] }))
}

/** A call of the past at about this hour: the next one may be like it. Null where there was none. */
export async function readCallOfHour(db: Db, nowMs: number): Promise<PastCall | null> {
  const { rows } = await db.$client.query<PastCall>(
    `select category, priority, coalesce(address, '') as address, st_x(position) as lon, st_y(position) as lat from incident
     where source = '110' and details @> '{"synthetic": true}'
       and abs(extract(hour from occurred_at at time zone 'Asia/Taipei')
         - extract(hour from to_timestamp($1::float8 / 1000) at time zone 'Asia/Taipei')) <= 1
     order by random() limit 1`,
    [nowMs],
  )
  return rows[0] ?? null
}

export interface PastCall {
  category: string
  address: string
  priority: number
  lon: number
  lat: number
}

/** Simulated calls to which nobody was sent since then. */
export async function readWaitingCalls(
  db: Db,
  sinceMs: number,
): Promise<{ id: number; lon: number; lat: number }[]> {
  const { rows } = await db.$client.query<{ id: number; lon: number; lat: number }>(
    `select id::float8 as id, st_x(position) as lon, st_y(position) as lat from incident
     where source = '110' and external_id like 'sim-%' and status = 'open' and received_at < to_timestamp($1::float8 / 1000)`,
    [sinceMs],
  )
  return rows
}

/** Orders for simulated calls whose unit has gone off duty. */
export async function readLeftOrders(db: Db, nowMs: number): Promise<{ id: string; epoch: number }[]> {
  const { rows } = await db.$client.query<{ id: string; epoch: number }>(
    `select a.id, a.epoch from assignment a join incident i on i.id = a.incident_id
       join unit u on u.id = a.unit_id join shift s on s.id = u.shift_id
     where a.state in ('ordered', 'accepted', 'en-route', 'on-scene') and i.external_id like 'sim-%'
       and s.ends_at < to_timestamp($1::float8 / 1000)`,
    [nowMs],
  )
  return rows
}
