import { sql } from 'drizzle-orm'
import type { Assignment, Order } from '@patrol/contract'
import type { Tx } from '@patrol/db'

const iso = (at: Date | string) => new Date(at).toISOString()
const isoOrNull = (at: Date | string | null) => (at === null ? null : iso(at))

/** A row as {@link assignmentRows} reads it. */
export interface AssignmentRow extends Record<string, unknown> {
  id: string
  epoch: number
  state: Assignment['state']
  incident_id: string | number | null
  title: string
  priority: number
  lon: number
  lat: number
  address: string | null
  unit_id: number
  call_sign: string
  precinct_id: number
  station_id: number
  place_precinct_id: number | null
  ordered_by: string | null
  note: string | null
  reason: string | null
  created_at: Date
  ordered_at: Date
  accepted_at: Date | null
  en_route_at: Date | null
  on_scene_at: Date | null
  cleared_at: Date | null
  changed_at: Date
}

/** `select … from assignment a`, with the names that screens show; a condition follows. */
export const assignmentRows = sql`
  select a.id, a.epoch, a.state, a.incident_id, a.title, a.priority, st_x(a.position) as lon, st_y(a.position) as lat,
    a.address, a.unit_id, u.call_sign, a.precinct_id, a.station_id, a.place_precinct_id, o.name as ordered_by, a.note,
    a.reason, a.created_at, a.ordered_at, a.accepted_at, a.en_route_at, a.on_scene_at, a.cleared_at, a.changed_at
  from assignment a join unit u on u.id = a.unit_id left join officer o on o.id = a.ordered_by`

/** States in which a unit holds its order. */
export const held = sql`('ordered', 'accepted', 'en-route', 'on-scene')`
export const isHeld = (state: Assignment['state']) =>
  state === 'ordered' || state === 'accepted' || state === 'en-route' || state === 'on-scene'

export function readOrder(row: AssignmentRow): Order {
  return { ...readAssignment(row), note: row.note }
}

export function readAssignment(row: AssignmentRow): Assignment {
  return {
    id: row.id,
    epoch: row.epoch,
    state: row.state,
    incidentId: row.incident_id === null ? null : Number(row.incident_id),
    title: row.title,
    priority: row.priority,
    lon: row.lon,
    lat: row.lat,
    address: row.address,
    unitId: row.unit_id,
    callSign: row.call_sign,
    precinctId: row.precinct_id,
    stationId: row.station_id,
    placePrecinctId: row.place_precinct_id,
    orderedBy: row.ordered_by ?? '',
    reason: row.reason,
    createdAt: iso(row.created_at),
    orderedAt: iso(row.ordered_at),
    acceptedAt: isoOrNull(row.accepted_at),
    enRouteAt: isoOrNull(row.en_route_at),
    onSceneAt: isoOrNull(row.on_scene_at),
    clearedAt: isoOrNull(row.cleared_at),
    changedAt: iso(row.changed_at),
  }
}

/** One order as it stands; null when there is none. */
export async function findOrder(tx: Tx, id: string): Promise<Order | null> {
  const { rows } = await tx.execute<AssignmentRow>(sql`${assignmentRows} where a.id = ${id}`)
  return rows[0] === undefined ? null : readOrder(rows[0])
}

/** The same, locked until the transaction ends: whoever comes later sees what we made of it. */
export async function lockOrder(tx: Tx, id: string): Promise<Order | null> {
  await tx.execute(sql`select 1 from assignment where id = ${id} for update`)
  // A statement of its own: it sees what the transaction that held the lock before had committed.
  return findOrder(tx, id)
}
