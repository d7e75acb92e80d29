import { sql, type SQL } from 'drizzle-orm'

/**
 * The same for the same planned route, another after any edit: over its id and all its stops in their order, each with its time.
 * A phone keeps the way on the map by it, and the points of its duty do not tell: each is named once there, at its next visit.
 * `routeId` is that of a `planned_route`; null where that is.
 */
export const routeVersion = (routeId: SQL): SQL => sql`
  md5(${routeId}::text || coalesce((
    select string_agg(concat_ws(' ', stop.patrol_point_id, extract(epoch from stop.arrives_at)), ',' order by stop.sequence)
    from planned_stop stop where stop.planned_route_id = ${routeId}), ''))`
