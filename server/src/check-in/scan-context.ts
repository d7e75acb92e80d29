import type { OpenTx } from '@patrol/db'
import type { Neighbour, ScanFacts, Trace } from './judge-check-in.ts'

/** What to look up for one scan. `at` is the time to look around: claimed, but not after receipt. */
export interface ScanLookup {
  opaqueId: bigint | null
  officerId: number
  at: Date
}

export interface ScanContext extends Pick<
  ScanFacts,
  'tag' | 'point' | 'officer' | 'unit' | 'previous' | 'next' | 'traceBefore' | 'traceAfter'
> {
  tagId: number | null
  pointId: number | null
  pointCode: string | null
  pointName: string | null
  unitId: number | null
  callSign: string | null
  officerPrecinctId: number | null
  officerStationId: number | null
  officerKnown: boolean
}

/** Everything the judge wants to know of a batch of scans, in one round trip; same order as `lookups`. */
export async function findScanContext(tx: OpenTx, lookups: readonly ScanLookup[]): Promise<ScanContext[]> {
  const { rows } = await tx.$client.query<ContextRow>({
    name: 'scan-context',
    text: contextQuery,
    values: [
      lookups.map((lookup) => lookup.opaqueId?.toString() ?? null),
      lookups.map((lookup) => lookup.officerId),
      lookups.map((lookup) => lookup.at.toISOString()),
    ],
  })
  return rows.map(readContext)
}

/** Officers come a little early and leave a little late; the roster still has them. */
const rosterTolerance = `interval '15 minutes'`

const contextQuery = `
  select t.id as tag_id, t.revoked_at as tag_revoked_at, t.key_version,
    p.id as point_id, p.code, p.name, st_x(p.position) as lon, st_y(p.position) as lat, p.radius_meters,
    p.precinct_id, p.station_id, p.retired_at,
    o.id as officer_id, o.precinct_id as officer_precinct_id, o.station_id as officer_station_id, o.disabled_at,
    exists (select from role_grant g where g.officer_id = o.id and g.role = 'supervisor') as supervises,
    u.id as unit_id, u.call_sign, u.precinct_id as unit_precinct_id, u.station_id as unit_station_id,
    case when before.at is not null then row_to_json(before) end as previous,
    case when after.at is not null then row_to_json(after) end as next,
    case when trace1.at is not null then row_to_json(trace1) end as trace_before,
    case when trace2.at is not null then row_to_json(trace2) end as trace_after
  from unnest($1::bigint[], $2::int[], $3::timestamptz[]) with ordinality as scan(opaque_id, officer_id, at, nr)
    left join tag t on t.opaque_id = scan.opaque_id
    left join patrol_point p on p.id = t.patrol_point_id
    left join officer o on o.id = scan.officer_id
    left join lateral (
      select unit.id, call_sign, unit.precinct_id, unit.station_id
      from unit_member m join unit on unit.id = m.unit_id join shift s on s.id = unit.shift_id
      where m.officer_id = scan.officer_id
        and s.starts_at - ${rosterTolerance} <= scan.at and scan.at < s.ends_at + ${rosterTolerance}
      order by s.starts_at <= scan.at and scan.at < s.ends_at desc, s.starts_at desc limit 1
    ) u on true
    left join lateral (
      select c.checked_in_at as at, st_x(q.position) as lon, st_y(q.position) as lat, q.radius_meters as "radiusMeters"
      from check_in c join patrol_point q on q.id = c.patrol_point_id
      where c.officer_id = scan.officer_id and c.checked_in_at <= scan.at and c.verdict <> 'rejected'
      order by c.checked_in_at desc limit 1
    ) before on true
    left join lateral (
      select c.checked_in_at as at, st_x(q.position) as lon, st_y(q.position) as lat, q.radius_meters as "radiusMeters"
      from check_in c join patrol_point q on q.id = c.patrol_point_id
      where c.officer_id = scan.officer_id and c.checked_in_at > scan.at and c.verdict <> 'rejected'
      order by c.checked_in_at limit 1
    ) after on true
    left join lateral (
      select b.recorded_at as at, b.lon, b.lat, b.received_at - b.recorded_at < interval '1 minute' as live
      from breadcrumb b
      where b.officer_id = scan.officer_id and b.is_evidence and b.recorded_at <= scan.at and b.recorded_at > scan.at - interval '5 minutes'
      order by b.recorded_at desc limit 1
    ) trace1 on true
    left join lateral (
      select b.recorded_at as at, b.lon, b.lat, b.received_at - b.recorded_at < interval '1 minute' as live
      from breadcrumb b
      where b.officer_id = scan.officer_id and b.is_evidence and b.recorded_at > scan.at and b.recorded_at < scan.at + interval '5 minutes'
      order by b.recorded_at limit 1
    ) trace2 on true
  order by scan.nr`

/** `row_to_json` writes instants as text. */
type AsJson<T> = Omit<T, 'at'> & { at: string }

interface ContextRow {
  tag_id: number | null
  tag_revoked_at: Date | null
  key_version: number | null
  point_id: number | null
  code: string | null
  name: string | null
  lon: number | null
  lat: number | null
  radius_meters: number | null
  precinct_id: number | null
  station_id: number | null
  retired_at: Date | null
  officer_id: number | null
  officer_precinct_id: number | null
  officer_station_id: number | null
  disabled_at: Date | null
  supervises: boolean
  unit_id: number | null
  call_sign: string | null
  unit_precinct_id: number | null
  unit_station_id: number | null
  previous: AsJson<Neighbour> | null
  next: AsJson<Neighbour> | null
  trace_before: AsJson<Trace> | null
  trace_after: AsJson<Trace> | null
}

function readContext(row: ContextRow): ScanContext {
  const { lon, lat, radius_meters, precinct_id, station_id, unit_precinct_id, unit_station_id } = row
  const hasPoint =
    lon !== null && lat !== null && radius_meters !== null && precinct_id !== null && station_id !== null
  return {
    tagId: row.tag_id,
    tag: row.key_version === null ? null : { revokedAt: row.tag_revoked_at, keyVersion: row.key_version },
    pointId: row.point_id,
    pointCode: row.code,
    pointName: row.name,
    point: hasPoint
      ? {
          lon,
          lat,
          radiusMeters: radius_meters,
          precinctId: precinct_id,
          stationId: station_id,
          retiredAt: row.retired_at,
        }
      : null,
    officer: { disabledAt: row.disabled_at, supervises: row.supervises },
    officerKnown: row.officer_id !== null,
    officerPrecinctId: row.officer_precinct_id,
    officerStationId: row.officer_station_id,
    unitId: row.unit_id,
    callSign: row.call_sign,
    unit:
      unit_precinct_id === null || unit_station_id === null
        ? null
        : { precinctId: unit_precinct_id, stationId: unit_station_id },
    previous: dated(row.previous),
    next: dated(row.next),
    traceBefore: dated(row.trace_before),
    traceAfter: dated(row.trace_after),
  }
}

function dated<T extends { at: string }>(row: T | null): (Omit<T, 'at'> & { at: Date }) | null {
  return row === null ? null : { ...row, at: new Date(row.at) }
}
