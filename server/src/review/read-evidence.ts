import { sql } from 'drizzle-orm'
import type { CheckIn, Evidence } from '@patrol/contract'
import { audit, inTransaction, type Db, type Tx } from '@patrol/db'
import { readBeacon } from '../check-in/beacon.ts'
import { distanceMeters } from '../check-in/geo.ts'
import { ProblemError } from '../problems.ts'
import { readReview, type Reviewer } from './list-reviews.ts'
import { listNotes, listPhotos } from './list-work-records.ts'
import { readTrack } from './read-track.ts'
import { confirmedAt } from './review-check-in.ts'

/** Beyond that, other check-ins say nothing of this one. */
const neighbourCount = 5

interface CheckInRow extends Record<string, unknown> {
  officer_id: number
  tag_id: number | null
  precinct_id: number
  claimed_at: Date
  checked_in_at: Date
  received_at: Date
  confirmed_at: Date
  distance_meters: number | null
  raw: CheckIn
  point: Evidence['point']
  device: Evidence['device']
  courier: string | null
  conflicts: number
}

/**
 * Everything that speaks for or against a check-in. It shows a named officer's track, so looking is on record.
 * @throws NOT_FOUND
 */
export async function readEvidence(
  db: Db,
  reviewer: Reviewer,
  id: string,
  { serverKey, now }: { serverKey: Buffer; now: Date },
): Promise<Evidence> {
  return inTransaction(db, async (tx) => {
    const item = await readReview(tx, reviewer, id)
    const row = item && (await findCheckIn(tx, id))
    if (!item || !row) throw new ProblemError('NOT_FOUND')
    await tx.insert(audit).values({
      at: now,
      officerId: reviewer.officerId,
      action: 'track:viewed',
      subject: `officer:${row.officer_id}`,
      precinctId: row.precinct_id,
      details: { checkInId: id, around: row.claimed_at },
    })
    const { clock } = row.raw
    const beaconMs = clock.beacon === null ? null : readBeacon(clock.beacon.token, serverKey)
    return {
      item,
      clock: {
        claimedAt: iso(row.claimed_at),
        deviceAt: iso(clock.deviceAt),
        beaconAt: beaconMs === null ? null : iso(beaconMs),
        receivedAt: iso(row.received_at),
        checkedInAt: iso(row.checked_in_at),
        confirmedAt: iso(row.confirmed_at),
      },
      position: row.raw.position,
      distanceMeters: row.distance_meters,
      point: row.point,
      device: row.device,
      courierName: row.courier,
      track: await readTrack(tx, row.officer_id, new Date(row.claimed_at)),
      taps: await listTaps(tx, id, row),
      visits: await listVisits(tx, id, row),
      windows: await listWindowsAround(tx, id),
      notes: await listNotes(tx, id),
      photos: await listPhotos(tx, id),
      conflicts: row.conflicts,
    }
  })
}

const iso = (at: Date | string | number) => new Date(at).toISOString()

async function findCheckIn(tx: Tx, id: string): Promise<CheckInRow | undefined> {
  const { rows } = await tx.execute<CheckInRow>(sql`
    select c.officer_id, c.tag_id, c.precinct_id, c.claimed_at, c.checked_in_at, c.received_at,
      ${confirmedAt} as confirmed_at, c.distance_meters, c.raw,
      case when p.id is not null then json_build_object('id', p.id, 'code', p.code, 'name', p.name,
        'lon', st_x(p.position), 'lat', st_y(p.position), 'radiusMeters', p.radius_meters) end as point,
      case when d.id is not null then json_build_object('label', d.label, 'kind', d.kind, 'ownerName', owner.name,
        'approvedAt', ${isoText(sql`d.approved_at`)}, 'revokedAt', ${isoText(sql`d.revoked_at`)}) end as device,
      case when c.uploaded_by <> c.officer_id then courier.name end as courier,
      (select count(*)::int from check_in_conflict x where x.check_in_id = c.id) as conflicts
    from check_in c
      left join patrol_point p on p.id = c.patrol_point_id
      left join device d on d.id = c.device_id
      left join officer owner on owner.id = d.officer_id and d.kind = 'phone'
      left join officer courier on courier.id = c.uploaded_by
    where c.id = ${id}`)
  return rows[0]
}

const isoText = (column: ReturnType<typeof sql>) =>
  sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

interface NeighbourRow extends Record<string, unknown> {
  id: string
  checkedInAt: Date
  officerName: string
  callSign: string | null
  verdict: Evidence['taps'][number]['verdict']
}

const neighbourColumns = sql`c.id, c.checked_in_at as "checkedInAt", coalesce(o.name, '') as "officerName",
  u.call_sign as "callSign", c.verdict`
const neighbourJoins = sql`left join officer o on o.id = c.officer_id left join unit u on u.id = c.unit_id`

/** Reads of the same tag, those nearest in time on both sides. */
async function listTaps(tx: Tx, id: string, row: CheckInRow): Promise<Evidence['taps']> {
  if (row.tag_id === null) return []
  const { rows } = await tx.execute<NeighbourRow & { readCounter: number | null }>(sql`
    select ${neighbourColumns}, c.read_counter as "readCounter"
    from ${aroundIn(sql`near.tag_id = ${row.tag_id}`, id, row)} c ${neighbourJoins}
    order by c.checked_in_at, c.id`)
  return rows.map((one) => ({ ...one, checkedInAt: iso(one.checkedInAt) }))
}

async function listVisits(tx: Tx, id: string, row: CheckInRow): Promise<Evidence['visits']> {
  const { rows } = await tx.execute<
    NeighbourRow & { pointName: string | null; lon: number | null; lat: number | null }
  >(sql`
    select ${neighbourColumns}, p.name as "pointName", st_x(p.position) as lon, st_y(p.position) as lat
    from ${aroundIn(sql`near.officer_id = ${row.officer_id}`, id, row)} c ${neighbourJoins}
      left join patrol_point p on p.id = c.patrol_point_id
    order by c.checked_in_at, c.id`)
  return rows.map((one) => ({
    ...one,
    checkedInAt: iso(one.checkedInAt),
    distanceMeters:
      row.point === null || one.lon === null || one.lat === null
        ? null
        : Math.round(distanceMeters(row.point, { lon: one.lon, lat: one.lat })),
  }))
}

/** Check-ins that fulfil `which` (of `near`), the five before the claimed time and the five after. */
function aroundIn(which: ReturnType<typeof sql>, id: string, { claimed_at }: CheckInRow) {
  const at = sql`${iso(claimed_at)}::timestamptz`
  return sql`(
    (select * from check_in near where ${which} and near.id <> ${id} and near.checked_in_at <= ${at}
     order by near.checked_in_at desc limit ${neighbourCount})
    union all
    (select * from check_in near where ${which} and near.id <> ${id} and near.checked_in_at > ${at}
     order by near.checked_in_at limit ${neighbourCount})
  )`
}

async function listWindowsAround(tx: Tx, id: string): Promise<Evidence['windows']> {
  const { rows } = await tx.execute<{
    id: string
    starts_at: Date
    ends_at: Date
    state: Evidence['windows'][number]['state']
  }>(sql`
    select w.id, w.starts_at, w.ends_at, w.state
    from check_in c join patrol_window w on w.patrol_point_id = c.patrol_point_id
      and w.starts_at <= ${confirmedAt} and w.grace_ends_at > ${confirmedAt}
    where c.id = ${id} order by w.starts_at limit 5`)
  return rows.map((row) => ({
    id: Number(row.id),
    startsAt: iso(row.starts_at),
    endsAt: iso(row.ends_at),
    state: row.state,
  }))
}
