import { sql } from 'drizzle-orm'
import type { Tx } from '@patrol/db'

/**
 * Samples the wall's numbers for the ten minutes that have just begun; once per station and slot, however often it runs.
 * The definitions of the numbers are in docs of `figure` (db/schema/figure.ts).
 */
export async function sampleFigures(tx: Tx): Promise<void> {
  await tx.execute(sql`
    with slot as (
      select date_bin('10 minutes', city_now(), timestamptz '2001-01-01') as at,
        (city_now() at time zone 'Asia/Taipei')::date as day
    ), online as (
      select station_id, count(*) as n from unit_position, slot
      where recorded_at > slot.at - interval '10 minutes' group by 1
    ), windows as (
      select station_id,
        count(*) filter (where state not in ('pending', 'excused')) as due,
        count(*) filter (where state in ('fulfilled', 'corrected', 'made-up')) as done,
        count(*) filter (where state in ('grace', 'missed')) as overdue
      from patrol_window, slot where service_on = slot.day group by 1
    ), visits as (
      select station_id, count(*) as n from check_in, slot
      where received_at > slot.at - interval '10 minutes' and received_at <= slot.at group by 1
    )
    insert into figure (at, station_id, precinct_id, units_online, due, done, overdue, check_ins)
    select slot.at, o.id, o.precinct_id, coalesce(online.n, 0), coalesce(w.due, 0), coalesce(w.done, 0),
      coalesce(w.overdue, 0), coalesce(visits.n, 0)
    from slot, organisation o
      left join online on online.station_id = o.id
      left join windows w on w.station_id = o.id
      left join visits on visits.station_id = o.id
    where o.kind = 'station'
      and not exists (select from figure f where f.at = slot.at and f.station_id = o.id)
    on conflict do nothing`)
}
