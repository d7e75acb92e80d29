import { sql } from 'drizzle-orm'
import type { Scope, WallPoint, WallPrecinct, WindowState } from '@patrol/contract'
import type { OpenTx } from '@patrol/db'
import { listPrecincts } from '../organisation/list-precincts.ts'
import { withinScope } from '../organisation/scope.ts'
import { emptyTally } from '../realtime/snapshot.ts'

/** A window in the state that screens showed at an instant. */
export interface WindowAt {
  id: number
  pointId: number
  precinctId: number
  serviceOn: string
  startsAt: string
  endsAt: string
  state: WindowState
}

type CurrentWindow = NonNullable<WallPoint['window']>

/** Windows of the day and of the one before (a late-night window runs past midnight), by what the log had said of them. */
export async function listWindowsAt(
  tx: OpenTx,
  scope: Scope,
  at: string,
  serviceOn: string,
): Promise<WindowAt[]> {
  const place = { precinctId: sql`precinct_id`, stationId: sql`station_id` }
  const { rows } = await tx.execute<WindowAt & Record<string, unknown>>(sql`
    with moved as (
      select distinct on ((data->>'windowId')::bigint) (data->>'windowId')::bigint as id, data->>'to' as state
      from event
      where type like 'window:%' and at <= ${at}
        and at >= (${serviceOn}::date - 1)::timestamp at time zone 'Asia/Taipei' and ${withinScope(scope, place)}
      order by (data->>'windowId')::bigint, at desc, pos desc)
    select w.id::int as id, w.patrol_point_id as "pointId", w.precinct_id as "precinctId",
      to_char(w.service_on, 'YYYY-MM-DD') as "serviceOn", w.starts_at as "startsAt", w.ends_at as "endsAt",
      coalesce(moved.state, 'pending') as state
    from patrol_window w left join moved using (id)
    where w.service_on between ${serviceOn}::date - 1 and ${serviceOn}::date
      and ${withinScope(scope, { precinctId: sql`w.precinct_id`, stationId: sql`w.station_id` })}`)
  return rows
}

/** The window that mattered at each point: one that could still be signed, else the last of the day to start. */
export function pickCurrentWindows(
  windows: readonly WindowAt[],
  serviceOn: string,
): Map<number, CurrentWindow> {
  const current = new Map<number, CurrentWindow>()
  for (const { id, pointId, state, serviceOn: day, startsAt, endsAt } of windows) {
    const isLive = state === 'open' || state === 'grace'
    if (state === 'pending' || (day !== serviceOn && !isLive)) continue
    const known = current.get(pointId)
    const candidate = { id, state, startsAt: iso(startsAt), endsAt: iso(endsAt) }
    if (known === undefined || matters(candidate, known)) current.set(pointId, candidate)
  }
  return current
}

function matters(one: CurrentWindow, other: CurrentWindow): boolean {
  const live = (window: CurrentWindow) => window.state === 'open' || window.state === 'grace'
  if (live(one) !== live(other)) return live(one)
  return one.startsAt === other.startsAt ? one.id > other.id : one.startsAt > other.startsAt
}

const iso = (instant: string) => new Date(instant).toISOString()

export async function tallyPrecincts(
  tx: OpenTx,
  scope: Scope,
  windows: readonly WindowAt[],
  serviceOn: string,
): Promise<WallPrecinct[]> {
  const tallies = new Map((await listPrecincts(tx, scope)).map((precinct) => [precinct.id, precinct]))
  const counted = new Map([...tallies.keys()].map((id) => [id, emptyTally()]))
  for (const window of windows) {
    const tally = counted.get(window.precinctId)
    if (tally !== undefined && window.serviceOn === serviceOn) tally[window.state] += 1
  }
  return [...tallies.values()].map((precinct) => ({
    ...precinct,
    tally: counted.get(precinct.id) ?? emptyTally(),
  }))
}
