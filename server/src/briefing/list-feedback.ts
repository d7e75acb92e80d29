import { sql } from 'drizzle-orm'
import type { CardKind, FeedbackEntry, Scope } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { withinScope } from '../organisation/scope.ts'

interface EntryRow extends Record<string, unknown> {
  id: string
  kind: CardKind
  ref_id: string
  title: string | null
  answer: FeedbackEntry['answer']
  text: string | null
  officer_name: string
  point_id: number | null
  point_name: string | null
  call_sign: string | null
  precinct_id: number | null
  station_id: number | null
  given_at: Date
  received_at: Date
}

/** What officers answered, newest first: all of the scope, or about one incident, notice or point. */
export async function listFeedback(
  tx: Tx,
  query: {
    scope: Scope
    limit: number
    about?: { kind: CardKind; refId: number } | undefined
    /** The last id of the page before. */
    before?: string | undefined
  },
): Promise<FeedbackEntry[]> {
  const { scope, limit, about, before } = query
  const { rows } = await tx.execute<EntryRow>(sql`
    select f.id, f.kind, f.ref_id, f.answer, f.text, o.name as officer_name, p.id as point_id, p.name as point_name,
      u.call_sign, f.precinct_id, f.station_id, f.given_at, f.received_at,
      case f.kind when 'incident' then i.category when 'notice' then n.title else p.name end as title
    from feedback f
      join officer o on o.id = f.officer_id
      left join patrol_point p on p.id = f.patrol_point_id
      left join unit u on u.id = f.unit_id
      left join incident i on f.kind = 'incident' and i.id = f.ref_id
      left join notice n on f.kind = 'notice' and n.id = f.ref_id
    where ${withinScope(scope, { precinctId: sql`f.precinct_id`, stationId: sql`f.station_id` })}
      ${about === undefined ? sql`` : sql`and f.kind = ${about.kind} and f.ref_id = ${about.refId}`}
      ${before === undefined ? sql`` : sql`and (f.received_at, f.id) < (select received_at, id from feedback where id = ${before})`}
    order by f.received_at desc, f.id desc limit ${limit}`)
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    refId: Number(row.ref_id),
    title: row.title ?? '',
    answer: row.answer,
    hasText: row.text !== null,
    text: row.text,
    officerName: row.officer_name,
    pointId: row.point_id,
    pointName: row.point_name,
    callSign: row.call_sign,
    precinctId: row.precinct_id,
    stationId: row.station_id,
    givenAt: new Date(row.given_at).toISOString(),
    receivedAt: new Date(row.received_at).toISOString(),
  }))
}
