import { sql } from 'drizzle-orm'
import type { Db } from '@patrol/db'
import { makePrecinct } from '@patrol/db/factories'
import type { WindowFacts } from '../src/window/evaluate-window.ts'

/**
 * Many windows at once, each at a point of its own in a new precinct, in the same order. `state` is what the last sweep left.
 * Set-based, since the city has 7,791 points.
 */
export async function addWindows(
  db: Db,
  windows: readonly WindowFacts[],
  state: 'pending' | 'grace' = 'pending',
): Promise<{ precinctId: number; stationId: number; windows: { id: number; pointId: number }[] }> {
  const { precinctId, stationId } = await makePrecinct(db)
  const { rows } = await db.execute<{ id: number; pointId: number }>(sql`
    with plan as (
      select nr, (plan->>'startsAt')::timestamptz as starts_at, (plan->>'endsAt')::timestamptz as ends_at,
        (plan->>'graceEndsAt')::timestamptz as grace_ends_at, (plan->>'requiredCount')::int as required_count
      from jsonb_array_elements(${JSON.stringify(windows)}::jsonb) with ordinality as list(plan, nr)
    ), point as (
      insert into patrol_point (code, name, category, position, precinct_id, station_id, h3_r8, h3_r9, h3_r10)
      select 'W' || ${precinctId}::int || '-' || nr, '測試巡邏點', 'test', 'SRID=4326;POINT(120.2 23)', ${precinctId},
        ${stationId}, 0, 0, 0
      from plan order by nr
      returning id, split_part(code, '-', 2)::bigint as nr
    ), rule as (
      -- Not active: these windows are made here and not by the rules.
      insert into window_rule (patrol_point_id, start_minute, duration_minutes, valid_from, active)
      select id, 0, 60, '2020-01-01', false from point order by nr
      returning id, patrol_point_id
    )
    insert into patrol_window (rule_id, patrol_point_id, precinct_id, station_id, service_on, starts_at, ends_at,
      grace_ends_at, required_count, state, next_change_at)
    select rule.id, point.id, ${precinctId}, ${stationId}, (starts_at at time zone 'Asia/Taipei')::date, starts_at,
      ends_at, grace_ends_at, required_count, ${state}::text,
      case ${state}::text when 'grace' then grace_ends_at else starts_at end
    from plan join point using (nr) join rule on rule.patrol_point_id = point.id
    order by nr
    returning id::float8 as id, patrol_point_id as "pointId"`)
  return { precinctId, stationId, windows: rows }
}
