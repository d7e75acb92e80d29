import type { OpenTx } from '../transaction.ts'
import { apportion } from './random.ts'

/** Police staff of the city (press, 2025). */
const OFFICER_COUNT = 4_385
/** Of these in stations; the others work at precincts (investigation, traffic, administration). */
const STATION_SHARE = 0.86

/**
 * Officers with logins `o-0001` …, without a usable password: a station has more of them the more points it looks after,
 * but not in proportion. Returns how many are new; again changes nothing.
 */
export async function seedOfficers(tx: OpenTx): Promise<number> {
  const { rows: stations } = await tx.$client.query<{ id: number; precinct_id: number; points: number }>(
    `select s.id, s.precinct_id, count(p.id)::int as points
     from organisation s left join patrol_point p on p.station_id = s.id and p.retired_at is null
     where s.kind = 'station' group by s.id order by s.code`,
  )
  const { rows: precincts } = await tx.$client.query<{ id: number }>(
    `select id from organisation where kind = 'precinct' order by code`,
  )
  const inStations = Math.round(OFFICER_COUNT * STATION_SHARE)
  const stationSizes = apportion(
    inStations,
    stations.map(({ points }) => (points + 10) ** 0.6),
  )
  const precinctSizes = apportion(
    OFFICER_COUNT - inStations,
    precincts.map(() => 1),
  )
  const posts = [
    ...stations.flatMap(({ id, precinct_id }, i) =>
      Array.from({ length: stationSizes[i] ?? 0 }, () => ({ station: id, precinct: precinct_id })),
    ),
    ...precincts.flatMap(({ id }, i) =>
      Array.from({ length: precinctSizes[i] ?? 0 }, () => ({ station: null, precinct: id })),
    ),
  ]
  const numbers = posts.map((_, i) => String(i + 1).padStart(4, '0'))
  const { rowCount } = await tx.$client.query(
    `insert into officer (login, name, password_hash, station_id, precinct_id, skills)
     select 'o-' || nr, '員警 ' || nr, 'none', station, precinct,
       -- What the points of the city ask for (seed-points.ts), each with some officers of every station.
       array_remove(array[case when nr::int % 4 = 0 then '少年' end, case when nr::int % 5 = 0 then '防搶' end], null)
     from unnest($1::text[], $2::int[], $3::int[]) as o(nr, station, precinct)
     on conflict (login) do nothing`,
    [numbers, posts.map((post) => post.station), posts.map((post) => post.precinct)],
  )
  await tx.$client.query(
    `insert into role_grant (officer_id, role, organisation_id)
     select id, 'officer', coalesce(station_id, precinct_id) from officer where login ~ '^o-[0-9]+$'
     on conflict do nothing`,
  )
  return rowCount ?? 0
}
