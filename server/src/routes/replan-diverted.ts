import { randomInt } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Order } from '@patrol/contract'
import { listPlannedRoutes } from '../route/plan/read-plan.ts'
import type { App } from '../app.ts'

/**
 * A unit that was sent away from its route, or is free again: the rest of the route is planned anew. The order stands whether or
 * not that works out, so nothing is thrown.
 */
export async function replanDiverted(app: App, order: Order, officerId: number): Promise<void> {
  const isFree = order.state === 'cleared' || order.state === 'cancelled'
  // Who arrives has accepted: any of these may be the first word of the unit.
  if (!isFree && !['accepted', 'en-route', 'on-scene'].includes(order.state)) return
  try {
    const [route] = await listPlannedRoutes(
      app.db,
      sql`r.unit_id = ${order.unitId} and r.state = 'assigned' and r.ends_at > ${app.clock.now().toISOString()}`,
    )
    if (route === undefined) return
    await app.jobs.start({
      kind: 'routes:replan',
      input: { unitId: order.unitId, officerId },
      // The next step of the same order, or an answer that is sent again, is no other diversion.
      key: `order ${order.id} ${order.epoch} ${isFree ? 'free' : 'away'}`,
      seed: randomInt(2_147_483_647),
      place: route,
      requestedBy: officerId,
    })
  } catch (error) {
    app.log.warn({ err: error, order: order.id }, 'route not planned anew')
  }
}
