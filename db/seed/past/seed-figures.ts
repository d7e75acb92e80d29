import type { OpenTx } from '../../transaction.ts'
import { kept } from './seed-today.ts'

/** What the wall compares with: four weeks and the day that sparklines go back. */
const days = 29

/**
 * The figures of the weeks before, one sample an hour and station, from the same roster and window rules that the city goes on
 * with: what they would have been when {@link kept} of the visits were made. Today's hours are among them. Nothing where
 * figures are on record. Returns how many.
 */
export async function seedFigures(tx: OpenTx, now: Date): Promise<number> {
  const { rows: known } = await tx.$client.query('select from figure limit 1')
  if (known.length > 0) return 0
  const { rowCount } = await tx.$client.query(
    `with usual as materialized (
       -- One week stands for each: due, and the visits made by then, of a station at ten minutes to each hour.
       select p.station_id, weekday, hour, count(*) as due, sum(made) as done, sum(made - made_before) as check_ins,
         count(*) filter (where grace_over) as ended, count(*) filter (where is_over) * (1 - $3::float8) as overdue
       from window_rule r join patrol_point p on p.id = r.patrol_point_id and p.retired_at is null
       cross join generate_series(1, 7) weekday cross join generate_series(0, 23) hour
       cross join lateral (select (hour * 60 + 50 - r.start_minute)::float8 as age) a
       cross join lateral (
         select $3::float8 * least(1::float8, a.age / ($4::float8 * r.duration_minutes)) as made,
           $3::float8 * least(1::float8, greatest(0, a.age - 60) / ($4::float8 * r.duration_minutes)) as made_before,
           a.age >= r.duration_minutes as is_over, a.age >= r.duration_minutes + r.grace_seconds / 60 as grace_over) m
       where r.active and r.weekdays >> (weekday - 1) & 1 = 1 and a.age >= 0
       group by 1, 2, 3
     ), roster as materialized (
       select u.station_id, hour, count(*) as units
       from generate_series(0, 23) hour
       join shift s on (($1::timestamptz at time zone 'Asia/Taipei')::date + make_interval(hours => hour, mins => 50))
         at time zone 'Asia/Taipei' between s.starts_at and s.ends_at
       join unit u on u.shift_id = s.id group by 1, 2
     ), place as materialized (
       select station_id, count(*) as points from patrol_point where retired_at is null group by 1
     ), slot as (
       select d.day, hour, (d.day + make_interval(hours => hour, mins => 50)) at time zone 'Asia/Taipei' as at
       from generate_series(0, $2::int - 1) back
       cross join lateral (select ($1::timestamptz at time zone 'Asia/Taipei')::date - back as day) d
       cross join generate_series(0, 23) hour
       union all
       -- The ten minutes that have begun: a sample while the first units only come in would look like an empty street.
       select local::date, extract(hour from local)::int, date_bin('10 minutes', $1::timestamptz, timestamptz '2001-01-01')
       from (select $1::timestamptz at time zone 'Asia/Taipei' as local) clock
     )
     insert into figure (at, station_id, precinct_id, units_online, due, done, overdue, check_ins, ended, on_time, points,
       seen_points, routes, overdue_routes)
     select slot.at, o.id, o.precinct_id, n.units, n.due, least(n.due, n.done), n.overdue, n.check_ins, n.ended,
       least(n.ended, n.on_time), n.points, n.seen, 0, 0
     from slot join organisation o on o.kind = 'station'
       left join usual w on w.station_id = o.id and w.weekday = extract(isodow from slot.day) and w.hour = slot.hour
       left join roster r on r.station_id = o.id and r.hour = slot.hour
       left join place p on p.station_id = o.id
       -- Whole numbers whose mean is the expected one; the luck of the hour at a station, and of the day in the city.
       cross join lateral (
         select hashtextextended(o.id || ' ' || slot.at, 7) as h,
           (hashtextextended(slot.day::text, 7) & 1023) / 1024::float8 as day) s
       cross join lateral (
         select (s.h & 1023) / 1024::float8 as a, (s.h >> 10 & 1023) / 1024::float8 as b,
           (s.h >> 20 & 1023) / 1024::float8 as c) u
       cross join lateral (
         select floor(coalesce(r.units, 0) * (0.9 + 0.1 * s.day) + u.a)::int as units, coalesce(w.due, 0)::int as due,
           floor(coalesce(w.done, 0) * (0.95 + 0.08 * s.day) + u.a)::int as done,
           floor(coalesce(w.overdue, 0) * (1.5 - s.day) + u.b)::int as overdue,
           floor(coalesce(w.check_ins, 0) * (0.85 + 0.3 * s.day) + u.b)::int as check_ins, coalesce(w.ended, 0)::int as ended,
           floor(coalesce(w.ended, 0) * $3::float8 + u.c)::int as on_time, coalesce(p.points, 0)::int as points,
           floor(coalesce(p.points, 0) * (0.25 + 0.2 * least(1, coalesce(r.units, 0) / 3.0)) + u.a)::int as seen) n
     where slot.at < $1 on conflict do nothing`,
    [now, days, kept.share, kept.latest],
  )
  return rowCount ?? 0
}
