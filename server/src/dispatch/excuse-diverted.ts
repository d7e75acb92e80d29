import { sql } from 'drizzle-orm'
import type { Order } from '@patrol/contract'
import type { OpenTx } from '@patrol/db'
import { distanceMeters } from '../check-in/geo.ts'
import { estimateSeconds, hourBand, type TravelMode } from '../route/travel-time/speeds.ts'
import { excuseWindow } from '../window/excuse-window.ts'

/** What a call takes at the place, until the unit says otherwise. The end of the order excuses what it took beyond that. */
const onSceneSeconds = 30 * 60
/** Where nobody knows the unit's place. */
const unknownTravelSeconds = 15 * 60

/**
 * 有故: a unit that goes cannot keep the windows of its own points that end before it can be back: now + travel + 30 min.
 * Its own are the stops of its route, fixed or planned; a unit without a route shares its station's points with others, who can
 * sign there, so nothing of these is excused. The order is the evidence, and who ordered it decides.
 */
export async function excuseExpected(tx: OpenTx, order: Order, now: Date): Promise<void> {
  const seconds = (await travelSecondsTo(tx, order)) + onSceneSeconds
  await excuseEnding(tx, order, { after: now, until: new Date(now.getTime() + seconds * 1_000), now })
}

/** At the end: what ended while the unit was away, longer perhaps than expected. */
export async function excuseActual(tx: OpenTx, order: Order, now: Date): Promise<void> {
  const after = new Date(order.acceptedAt ?? order.orderedAt)
  await excuseEnding(tx, order, { after, until: now, now })
}

async function excuseEnding(
  tx: OpenTx,
  order: Order,
  { after, until, now }: { after: Date; until: Date; now: Date },
): Promise<void> {
  const { rows } = await tx.execute<{ id: string; ordered_by: number }>(sql`
    select w.id, a.ordered_by from assignment a, patrol_window w
    where a.id = ${order.id} and w.state in ('pending', 'open', 'grace', 'missed')
      and w.ends_at > ${after.toISOString()} and w.ends_at <= ${until.toISOString()}
      and w.patrol_point_id in (
        select s.patrol_point_id from unit u join patrol_route_stop s on s.patrol_route_id = u.patrol_route_id
          where u.id = a.unit_id
        union
        select s.patrol_point_id from planned_route r join planned_stop s on s.planned_route_id = r.id
          where r.unit_id = a.unit_id and (r.state = 'assigned'
            -- Planned anew on the way: what the unit was to visit before counts too.
            or r.state = 'superseded' and r.ended_at >= coalesce(a.accepted_at, a.ordered_at)))
    order by w.id`)
  for (const { id, ordered_by: officerId } of rows) {
    await excuseWindow(tx, {
      windowId: Number(id),
      officerId,
      reason: `派遣 ${order.callSign}：${order.title}`,
      evidence: { assignmentId: order.id, epoch: order.epoch },
      now,
    })
  }
}

/** Straight and by the mode's speed: asked for inside a transaction, where no other server is waited for. */
async function travelSecondsTo(tx: OpenTx, order: Order): Promise<number> {
  const { rows } = await tx.execute<{ mode: TravelMode; lon: number; lat: number }>(sql`
    select u.mode, p.lon, p.lat from unit u join unit_position p on p.unit_id = u.id where u.id = ${order.unitId}`)
  const from = rows[0]
  if (from === undefined) return unknownTravelSeconds
  return estimateSeconds(distanceMeters(from, order), from.mode, hourBand(new Date(order.changedAt)))
}
