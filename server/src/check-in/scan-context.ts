import type { TagTap } from './proof/sun-counter.ts'
import type { DeviceFacts, Neighbour, ScanFacts, Trace } from './scan-facts.ts'

// Long because it is one query, with what goes in and what comes out.

/** What to look up for one scan. `at` is the time to look around: claimed, but not after receipt. */
export interface ScanLookup {
  id: string
  /** Of the code on the label, or … */
  opaqueId: bigint | null
  /** … the chip's number; a tag must fit both where both are given. */
  uid: string | null
  readCounter: number | null
  /** A code that can be copied: then the track around it is looked at closely. */
  isStatic: boolean
  officerId: number
  deviceId: string | null
  at: Date
}

export interface ScanContext extends Pick<
  ScanFacts,
  | 'tag'
  | 'taps'
  | 'point'
  | 'officer'
  | 'unit'
  | 'officerEnrolled'
  | 'previous'
  | 'next'
  | 'traceBefore'
  | 'traceAfter'
  | 'trackLeaps'
> {
  /** This id is on record already. */
  recorded: boolean
  /** The device that the check-in names, before its signature is verified. */
  device: (Omit<DeviceFacts, 'signatureRight'> & { publicKey: unknown }) | null
  tagId: number | null
  pointId: number | null
  pointCode: string | null
  pointName: string | null
  watchMinutes: number | null
  unitId: number | null
  callSign: string | null
  officerPrecinctId: number | null
  officerStationId: number | null
  officerKnown: boolean
}

/**
 * The SQL that asks for everything the judge wants to know of a batch of scans, for a connection that `prepareContext` has
 * prepared. As text, so that it goes to the database together with what the transaction begins with.
 */
export function writeContextQuery(lookups: readonly ScanLookup[]): string {
  const times = lookups.map((lookup) => lookup.at.getTime())
  const values = [
    listOf(lookups.map((lookup) => lookup.id)),
    listOf(lookups.map((lookup) => lookup.opaqueId)),
    listOf(lookups.map((lookup) => lookup.uid)),
    listOf(lookups.map((lookup) => lookup.readCounter)),
    listOf(lookups.map((lookup) => lookup.isStatic)),
    listOf(lookups.map((lookup) => lookup.officerId)),
    listOf(lookups.map((lookup) => lookup.deviceId)),
    listOf(lookups.map((lookup) => lookup.at.toISOString())),
    new Date(Math.min(...times) - trackMinutes * 60_000).toISOString(),
    new Date(Math.max(...times) + trackMinutes * 60_000).toISOString(),
  ]
  // Ids, numbers, hex digits and instants, all checked before: there is nothing to escape, and nothing else goes through.
  const odd = values.find((value) => !/^[\w:.,{}+-]*$/.test(value))
  if (odd !== undefined) throw new Error('A scan is looked up by what is no id.')
  return `execute scan_context(${values.map((value) => `'${value}'`).join()})`
}

const listOf = (values: readonly (string | number | bigint | boolean | null)[]) =>
  `{${values.map((value) => (value === null ? 'NULL' : String(value))).join()}}`

/** What came back of `writeContextQuery`; in the order of its lookups. */
export function readContexts(rows: unknown[]): ScanContext[] {
  return rows.filter(isContextRow).map(readContext)
}

// The columns are those of the query above, whose text is in this file.
const isContextRow = (row: unknown): row is ContextRow =>
  typeof row === 'object' && row !== null && 'tag_id' in row

/** Officers come a little early and leave a little late; the roster still has them. */
const rosterTolerance = `interval '15 minutes'`

/** Hand-over of a shared handheld takes longer than this; signing for another does not. */
const sharedWithin = `interval '10 minutes'`

/** No two points of the city are further apart than 120 km; nobody needs to look further back, however much is flagged there. */
const travelReach = `interval '1 hour'`

/** No further back than this is the track around a scan looked at. */
const trackMinutes = 30

/**
 * The partitions of these days only. A scan's own time is not known when the query starts, and to open three index scans in each
 * of thirty-three partitions took longer than everything else: 3.0 ms where the rest is 0.4.
 */
const ofTheseDays = 'b.recorded_at >= $9::timestamptz and b.recorded_at <= $10::timestamptz'

/**
 * A visit of the same officer that tells where he was: its time is measured, and nothing is flagged, or only that one cannot
 * travel so fast.
 */
