import type { Visit } from '@patrol/contract'
import type { OpenTx } from '@patrol/db'

/**
 * Stores visits once each by id, first as started and later with their outcome; the first outcome stays. Returns the ids on
 * record; what is missing is of a contact that the visitor does not need to know (the rule of need-to-know.ts, asked of whoever
 * visited: on a shared handheld a colleague may upload it).
 */
export async function recordVisits(
  tx: OpenTx,
  { visits, officerId, now }: { visits: readonly Visit[]; officerId: number; now: Date },
): Promise<Set<string>> {
  // The same visit started and finished in one batch is one row.
  const latest = new Map(
    [...visits]
      .sort((a, b) => Number(a.finished !== null) - Number(b.finished !== null))
      .map((one) => [one.id, one]),
  )
  const { rows } = await tx.$client.query<{ id: string }>({
    name: 'record-visits',
    text: `with given as (
        select v.id, v."contactId" as contact_id, coalesce(v."officerId", $3) as officer_id, least(v."startedAt", $2) as started_at,
          least(v.finished_at, $2) as finished_at, v.outcome, c.beat_id, c.precinct_id, c.station_id
        from jsonb_to_recordset($1::jsonb) as v(id uuid, "contactId" uuid, "officerId" int, "startedAt" timestamptz,
            finished_at timestamptz, outcome text)
          join contact c on c.id = v."contactId"
        where exists (
          select from role_grant g where g.officer_id = coalesce(v."officerId", $3) and (g.role = 'beat-officer'
            and g.organisation_id = c.beat_id or g.role = 'supervisor' and g.organisation_id in (c.station_id, c.precinct_id))
        )
      ), kept as (
        insert into visit as known (id, contact_id, officer_id, beat_id, precinct_id, station_id, started_at, finished_at, outcome,
          received_at)
        select id, contact_id, officer_id, beat_id, precinct_id, station_id, started_at, finished_at, outcome, $2 from given
        on conflict (id) do update set finished_at = excluded.finished_at, outcome = excluded.outcome
          where known.outcome is null and excluded.outcome is not null and known.contact_id = excluded.contact_id
            and known.officer_id = excluded.officer_id
        returning *
      ), dated as (
        update contact c set last_visited_on = greatest(c.last_visited_on, (k.finished_at at time zone 'Asia/Taipei')::date)
        from (select contact_id, max(finished_at) as finished_at from kept where outcome in ('met', 'follow-up') group by 1) k
        where c.id = k.contact_id
      ), logged as (
        insert into audit (at, officer_id, action, subject, precinct_id, details)
        select $2, officer_id, 'visit:finished', 'visit:' || id, precinct_id, jsonb_build_object('outcome', outcome,
          'contact', contact_id, 'uploadedBy', $3)
        from kept where outcome is not null
      )
      select id from given`,
    values: [
      JSON.stringify(
        [...latest.values()].map(({ finished, ...visit }) => ({
          ...visit,
          finished_at: finished?.at ?? null,
          outcome: finished?.outcome ?? null,
        })),
      ),
      now.toISOString(),
      officerId,
    ],
  })
  return new Set(rows.map(({ id }) => id))
}
