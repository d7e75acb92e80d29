import { sql } from 'drizzle-orm'
import type { Scope, WallDisplay, WallScene, WallView, WallViewOrder } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { appendEvents } from '../realtime/append-events.ts'
import { withinScope } from './scope.ts'
import { sceneOf } from './wall-scene.ts'

interface DisplayRow extends Record<string, unknown> {
  id: number
  name: string
  precinct_id: number | null
  station_id: number | null
  organisation_name: string
  organisation_name_en: string
  view_id: number | null
  scene: WallScene
  by: string
  until: Date
  seconds_left: number
}

/** Where a display stands in the tree: what is sent to it is told to whoever watches that. */
const ownPrecinct = sql`case when o.kind = 'precinct' then o.id else o.precinct_id end`
const ownStation = sql`case when o.kind = 'station' then o.id else o.station_id end`

/** Paired displays, with what was sent to them and stands. */
async function readDisplays(tx: Tx, where: ReturnType<typeof sql>): Promise<DisplayRow[]> {
  const { rows } = await tx.execute<DisplayRow>(sql`
    select d.id, d.name, ${ownPrecinct} as precinct_id, ${ownStation} as station_id, o.name as organisation_name,
      o.name_en as organisation_name_en, v.id as view_id, v.scene, v.until, sender.name as by,
      extract(epoch from v.until - clock_timestamp())::float8 as seconds_left
    from wall_display d join organisation o on o.id = d.organisation_id
      left join wall_view v on v.wall_display_id = d.id and v.ended_at is null and v.until > clock_timestamp()
      left join officer sender on sender.id = v.sent_by
    where d.claimed_at is not null and d.revoked_at is null and ${where}
    order by d.name, d.id`)
  return rows
}

function readView(row: DisplayRow): WallView | null {
  if (row.view_id === null) return null
  return {
    id: row.view_id,
    scene: row.scene,
    by: row.by,
    until: new Date(row.until).toISOString(),
    secondsLeft: Math.max(0, row.seconds_left),
  }
}

/** The displays of this scope. */
export async function listWallDisplays(tx: Tx, scope: Scope): Promise<WallDisplay[]> {
  const rows = await readDisplays(
    tx,
    withinScope(scope, { precinctId: sql`(${ownPrecinct})`, stationId: sql`(${ownStation})` }),
  )
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    organisation: { name: row.organisation_name, nameEn: row.organisation_name_en },
    view: readView(row),
  }))
}

/** What a display was told to show; null when it is left to itself. */
export async function readWallView(tx: Tx, displayId: number): Promise<WallView | null> {
  const [row] = await readDisplays(tx, sql`d.id = ${displayId}`)
  return row ? readView(row) : null
}

/**
 * Sends a scene to displays, in place of what was sent before; in the caller's transaction.
 * @returns false when one of them is not there for this scope: then nothing is sent
 */
export async function sendWallView(
  tx: Tx,
  order: WallViewOrder,
  by: { officerId: number; scope: Scope; now: Date },
): Promise<boolean> {
  const displays = await lockDisplays(tx, order.displayIds, by.scope)
  if (displays.length < order.displayIds.length) return false
  await endViews(tx, order.displayIds, by.officerId)
  await tx.execute(sql`
    insert into wall_view (wall_display_id, scene, sent_by, sent_at, until)
    select id, ${JSON.stringify(sceneOf(order.scene))}::jsonb, ${by.officerId}, clock_timestamp(),
      clock_timestamp() + ${`${order.minutes} minutes`}::interval
    from unnest(${sql.param([...order.displayIds])}::int[]) id`)
  await tell(tx, displays, by, 'wall-view:sent', { scene: sceneOf(order.scene), minutes: order.minutes })
  return true
}

/** Takes back what was sent to a display. @returns false when it is not there for this scope, or nothing stands */
export async function endWallView(
  tx: Tx,
  displayId: number,
  by: { officerId: number; scope: Scope; now: Date },
): Promise<boolean> {
  const displays = await lockDisplays(tx, [displayId], by.scope)
  if (displays.length === 0 || !(await endViews(tx, [displayId], by.officerId))) return false
  await tell(tx, displays, by, 'wall-view:ended', {})
  return true
}

/** Two operators at once: the later one stands, and one view only. */
async function lockDisplays(tx: Tx, ids: readonly number[], scope: Scope): Promise<DisplayRow[]> {
  await tx.execute(
    sql`select id from wall_display where id = any(${sql.param([...ids])}::int[]) order by id for update`,
  )
  return readDisplays(
    tx,
    sql`d.id = any(${sql.param([...ids])}::int[]) and ${withinScope(scope, {
      precinctId: sql`(${ownPrecinct})`,
      stationId: sql`(${ownStation})`,
    })}`,
  )
}

async function endViews(tx: Tx, ids: readonly number[], officerId: number): Promise<boolean> {
  const { rowCount } = await tx.execute(sql`
    update wall_view set ended_at = clock_timestamp(), ended_by = ${officerId}
    where wall_display_id = any(${sql.param([...ids])}::int[]) and ended_at is null and until > clock_timestamp()`)
  return (rowCount ?? 0) > 0
}

async function tell(
  tx: Tx,
  displays: readonly DisplayRow[],
  by: { officerId: number; now: Date },
  action: string,
  details: object,
): Promise<void> {
  await appendEvents(
    tx,
    by.now,
    displays.map((row) => ({
      type: 'wall:changed',
      precinctId: row.precinct_id,
      stationId: row.station_id,
      data: { displayId: row.id },
    })),
  )
  for (const { id, precinct_id } of displays) {
    await tx.execute(sql`
      insert into audit (officer_id, action, subject, precinct_id, details)
      values (${by.officerId}, ${action}, ${`wall-display:${id}`}, ${precinct_id}, ${JSON.stringify(details)}::jsonb)`)
  }
}
