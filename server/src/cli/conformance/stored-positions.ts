import type { Db } from '@patrol/db'
import { recordOf, type CaseRecord } from './cases.ts'

interface BreadcrumbRow {
  public_id: string
  recorded_at: Date
  lon: number
  lat: number
  accuracy_meters: number | null
  speed_mps: number | null
  heading_degrees: number | null
  battery_percent: number | null
  tracker_details: unknown
}

/** What the server has stored of the devices since `forgetPositions`, oldest first, under the names of the case files. */
export async function readStoredPositions(db: Db): Promise<CaseRecord[]> {
  const breadcrumbs = await db.$client.query<BreadcrumbRow>(`
    select d.public_id, b.* from breadcrumb b join device d on d.officer_id = b.officer_id order by b.recorded_at`)
  const keepAlives = await db.$client.query<{ public_id: string; keep_alive: unknown }>(`
    select public_id, keep_alive from device where keep_alive is not null`)
  const positions = [
    ...breadcrumbs.rows.map((row) => ({
      deviceId: row.public_id,
      time: row.recorded_at.toISOString(),
      lat: row.lat,
      lon: row.lon,
      accuracyM: row.accuracy_meters,
      speedMps: row.speed_mps,
      courseDeg: row.heading_degrees,
      batteryPct: row.battery_percent,
      ...describeDetails(recordOf(row.tracker_details)),
    })),
    ...keepAlives.rows.map(({ public_id, keep_alive }) => {
      const { recordedAt, batteryPercent, ...details } = recordOf(keep_alive)
      return {
        deviceId: public_id,
        time: String(recordedAt),
        lat: null,
        lon: null,
        accuracyM: null,
        speedMps: null,
        courseDeg: null,
        batteryPct: batteryPercent ?? null,
        ...describeDetails(details),
      }
    }),
  ]
  return positions.sort((a, b) => Date.parse(a.time) - Date.parse(b.time))
}

/** Cases repeat devices and times; each begins with nothing on record. */
export async function forgetPositions(db: Db): Promise<void> {
  await db.$client.query('delete from breadcrumb')
  await db.$client.query('update device set keep_alive = null, last_sos_at = null')
}

function describeDetails(details: CaseRecord): CaseRecord {
  return {
    valid: details.valid ?? null,
    altitudeM: details.altitudeMeters ?? null,
    charging: details.charging ?? null,
    motion: details.moving ?? null,
    mock: details.mock ?? null,
    alarm: details.alarm ?? null,
    event: details.event ?? null,
    trigger: details.event ?? null,
    activity: details.activity ?? null,
    odometerM: details.odometerMeters ?? null,
    uuid: details.messageId ?? null,
    cellTowers: details.cellTowers ?? [],
    wifiAccessPoints: details.wifiAccessPoints ?? [],
    attributes: details.attributes ?? {},
  }
}
