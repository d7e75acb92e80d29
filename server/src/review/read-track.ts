import { sql } from 'drizzle-orm'
import type { Evidence } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { distanceMeters } from '../check-in/geo.ts'

/** As the console's map draws tracks: longer is a gap. */
const gapSeconds = 120
const gapMeters = 500

interface BreadcrumbRow extends Record<string, unknown> {
  lon: number
  lat: number
  recorded_at: Date
  accuracy_meters: number | null
}

/** The officer's breadcrumbs within 15 minutes of a time, as they are: nothing is drawn where nothing is known. */
export async function readTrack(tx: Tx, officerId: number, around: Date): Promise<Evidence['track']> {
  const at = sql`${around.toISOString()}::timestamptz`
  const { rows } = await tx.execute<BreadcrumbRow>(sql`
    select lon, lat, recorded_at, accuracy_meters from breadcrumb
    where officer_id = ${officerId}
      and recorded_at > ${at} - interval '15 minutes' and recorded_at < ${at} + interval '15 minutes'
    order by recorded_at`)
  return rows.map((row, nr) => {
    const before = rows[nr - 1]
    const seconds =
      before === undefined
        ? 0
        : (Date.parse(`${row.recorded_at}`) - Date.parse(`${before.recorded_at}`)) / 1_000
    return {
      lon: row.lon,
      lat: row.lat,
      recordedAt: new Date(row.recorded_at).toISOString(),
      accuracyMeters: row.accuracy_meters,
      afterGap: before !== undefined && (seconds > gapSeconds || distanceMeters(before, row) > gapMeters),
    }
  })
}