const neighbour = (side: string, order: string) => `
      select c.id, c.checked_in_at as at, st_x(q.position) as lon, st_y(q.position) as lat,
        q.radius_meters as "radiusMeters"
      from check_in c join patrol_point q on q.id = c.patrol_point_id
      where c.officer_id = scan.officer_id and c.checked_in_at ${side} and c.id <> scan.id and c.time_trusted
        and (c.verdict = 'accepted' or c.verdict = 'needs-review' and not jsonb_path_exists(c.reasons,
          '$[*] ? (@.severity == "flag" && @.code != "impossible-travel")'))
      order by c.checked_in_at ${order} limit 1`

const trace = (side: string, order: string) => `
      select b.recorded_at as at, b.lon, b.lat, b.received_at - b.recorded_at < interval '1 minute' as live
      from breadcrumb b
      where b.officer_id = scan.officer_id and b.is_evidence and ${ofTheseDays} and ${side}
      order by b.recorded_at ${order} limit 1`

/** Taps that decide about a counter: each finds its few rows at once in the index on tag and counter. */
const taps = (rule: string) => `
        (select c.id, c.read_counter, c.checked_in_at, c.time_trusted from check_in c
         where c.tag_id = t.id and c.id <> scan.id and c.read_counter ${rule})`

// `exists` as a column would let PostgreSQL read the whole table once and hash it; a scalar subquery is looked up by index.
const contextQuery = `
  select t.id as tag_id, t.kind as tag_kind, not t.secure or t.activated_at is not null as tag_activated,
    t.revoked_at as tag_revoked_at, t.retired_at as tag_retired_at, t.key_version, coalesce(taps.list, '[]') as taps,
    p.id as point_id, p.code, p.name, st_x(p.position) as lon, st_y(p.position) as lat, p.radius_meters,
    p.watch_minutes, p.precinct_id, p.station_id, p.retired_at,
    o.id as officer_id, o.precinct_id as officer_precinct_id, o.station_id as officer_station_id, o.disabled_at,
    (select true from role_grant g where g.officer_id = o.id and g.role = 'supervisor' limit 1) as supervises,
    u.id as unit_id, u.call_sign, u.precinct_id as unit_precinct_id, u.station_id as unit_station_id,
    (select true from check_in c where c.id = scan.id) as recorded,
    case when d.id is not null then json_build_object('publicKey', d.public_key, 'approvedAt', d.approved_at,
      'revokedAt', d.revoked_at, 'ownerId', case when d.kind = 'phone' then d.officer_id end,
      'shared', exists (
        select from check_in c where c.device_id = d.id and c.officer_id <> scan.officer_id
          and c.checked_in_at between scan.at - ${sharedWithin} and scan.at + ${sharedWithin}
          and (u.id is null or c.unit_id is distinct from u.id)
      )) end as device,
    e.enrolled,
    case when before.at is not null then row_to_json(before) end as previous,
    case when after.at is not null then row_to_json(after) end as next,
    case when trace1.at is not null then row_to_json(trace1) end as trace_before,
    case when trace2.at is not null then row_to_json(trace2) end as trace_after,
    case when scan.is_static and e.enrolled then exists (
      -- A step of the track that beats 200 km/h by more than the errors of its ends.
      select from (
        select extract(epoch from b.recorded_at - lag(b.recorded_at) over track) as seconds,
          coalesce(b.accuracy_meters, 50) + lag(coalesce(b.accuracy_meters, 50)) over track + 500 as slack,
          111320 * sqrt(power((b.lon - lag(b.lon) over track) * cos(radians(b.lat)), 2)
            + power(b.lat - lag(b.lat) over track, 2)) as meters
        from breadcrumb b
        where b.officer_id = scan.officer_id and b.is_evidence and ${ofTheseDays}
          and b.recorded_at > scan.at - interval '${trackMinutes} minutes' and b.recorded_at < scan.at + interval '5 minutes'
        window track as (order by b.recorded_at)
      ) step where meters > slack + seconds * 200 / 3.6
    ) else false end as leaps
  from unnest($1::uuid[], $2::bigint[], $3::text[], $4::int[], $5::bool[], $6::int[], $7::uuid[], $8::timestamptz[])
      with ordinality as scan(id, opaque_id, uid, read_counter, is_static, officer_id, device_id, at, nr)
    left join lateral (
      select * from tag where tag.opaque_id = scan.opaque_id and (scan.uid is null or tag.uid = scan.uid)
      union all
      select * from tag where scan.opaque_id is null and tag.uid = scan.uid
    ) t on true
    left join lateral (
      select json_agg(json_build_object('checkInId', tap.id, 'counter', tap.read_counter, 'claimedAt', tap.checked_in_at,
        'timeTrusted', tap.time_trusted)) as list
      from (${[
        taps('= scan.read_counter limit 1'),
        taps('is not null order by c.read_counter desc limit 1'),
        taps('< scan.read_counter and c.time_trusted order by c.read_counter desc limit 8'),
        taps('> scan.read_counter and c.time_trusted order by c.read_counter limit 8'),
      ].join(' union')}
      ) tap
    ) taps on scan.read_counter is not null
    left join patrol_point p on p.id = t.patrol_point_id
    left join officer o on o.id = scan.officer_id
    left join device d on d.id = scan.device_id and d.kind <> 'tracker'
    left join lateral (
      select exists (
        select from device own where own.officer_id = scan.officer_id and own.kind <> 'tracker'
          and own.approved_at <= scan.at and (own.revoked_at is null or own.revoked_at > scan.at)
      ) as enrolled
    ) e on true
    left join lateral (
      select unit.id, call_sign, unit.precinct_id, unit.station_id
      from unit_member m join unit on unit.id = m.unit_id join shift s on s.id = unit.shift_id
      where m.officer_id = scan.officer_id
        and s.starts_at - ${rosterTolerance} <= scan.at and scan.at < s.ends_at + ${rosterTolerance}
      order by s.starts_at <= scan.at and scan.at < s.ends_at desc, s.starts_at desc limit 1
    ) u on true
    left join lateral (${neighbour(`<= scan.at and c.checked_in_at > scan.at - ${travelReach}`, 'desc')}
    ) before on true
    left join lateral (${neighbour(`> scan.at and c.checked_in_at < scan.at + ${travelReach}`, 'asc')}
    ) after on true
    left join lateral (${trace(`b.recorded_at <= scan.at and b.recorded_at > scan.at - interval '5 minutes'`, 'desc')}
    ) trace1 on true
    left join lateral (${trace(`b.recorded_at > scan.at and b.recorded_at < scan.at + interval '5 minutes'`, 'asc')}
    ) trace2 on true
  order by scan.nr`

