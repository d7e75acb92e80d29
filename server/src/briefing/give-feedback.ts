import type { Feedback, FeedbackSummary } from '@patrol/contract'
import type { OpenTx } from '@patrol/db'
import { appendEvents } from '../realtime/append-events.ts'

interface GivenRow {
  id: string
  kind: FeedbackSummary['kind']
  ref_id: string
  title: string | null
  answer: FeedbackSummary['answer']
  has_text: boolean
  point_id: number | null
  point_name: string | null
  call_sign: string | null
  precinct_id: number | null
  station_id: number | null
  given_at: Date
}

/**
 * Stores what officers answered to cards that they were shown, once each by id, with an event that carries no words of theirs.
 * Returns the ids on record, those of an earlier time included; what is missing was about a card that this officer never had.
 */
export async function giveFeedback(
  tx: OpenTx,
  { feedback, officerId, now }: { feedback: readonly Feedback[]; officerId: number; now: Date },
): Promise<Set<string>> {
  const given = feedback.map((one) => ({ ...one, officerId: one.officerId ?? officerId }))
  const { rows } = await tx.$client.query<GivenRow>({
    name: 'give-feedback',
    text: `with added as (
        insert into feedback (id, officer_id, unit_id, occasion_id, kind, ref_id, answer, text, patrol_point_id, precinct_id,
          station_id, given_at, received_at)
        select distinct on (g.id) g.id, r.officer_id, r.unit_id, r.occasion_id, r.kind, r.ref_id, g.answer, g.text,
          r.patrol_point_id, r.precinct_id, r.station_id, least(g."givenAt", $2), $2
        from jsonb_to_recordset($1::jsonb) as g(id uuid, "occasionId" uuid, kind text, "refId" bigint, answer text,
            text text, "givenAt" timestamptz, "officerId" int)
          join briefing_receipt r on r.occasion_id = g."occasionId" and r.kind = g.kind and r.ref_id = g."refId"
            and r.officer_id = g."officerId"
        on conflict (id) do nothing
        returning *
      )
      select a.id, a.kind, a.ref_id, a.answer, a.text is not null as has_text, p.id as point_id, p.name as point_name,
        u.call_sign, a.precinct_id, a.station_id, a.given_at,
        case a.kind when 'incident' then i.category when 'notice' then n.title else p.name end as title
      from added a
        left join patrol_point p on p.id = a.patrol_point_id
        left join unit u on u.id = a.unit_id
        left join incident i on a.kind = 'incident' and i.id = a.ref_id
        left join notice n on a.kind = 'notice' and n.id = a.ref_id
      order by a.given_at, a.id`,
    values: [JSON.stringify(given), now.toISOString()],
  })
  await appendEvents(
    tx,
    now,
    rows.map((row) => {
      const data = summarise(row)
      return { type: 'feedback:given' as const, precinctId: data.precinctId, stationId: data.stationId, data }
    }),
  )
  const known = await tx.$client.query<{ id: string }>('select id from feedback where id = any($1::uuid[])', [
    given.map(({ id }) => id),
  ])
  return new Set(known.rows.map(({ id }) => id))
}

function summarise(row: GivenRow): FeedbackSummary {
  return {
    id: row.id,
    kind: row.kind,
    refId: Number(row.ref_id),
    title: row.title ?? '',
    answer: row.answer,
    hasText: row.has_text,
    pointId: row.point_id,
    pointName: row.point_name,
    callSign: row.call_sign,
    precinctId: row.precinct_id,
    stationId: row.station_id,
    givenAt: row.given_at.toISOString(),
  }
}
