import type { CardKind, FeedbackAnswer, NoticeReach } from '@patrol/contract'
import type { Db } from '@patrol/db'
import { recentDays, type Candidate } from './choose-cards.ts'
import { nearCells } from './near-cells.ts'

/** One officer somewhere: at a patrol point, or at a door. */
export interface Arrival {
  /** The check-in, or the phone's question. */
  occasionId: string
  officerId: number
  pointId: number | null
  /** Where the officer is; null at a point, which stands where it stands, or where only what holds for the station is asked. */
  position: { lon: number; lat: number } | null
  at: Date
}

/** An arrival as the database knows it, and what lies around. */
export interface Surveyed {
  unitId: number | null
  precinctId: number | null
  stationId: number | null
  candidates: Candidate[]
}

/** What nobody is told at a box: such a case is about a person, and in a small street everybody knows which. */
const aboutPersons = '家暴|家庭暴力|性侵|性騷|兒少|兒童|少年|自殺|自傷|失蹤|走失|跟騷|跟蹤騷擾|保護令|虐'

/**
 * Everything that may become a card, for many arrivals in one query. Scope: an officer of another precinct, whose unit is not
 * of this one either, gets what holds for the whole city and nothing else.
 */
export async function findCandidates(db: Db, arrivals: readonly Arrival[]): Promise<Map<string, Surveyed>> {
  const { rows } = await db.$client.query<CandidateRow>({
    name: 'briefing-candidates',
    text: candidatesQuery,
    values: [
      arrivals.map((one) => one.occasionId),
      arrivals.map((one) => one.officerId),
      arrivals.map((one) => one.pointId),
      arrivals.map((one) => one.position?.lon ?? null),
      arrivals.map((one) => one.position?.lat ?? null),
      arrivals.map((one) => `{${one.position === null ? '' : nearCells(one.position).join(',')}}`),
      arrivals.map((one) => one.at.toISOString()),
      aboutPersons,
    ],
  })
  const found = new Map<string, Surveyed>()
  for (const row of rows) {
    const { unit_id, precinct_id, station_id } = row
    const known = found.get(row.occasion_id) ?? {
      unitId: unit_id,
      precinctId: precinct_id,
      stationId: station_id,
      candidates: [],
    }
    if (row.kind !== null) known.candidates.push(readCandidate({ ...row, kind: row.kind }))
    found.set(row.occasion_id, known)
  }
  return found
}

