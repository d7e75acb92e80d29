import { sql } from 'drizzle-orm'

/** `r`: what each unit on duty at `slot.at` drives, the planned route before the standing one; `point_ids` null for none. */
export const drivenRoutes = sql`
  select u.id as unit_id, u.call_sign, u.precinct_id, u.station_id, s.starts_at, s.ends_at, coalesce(
    (select array_agg(t.patrol_point_id) from planned_route r join planned_stop t on t.planned_route_id = r.id
      where r.unit_id = u.id and r.state = 'assigned'),
    (select array_agg(t.patrol_point_id) from patrol_route_stop t where t.patrol_route_id = u.patrol_route_id)
  ) as point_ids
  from slot join shift s on s.starts_at <= slot.at and s.ends_at > slot.at join unit u on u.shift_id = s.id`

/** The windows of a driven route `r` that are overdue or missed in this shift. */
export const overdueOnRoute = sql`
  from patrol_window w where w.patrol_point_id = any(r.point_ids) and w.state in ('grace', 'missed')
    and w.service_on >= slot.day - 1 and w.starts_at < r.ends_at and w.ends_at > r.starts_at`

/**
 * Every figure of the city, defined here and nowhere else. Sampled every ten minutes per station into table `figure`
 * (sample-figures.ts), so that a precinct's and the city's are sums of the same counts; read with their 24 hours, their usual
 * band and the same hour last week by read-series.ts; shown on wall and console, and sent to the situation room. The same
 * definitions in words for people: server/docs/figures.md.
 *
 * The fragments speak of `w` (patrol_window), `p` (patrol_point) and `slot.at`, the ten minutes that have just begun.
 */
export const figures = {
  /** 線上警力: units on duty whose last position is less than ten minutes old. Source: shift, unit_position. */
  onlineUnits: sql`count(*) filter (where u.recorded_at > slot.at - interval '10 minutes')`,

  /** 應簽: windows of the day that have begun and are not excused. Source: patrol_window. */
  due: sql`count(*) filter (where w.state not in ('pending', 'excused'))`,

  /** 已簽: of these, signed in time, corrected by a late upload, or made up. 涵蓋率 (coverage) = 已簽 ÷ 應簽. */
  done: sql`count(*) filter (where w.state in ('fulfilled', 'corrected', 'made-up'))`,

  /** 逾時/漏簽: over and within grace, or missed and not yet decided. */
  overdue: sql`count(*) filter (where w.state in ('grace', 'missed'))`,

  /** 已到期: windows of the day whose grace is over and that are not excused. */
  ended: sql`count(*) filter (where w.grace_ends_at <= slot.at and w.state <> 'excused')`,

  /** 準時: of these, signed in time; a correction or a make-up is no punctuality. 依規率 (compliance) = 準時 ÷ 已到期. */
  onTime: sql`count(*) filter (where w.grace_ends_at <= slot.at and w.state = 'fulfilled')`,

  /**
   * 見警: patrol points in whose H3 cell of resolution 8 (about 0.7 km², 500 m around) a unit was within the last hour.
   * 見警率 (visibility index) = 見警 ÷ all points in service: the share of places where people could have seen police. Points
   * stand where people and incidents are, so they weigh the city by where it matters. Source: presence, sampled every ten
   * seconds from unit_position (sample-presence.ts).
   */
  seenPoints: sql`count(*) filter (where exists (
    select from presence seen where seen.cell = p.h3_r8 and seen.last_unit_at > slot.at - interval '1 hour'))`,

  /** 巡邏線: routes that units on duty drive: the one planned for the shift, else the standing one. */
  routes: sql`count(*)`,

  /** 逾時路線: of these, with a point overdue or missed in this shift. */
  overdueRoutes: sql`count(*) filter (where exists (select ${overdueOnRoute}))`,
} as const
