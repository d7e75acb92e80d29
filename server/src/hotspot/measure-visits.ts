import { sql } from 'drizzle-orm'
import { cellToBoundary, latLngToCell } from 'h3-js'
import { inTransaction, type Db, type OpenTx } from '@patrol/db'
import { h3Of } from './cell-index.ts'
import { findVisits, maxGapMs } from './find-visits.ts'
import { studyResolution } from './study-area.ts'

/** Tracks that come late, after a tunnel or an outage, still count when they are here within this time. */
const lateMs = 3_600_000

interface DosageRow extends Record<string, unknown> {
  id: number
  cell: string
  precinct_id: number
  since: Date
  until: Date
}

/**
 * Reads the tracks and check-ins of the precinct's units for presence in the hotspots that ask for it. Each run reads the last
 * hour again, so that late uploads count; running it twice changes nothing.
 */
export async function measureVisits(db: Db): Promise<void> {
  const { rows } = await db.execute<DosageRow>(sql`
    select id, cell::text as cell, precinct_id,
      greatest(starts_on::timestamp at time zone 'Asia/Taipei',
        measured_through - make_interval(secs => ${lateMs / 1_000})) as since,
      least(city_now(), (ends_on + 1)::timestamp at time zone 'Asia/Taipei', ended_at) as until
    from hotspot_dosage
    where starts_on::timestamp at time zone 'Asia/Taipei' < city_now()
      and (measured_through is null or measured_through <
        least((ends_on + 1)::timestamp at time zone 'Asia/Taipei', ended_at, city_now()) )`)
  for (const row of rows) await inTransaction(db, (tx) => measureOne(tx, row))
}

async function measureOne(tx: OpenTx, row: DosageRow): Promise<void> {
  const cell = h3Of(row.cell)
  const corners = cellToBoundary(cell, true)
  const [lons, lats] = [corners.map(([lon = 0]) => lon), corners.map(([, lat = 0]) => lat)]
  const [since, until] = [new Date(row.since), new Date(row.until)]
  // Positions beside the cell are wanted too: they say that a unit has left.
  const crumbs = await tx.execute<{ unit_id: number; at: number; lon: number; lat: number }>(sql`
    select b.unit_id, extract(epoch from b.recorded_at)::float8 * 1000 as at, b.lon, b.lat
    from unit u join shift s on s.id = u.shift_id join breadcrumb b on b.unit_id = u.id
    where u.precinct_id = ${row.precinct_id} and s.starts_at < ${until.toISOString()} and s.ends_at > ${since.toISOString()}
      and b.recorded_at >= ${since.toISOString()} and b.recorded_at <= ${until.toISOString()}
      and b.lon between ${Math.min(...lons) - 0.01} and ${Math.max(...lons) + 0.01}
      and b.lat between ${Math.min(...lats) - 0.01} and ${Math.max(...lats) + 0.01}
    order by b.recorded_at`)
  const checkIns = await tx.execute<{ unit_id: number; at: number }>(sql`
    select c.unit_id, extract(epoch from c.checked_in_at)::float8 * 1000 as at
    from check_in c join patrol_point p on p.id = c.patrol_point_id
    where p.h3_r9 = ${row.cell} and c.unit_id is not null and c.verdict = 'accepted'
      and c.checked_in_at >= ${since.toISOString()} and c.checked_in_at <= ${until.toISOString()}
    order by c.checked_in_at`)
  const visits = findVisits(
    crumbs.rows.map(({ unit_id, at, lon, lat }) => ({
      unitId: unit_id,
      atMs: at,
      inside: latLngToCell(lat, lon, studyResolution) === cell,
    })),
    checkIns.rows.map(({ unit_id, at }) => ({ unitId: unit_id, atMs: at })),
  )
  await tx.execute(sql`
    delete from hotspot_visit where dosage_id = ${row.id} and arrived_at >= ${since.toISOString()}`)
  for (const { unitId, arrivedMs, leftMs, checkIns: count } of visits) {
    const [arrivedAt, leftAt] = [new Date(arrivedMs).toISOString(), new Date(leftMs).toISOString()]
    // One that began before this run's hour goes on.
    const gone = await tx.execute(sql`
      update hotspot_visit set left_at = greatest(left_at, ${leftAt}), check_ins = greatest(check_ins, ${count})
      where dosage_id = ${row.id} and unit_id = ${unitId} and arrived_at < ${since.toISOString()}
        and left_at >= ${new Date(arrivedMs - maxGapMs).toISOString()}`)
    if ((gone.rowCount ?? 0) > 0) continue
    await tx.execute(sql`
      insert into hotspot_visit (dosage_id, unit_id, arrived_at, left_at, check_ins)
      values (${row.id}, ${unitId}, ${arrivedAt}, ${leftAt}, ${count})
      on conflict (dosage_id, unit_id, arrived_at) do update set left_at = excluded.left_at, check_ins = excluded.check_ins`)
  }
  await tx.execute(sql`
    update hotspot_dosage set measured_through = ${until.toISOString()} where id = ${row.id}`)
}
