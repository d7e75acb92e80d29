import type pg from 'pg'
import { walkRound } from './telemetry-device.ts'
import type { BenchUnit } from './seed-city.ts'

/**
 * The last half hour of these units, a position every four seconds: a screen that opens now has whole trails, as in a city
 * that has run for long, and its memory does not grow by filling them.
 */
export async function seedTracks(database: pg.Pool, units: readonly BenchUnit[]): Promise<void> {
  const until = Date.now() - 5_000
  for (const unit of units) {
    const times = Array.from({ length: 450 }, (_, nr) => until - (450 - nr) * 4_000)
    const places = times.map((at) => ({ at: new Date(at).toISOString(), ...walkRound(unit, at) }))
    await database.query(
      `insert into breadcrumb (officer_id, recorded_at, unit_id, received_at, lon, lat, accuracy_meters, speed_mps, heading_degrees)
       select $1, p.at, m.unit_id, p.at, p.lon, p.lat, 8, 4.2, 0
       from jsonb_to_recordset($2::jsonb) as p(at timestamptz, lon float8, lat float8), unit_member m
       where m.officer_id = $1 on conflict do nothing`,
      [unit.officerId, JSON.stringify(places)],
    )
  }
}
