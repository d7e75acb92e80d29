import { sql } from 'drizzle-orm'

/**
 * Units that were on duty where and when a window was due: of its station during it, and where they had a route, with the
 * point on it. Columns of `patrol_window w`.
 */
export const unitsOnDutyThere = sql`
  unit u join shift s on s.id = u.shift_id
    and s.starts_at < w.grace_ends_at and s.ends_at > w.starts_at
  where u.station_id = w.station_id and (u.patrol_route_id is null or exists (
    select from patrol_route_stop stop
    where stop.patrol_route_id = u.patrol_route_id and stop.patrol_point_id = w.patrol_point_id))`

/** Was this officer on duty there? */
export const wasOnDutyThere = (officerId: number) => sql`exists (
  select from unit_member m where m.officer_id = ${officerId} and m.unit_id in (select u.id from ${unitsOnDutyThere}))`
