import { sql, type SQL } from 'drizzle-orm'

/**
 * The stops of planned routes with when their unit signed there: `planned_route_id`, `sequence`, `patrol_point_id`, `arrives_at`,
 * `visited_at` (null where it has not). Of a point that a route visits several times a check-in from the middle between two visits
 * on is the later one's; before the route was assigned, none is the route's. `where` speaks of `r`, the planned_route.
 */
export const visitedStops = (where: SQL): SQL => sql`
  select stop.planned_route_id, stop.sequence, stop.patrol_point_id, stop.arrives_at, (
    select max(c.checked_in_at) from check_in c
    where c.patrol_point_id = stop.patrol_point_id and c.unit_id = stop.unit_id and c.verdict <> 'rejected'
      and c.checked_in_at >= stop.counts_from
      and (stop.counts_until is null or c.checked_in_at < stop.counts_until)
  ) as visited_at
  from (
    select each.*, lead(counts_from) over (partition by planned_route_id, patrol_point_id order by sequence) as counts_until
    from (
      select s.planned_route_id, s.sequence, s.patrol_point_id, s.arrives_at, r.unit_id, coalesce(
        s.arrives_at - (s.arrives_at - lag(s.arrives_at) over (
          partition by s.planned_route_id, s.patrol_point_id order by s.sequence)) / 2,
        greatest(duty.starts_at, r.assigned_at)) as counts_from
      from planned_stop s join planned_route r on r.id = s.planned_route_id join shift duty on duty.id = r.shift_id
      where ${where}
    ) each
  ) stop`
