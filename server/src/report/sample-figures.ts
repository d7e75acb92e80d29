import { sql } from 'drizzle-orm'
import type { Tx } from '@patrol/db'
import { drivenRoutes, figures } from './figures.ts'

/** Samples the figures for the ten minutes that have just begun; once per station and slot, however often it runs. */
export async function sampleFigures(tx: Tx): Promise<void> {
  await tx.execute(sql`
    with slot as materialized (
      select date_bin('10 minutes', city_now(), timestamptz '2001-01-01') as at,
        (city_now() at time zone 'Asia/Taipei')::date as day
      where not exists (
        select from figure f where f.at = date_bin('10 minutes', city_now(), timestamptz '2001-01-01'))
    ), online as (
      select u.station_id, ${figures.onlineUnits} as n
      from slot join shift s on s.starts_at <= slot.at and s.ends_at > slot.at
        join unit on unit.shift_id = s.id join unit_position u on u.unit_id = unit.id
      group by 1
    ), windows as (
      select w.station_id, ${figures.due} as due, ${figures.done} as done, ${figures.overdue} as overdue,
        ${figures.ended} as ended, ${figures.onTime} as on_time
      from slot join patrol_window w on w.service_on = slot.day group by 1
    ), visits as (
      select station_id, count(*) as n from slot join check_in
        on received_at > slot.at - interval '10 minutes' and received_at <= slot.at group by 1
    ), places as (
      select p.station_id, count(*) as n, ${figures.seenPoints} as seen
      from slot, patrol_point p where p.retired_at is null group by 1
    ), route as (
      ${drivenRoutes}
    ), routes as (
      select r.station_id, ${figures.routes} as n, ${figures.overdueRoutes} as overdue
      from slot, route r where r.point_ids is not null group by 1
    )
    insert into figure (at, station_id, precinct_id, units_online, due, done, overdue, check_ins, ended, on_time, points,
      seen_points, routes, overdue_routes)
    select slot.at, o.id, o.precinct_id, coalesce(online.n, 0), coalesce(w.due, 0), coalesce(w.done, 0),
      coalesce(w.overdue, 0), coalesce(visits.n, 0), coalesce(w.ended, 0), coalesce(w.on_time, 0),
      coalesce(places.n, 0), coalesce(places.seen, 0), coalesce(routes.n, 0), coalesce(routes.overdue, 0)
    from slot cross join organisation o
      left join online on online.station_id = o.id
      left join windows w on w.station_id = o.id
      left join visits on visits.station_id = o.id
      left join places on places.station_id = o.id
      left join routes on routes.station_id = o.id
    where o.kind = 'station'
    on conflict do nothing`)
}
