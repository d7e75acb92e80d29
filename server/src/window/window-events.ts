/** `timestamptz` as the contract writes instants: ISO 8601, milliseconds, UTC with `Z`. */
const iso = (column: string) => `to_char(moved.${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/**
 * The tail of a statement that has moved windows: their events, `WindowChange` of the contract as the body.
 * Reads `moved` (the new rows of `patrol_window`, and `was`, the state before) and `clock` (`now`).
 * No event where the state stayed, nor back to `pending` (a review took away a check-in dated before the start).
 */
export const insertWindowEvents = `
  insert into outbox (type, precinct_id, station_id, at, data)
  select
    'window:' || case moved.state when 'open' then 'opened' when 'grace' then 'overdue' else moved.state end,
    moved.precinct_id, moved.station_id, clock.now,
    jsonb_build_object(
      'windowId', moved.id, 'pointId', moved.patrol_point_id, 'serviceOn', to_char(moved.service_on, 'YYYY-MM-DD'),
      'startsAt', ${iso('starts_at')}, 'endsAt', ${iso('ends_at')}, 'graceEndsAt', ${iso('grace_ends_at')},
      'from', moved.was, 'to', moved.state, 'doneCount', moved.done_count, 'requiredCount', moved.required_count,
      'checkInId', moved.check_in_id)
  from moved, clock
  where moved.state <> moved.was and moved.state <> 'pending'
  order by moved.id`
