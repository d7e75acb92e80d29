import { sql, type SQL } from 'drizzle-orm'
import type { Notice, NoticeReceipt, Scope } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { withinScope } from '../organisation/scope.ts'

interface NoticeRow extends Record<string, unknown> {
  id: number
  title: string
  body: string
  priority: number
  audience: Notice['audience']
  reach: Notice['reach']
  place_id: number | null
  place_name: string | null
  precinct_id: number | null
  station_id: number | null
  valid_from: Date
  valid_to: Date | null
  created_at: Date
  created_by: string
  ended_at: Date | null
  ended_by: string | null
  shown: number
  officers: number
  answers: number
}

/** What is told to the whole city, or at the points of a campaign, every watcher may read; the rest goes by place. */
export const readableNotice = (scope: Scope) =>
  sql`(n.precinct_id is null or ${withinScope(scope, { precinctId: sql`n.precinct_id`, stationId: sql`n.station_id` })})`

/** Notices that the scope may read: first those that hold now or will, urgent ones on top, then the newest of the past. */
export async function listNotices(
  tx: Tx,
  { scope, now, limit, only }: { scope: Scope; now: Date; limit: number; only?: SQL },
): Promise<Notice[]> {
  const seen = withinScope(scope, { precinctId: sql`x.precinct_id`, stationId: sql`x.station_id` })
  const { rows } = await tx.execute<NoticeRow>(sql`
    select n.*, made.name as created_by, gone.name as ended_by,
      case when n.patrol_point_id is not null then 'point' when n.campaign_id is not null then 'campaign'
        when n.station_id is not null then 'station' when n.precinct_id is not null then 'precinct' else 'city' end as reach,
      coalesce(n.patrol_point_id, n.campaign_id, n.station_id, n.precinct_id) as place_id,
      coalesce(p.name, c.name, s.name) as place_name, r.shown, r.officers, f.answers
    from notice n
      join officer made on made.id = n.created_by
      left join officer gone on gone.id = n.ended_by
      left join patrol_point p on p.id = n.patrol_point_id
      left join campaign c on c.id = n.campaign_id
      left join organisation s on s.id = coalesce(n.station_id, n.precinct_id)
      cross join lateral (
        select count(*)::int as shown, count(distinct x.officer_id)::int as officers from briefing_receipt x
        where x.kind = 'notice' and x.ref_id = n.id and ${seen}
      ) r
      cross join lateral (
        select count(*)::int as answers from feedback x where x.kind = 'notice' and x.ref_id = n.id and ${seen}
      ) f
    where ${readableNotice(scope)} ${only === undefined ? sql`` : sql`and ${only}`}
    order by n.ended_at is null and (n.valid_to is null or n.valid_to > ${now.toISOString()}) desc,
      case when n.ended_at is null and (n.valid_to is null or n.valid_to > ${now.toISOString()}) then n.priority end, n.id desc
    limit ${limit}`)
  return rows.map(readNotice)
}

function readNotice(row: NoticeRow): Notice {
  return {
    id: row.id,
    title: row.title,
    body: row.body,
    priority: row.priority,
    audience: row.audience,
    reach: row.reach,
    placeId: row.place_id,
    placeName: row.place_name,
    precinctId: row.precinct_id,
    stationId: row.station_id,
    validFrom: iso(row.valid_from),
    validTo: row.valid_to === null ? null : iso(row.valid_to),
    createdAt: iso(row.created_at),
    createdBy: row.created_by,
    endedAt: row.ended_at === null ? null : iso(row.ended_at),
    endedBy: row.ended_by,
    shownCount: row.shown,
    officerCount: row.officers,
    feedbackCount: row.answers,
  }
}

interface ReceiptRow extends Record<string, unknown> {
  officer_name: string
  call_sign: string | null
  point_name: string | null
  shown_at: Date
  answer: NoticeReceipt['answer']
}

/** Who has seen a notice, as far as the scope goes, newest first. */
export async function listReceipts(
  tx: Tx,
  { noticeId, scope, limit }: { noticeId: number; scope: Scope; limit: number },
): Promise<NoticeReceipt[]> {
  const { rows } = await tx.execute<ReceiptRow>(sql`
    select o.name as officer_name, u.call_sign, p.name as point_name, r.shown_at,
      (select f.answer from feedback f where f.kind = r.kind and f.ref_id = r.ref_id and f.occasion_id = r.occasion_id
        order by f.given_at desc limit 1) as answer
    from briefing_receipt r
      join officer o on o.id = r.officer_id
      left join unit u on u.id = r.unit_id
      left join patrol_point p on p.id = r.patrol_point_id
    where r.kind = 'notice' and r.ref_id = ${noticeId}
      and ${withinScope(scope, { precinctId: sql`r.precinct_id`, stationId: sql`r.station_id` })}
    order by r.shown_at desc, r.occasion_id limit ${limit}`)
  return rows.map((row) => ({
    officerName: row.officer_name,
    callSign: row.call_sign,
    pointName: row.point_name,
    shownAt: iso(row.shown_at),
    answer: row.answer,
  }))
}

const iso = (at: Date | string) => new Date(at).toISOString()
