import { sql } from 'drizzle-orm'
import type { MissedWindow } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { withinScope } from '../organisation/scope.ts'
import type { Reviewer } from './list-reviews.ts'
import { unitsOnDutyThere, wasOnDutyThere } from './on-duty-there.ts'

export interface MissedFilter {
  decided: boolean
  stationId?: number | undefined
  /** The Asia/Taipei day that it belongs to. */
  on?: string | undefined
  limit: number
}

/** What is older is found by its day. */
const recent = sql`w.service_on > (city_now() at time zone 'Asia/Taipei')::date - 30`

const within = ({ scope }: Reviewer) =>
  withinScope(scope, { precinctId: sql`w.precinct_id`, stationId: sql`w.station_id` })

interface MissedRow extends Record<string, unknown> {
  id: string
  patrol_point_id: number
  point_name: string
  point_code: string
  precinct_id: number
  station_id: number
  service_on: string
  starts_at: Date
  ends_at: Date
  grace_ends_at: Date
  required_count: number
  done_count: number
  state: MissedWindow['state']
  call_signs: string[]
  own: boolean
  requested_by: number | null
  requester: string | null
  requested_at: Date
  request_reason: string
  decider: string | null
  decided_at: Date
  decision_reason: string | null
}

/** Missed windows, those first that somebody asks to make up, then the newest; or what was decided of such. */
export async function listMissedWindows(
  tx: Tx,
  reviewer: Reviewer,
  { decided, stationId, on, limit }: MissedFilter,
): Promise<MissedWindow[]> {
  const { rows } = await tx.execute<MissedRow>(sql`
    select w.id, w.patrol_point_id, p.name as point_name, p.code as point_code, w.precinct_id, w.station_id,
      w.service_on::text, w.starts_at, w.ends_at, w.grace_ends_at, w.required_count, w.done_count, w.state,
      array(select u.call_sign from ${unitsOnDutyThere} order by u.call_sign limit 8) as call_signs,
      ${wasOnDutyThere(reviewer.officerId)} as own,
      r.requested_by, asker.name as requester, r.requested_at, r.reason as request_reason,
      o.name as decider, w.decided_at, w.decision_reason
    from patrol_window w
      join patrol_point p on p.id = w.patrol_point_id
      left join make_up_request r on r.patrol_window_id = w.id and r.state = 'open'
      left join officer asker on asker.id = r.requested_by
      left join officer o on o.id = w.decided_by
    where ${within(reviewer)}
      and ${decided ? sql`w.state in ('made-up', 'excused', 'unexcused') and w.decided_by is not null` : sql`w.state = 'missed'`}
      and ${on === undefined ? recent : sql`w.service_on = ${on}`}
      ${stationId === undefined ? sql`` : sql`and w.station_id = ${stationId}`}
    order by r.requested_at nulls last, ${decided ? sql`w.decided_at` : sql`w.starts_at`} desc, w.id desc
    limit ${limit}`)
  return rows.map((row) => readMissed(row, reviewer.officerId))
}

/** How many missed windows wait for a decision. */
export async function countMissedWindows(tx: Tx, reviewer: Reviewer): Promise<number> {
  const { rows } = await tx.execute<{ n: number }>(sql`
    select count(*)::int as n from patrol_window w where w.state = 'missed' and ${recent} and ${within(reviewer)}`)
  return rows[0]?.n ?? 0
}

function readMissed(row: MissedRow, officerId: number): MissedWindow {
  return {
    id: Number(row.id),
    pointId: row.patrol_point_id,
    pointName: row.point_name,
    pointCode: row.point_code,
    precinctId: row.precinct_id,
    stationId: row.station_id,
    serviceOn: row.service_on,
    startsAt: iso(row.starts_at),
    endsAt: iso(row.ends_at),
    graceEndsAt: iso(row.grace_ends_at),
    requiredCount: row.required_count,
    doneCount: row.done_count,
    state: row.state,
    callSigns: row.call_signs,
    own: row.own,
    proposal:
      row.requested_by === null
        ? null
        : {
            reason: row.request_reason,
            by: row.requester ?? '',
            at: iso(row.requested_at),
            own: row.requested_by === officerId,
          },
    decided:
      row.decider === null
        ? null
        : { reason: row.decision_reason ?? '', by: row.decider, at: iso(row.decided_at) },
  }
}

const iso = (at: Date) => new Date(at).toISOString()