const candidatesQuery = `
  select a.occasion_id, u.id as unit_id, here.precinct_id, here.station_id, c.*,
    coalesce(c.kind || ':' || c.ref_id = any(seen.cards), false) as shown_before,
    last.answer as last_answer, last.given_at as last_given_at, coalesce(denied.officers, 0) as denied_by
  from unnest($1::uuid[], $2::int[], $3::int[], $4::float8[], $5::float8[], $6::text[], $7::timestamptz[])
      with ordinality as a(occasion_id, officer_id, point_id, lon, lat, cells, at, nr)
    join officer o on o.id = a.officer_id and o.disabled_at is null
    left join patrol_point p on p.id = a.point_id
    left join lateral (
      select unit.id, unit.precinct_id from unit_member m join unit on unit.id = m.unit_id
        join shift s on s.id = unit.shift_id
      where m.officer_id = a.officer_id and s.starts_at <= a.at and s.ends_at > a.at
      order by s.starts_at desc limit 1
    ) u on true
    left join lateral (
      select coalesce(p.precinct_id, (
          select id from organisation where kind = 'precinct' and st_covers(area, st_setsrid(st_makepoint(a.lon, a.lat), 4326))
          limit 1
        ), case when a.lon is null then o.precinct_id end) as precinct_id,
        coalesce(p.station_id, case when p.id is null then o.station_id end) as station_id
    ) here on true
    left join lateral (
      select here.precinct_id is not null
        and (here.precinct_id = o.precinct_id or here.precinct_id = u.precinct_id) as ok,
        exists (select from role_grant where officer_id = o.id and role = 'supervisor') as supervises,
        exists (select from role_grant where officer_id = o.id and role = 'beat-officer') as has_beat
    ) cleared on true
    left join lateral (
      select array_agg(distinct r.kind || ':' || r.ref_id) as cards from briefing_receipt r
      where r.officer_id = a.officer_id and r.shown_at > a.at - interval '12 hours' and r.occasion_id <> a.occasion_id
    ) seen on true
    left join lateral (
      (select 'incident' as kind, i.id as ref_id, i.priority, i.category as title, i.subtype as body, i.occurred_at as at,
        st_distancesphere(i.position, st_setsrid(st_makepoint(a.lon, a.lat), 4326)) as distance,
        degrees(st_azimuth(st_setsrid(st_makepoint(a.lon, a.lat), 4326), i.position)) as bearing,
        i.status <> 'closed' as open, i.source = '1999' as hotline, null as reach
      from incident i
      where cleared.ok and i.h3_r9 = any(a.cells::bigint[]) and (i.precinct_id is null or i.precinct_id = here.precinct_id)
        and i.occurred_at > a.at - interval '${recentDays} days' and i.occurred_at <= a.at
        and i.category !~ $8 and coalesce(i.subtype, '') !~ $8
      order by i.occurred_at desc limit 100)
      union all
      (select 'notice', n.id, n.priority, n.title, n.body, n.valid_from, null, null, true, false,
        case when n.patrol_point_id is not null then 'point' when n.campaign_id is not null then 'campaign'
          when n.station_id is not null then 'station' when n.precinct_id is not null then 'precinct' else 'city' end
      from notice n
      where n.ended_at is null and n.valid_from <= a.at and (n.valid_to is null or n.valid_to > a.at)
        and (n.audience = 'everyone' or n.audience = 'supervisors' and cleared.supervises
          or n.audience = 'beat-officers' and cleared.has_beat)
        and case when n.patrol_point_id is not null then cleared.ok and n.patrol_point_id = p.id
          when n.campaign_id is not null then n.campaign_id = p.campaign_id
          when n.station_id is not null then cleared.ok and n.station_id = here.station_id
          when n.precinct_id is not null then cleared.ok and n.precinct_id = here.precinct_id
          else true end
      order by n.priority, n.id desc limit 50)
      union all
      (select 'report', p.id, 2, x.kind, null, x.at, null, null, true, false, null from (
        select c.raw->'workNote'->>'kind' as kind, max(c.checked_in_at) as at from check_in c
        where cleared.ok and c.patrol_point_id = p.id and c.checked_in_at > a.at - interval '1 day' and c.checked_in_at <= a.at
          and c.verdict <> 'rejected' and c.officer_id <> a.officer_id and c.unit_id is distinct from u.id
          and c.raw->'workNote'->>'kind' in ('suspicious', 'traffic')
        group by 1 order by 2 desc limit 1
      ) x)
    ) c on true
    left join lateral (
      select f.answer, f.given_at from feedback f where f.kind = c.kind and f.ref_id = c.ref_id
      order by f.given_at desc limit 1
    ) last on true
    left join lateral (
      select count(distinct f.officer_id)::int as officers from feedback f
      where f.kind = c.kind and f.ref_id = c.ref_id and f.answer = 'not-as-told' and f.given_at > a.at - interval '14 days'
    ) denied on true
  order by a.nr`

interface CandidateRow {
  occasion_id: string
  unit_id: number | null
  precinct_id: number | null
  station_id: number | null
  kind: CardKind | null
  ref_id: string
  priority: number
  title: string
  body: string | null
  at: Date
  distance: number | null
  bearing: number | null
  open: boolean
  hotline: boolean
  reach: NoticeReach | null
  shown_before: boolean
  last_answer: FeedbackAnswer | null
  last_given_at: Date | null
  denied_by: number
}

function readCandidate(row: CandidateRow & { kind: CardKind }): Candidate {
  return {
    kind: row.kind,
    refId: Number(row.ref_id),
    priority: row.priority,
    title: row.title,
    body: row.body === '' ? null : row.body,
    at: row.at,
    distanceMeters: row.distance === null ? null : Math.round(row.distance),
    bearingDegrees: row.bearing === null ? null : Math.round(row.bearing) % 360,
    open: row.kind === 'incident' && row.open,
    reach: row.reach,
    lastAnswer:
      row.last_answer === null || row.last_given_at === null
        ? null
        : { answer: row.last_answer, at: row.last_given_at.toISOString() },
    hotline: row.hotline,
    deniedBy: row.denied_by,
    shownBefore: row.shown_before,
  }
}