/** What a connection runs once, so that the query is planned once. */
export const prepareContext = `prepare scan_context(uuid[], bigint[], text[], int[], bool[], int[], uuid[], timestamptz[],
  timestamptz, timestamptz) as ${contextQuery}`

/** `row_to_json` writes instants as text. */
type AsJson<T> = Omit<T, 'at'> & { at: string }

interface ContextRow {
  tag_id: number | null
  tag_kind: 'qr' | 'nfc' | 'display' | null
  tag_activated: boolean | null
  tag_revoked_at: Date | null
  tag_retired_at: Date | null
  key_version: number | null
  taps: (Omit<TagTap, 'claimedAt'> & { claimedAt: string })[]
  recorded: true | null
  device: {
    publicKey: unknown
    approvedAt: string | null
    revokedAt: string | null
    ownerId: number | null
    shared: boolean
  } | null
  enrolled: boolean
  leaps: boolean
  point_id: number | null
  code: string | null
  name: string | null
  lon: number | null
  lat: number | null
  radius_meters: number | null
  watch_minutes: number | null
  precinct_id: number | null
  station_id: number | null
  retired_at: Date | null
  officer_id: number | null
  officer_precinct_id: number | null
  officer_station_id: number | null
  disabled_at: Date | null
  supervises: true | null
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
    tag:
      row.key_version === null || row.tag_kind === null
        ? null
        : {
            kind: row.tag_kind,
            activated: row.tag_activated === true,
            retiredAt: row.tag_retired_at,
            revokedAt: row.tag_revoked_at,
            keyVersion: row.key_version,
          },
    taps: row.taps.map((tap) => ({ ...tap, claimedAt: new Date(tap.claimedAt) })),
    recorded: row.recorded === true,
    device: row.device && {
      ...row.device,
      approvedAt: dateOf(row.device.approvedAt),
      revokedAt: dateOf(row.device.revokedAt),
    },
    officerEnrolled: row.enrolled,
    trackLeaps: row.leaps,
    pointId: row.point_id,
    pointCode: row.code,
    pointName: row.name,
    watchMinutes: row.watch_minutes,
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
    officer: { disabledAt: row.disabled_at, supervises: row.supervises === true },
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

const dateOf = (text: string | null) => (text === null ? null : new Date(text))

function dated<T extends { at: string }>(row: T | null): (Omit<T, 'at'> & { at: Date }) | null {
  return row === null ? null : { ...row, at: new Date(row.at) }
}
