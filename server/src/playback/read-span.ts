import { sql } from 'drizzle-orm'
import type { PlaybackSpan, PlaybackTicks, PlaybackTrack, Scope } from '@patrol/contract'
import type { Db, Tx } from '@patrol/db'
import { withinScope } from '../organisation/scope.ts'
import { eventColumns, readEvent, type EventRow } from '../realtime/event-row.ts'

/** A fix each 10 s draws a car's way within a house's length, and is a fifth of what phones send. */
const fixEverySeconds = 10

/** What happened in a span, and how the units moved through it. */
export async function readSpan(db: Db, scope: Scope, from: Date, to: Date): Promise<PlaybackSpan> {
  const [start, end] = [from.toISOString(), to.toISOString()]
  return {
    from: start,
    to: end,
    events: await listEvents(db, scope, start, end),
    tracks: await listTracks(db, scope, start, end),
  }
}

async function listEvents(db: Db, scope: Scope, from: string, to: string) {
  const { rows } = await db.execute<EventRow & Record<string, unknown>>(sql`
    select ${sql.raw(eventColumns)} from event
    where at > ${from} and at <= ${to}
      and ${withinScope(scope, { precinctId: sql`precinct_id`, stationId: sql`station_id` })}
    order by at, pos`)
  return rows.map(readEvent)
}

/** The first fix of each unit in each ten seconds. */
async function listTracks(tx: Tx, scope: Scope, from: string, to: string): Promise<PlaybackTrack[]> {
  const { rows } = await tx.execute<PlaybackTrack & Record<string, unknown>>(sql`
    select kept.unit_id as "unitId", json_agg(json_build_array(round(kept.lon::numeric, 6), round(kept.lat::numeric, 6),
      kept.ms) order by kept.ms) as fixes
    from (
      select distinct on (b.unit_id, bucket) b.unit_id, b.lon, b.lat, bucket,
        (extract(epoch from b.recorded_at - ${from}::timestamptz) * 1000)::int as ms
      from breadcrumb b join unit u on u.id = b.unit_id,
        lateral (select floor(extract(epoch from b.recorded_at) / ${fixEverySeconds}::int)::bigint as bucket) ten
      where b.recorded_at >= ${from} and b.recorded_at <= ${to}
        and ${withinScope(scope, { precinctId: sql`u.precinct_id`, stationId: sql`u.station_id` })}
      order by b.unit_id, bucket, b.recorded_at) kept
    group by kept.unit_id`)
  return rows
}

/** The minutes of a day in which alerts were raised, windows missed, or incidents reported. */
export async function readTicks(db: Db, scope: Scope, on: string): Promise<PlaybackTicks['ticks']> {
  const { rows } = await db.execute<{
    minute: number
    p1: number
    p2: number
    p3: number
    missed: number
    incidents: number
    orders: number
    checkIns: number
  }>(sql`
    select floor(extract(epoch from at - ${on}::timestamp at time zone 'Asia/Taipei') / 60)::int as minute,
      count(*) filter (where type = 'alert:raised' and data->>'priority' = '1')::int as p1,
      count(*) filter (where type = 'alert:raised' and data->>'priority' = '2')::int as p2,
      count(*) filter (where type = 'alert:raised' and data->>'priority' = '3')::int as p3,
      count(*) filter (where type = 'window:missed')::int as missed,
      count(*) filter (where type = 'incident:reported' and data->>'status' = 'open')::int as incidents,
      -- An order that leads into another precinct is told at both ends.
      count(distinct data->>'id') filter (where type in ('assignment:ordered', 'assignment:reassigned'))::int as orders,
      count(*) filter (where type = 'check-in:recorded')::int as "checkIns"
    from event
    where at >= ${on}::timestamp at time zone 'Asia/Taipei'
      and at < (${on}::timestamp + interval '1 day') at time zone 'Asia/Taipei'
      and type in ('alert:raised', 'window:missed', 'incident:reported', 'assignment:ordered', 'assignment:reassigned',
        'check-in:recorded')
      and ${withinScope(scope, { precinctId: sql`precinct_id`, stationId: sql`station_id` })}
    group by minute order by minute`)
  return rows.map(({ minute, p1, p2, p3, ...counts }) => ({ minute, alerts: [p1, p2, p3], ...counts }))
}
