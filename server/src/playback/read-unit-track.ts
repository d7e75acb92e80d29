import { sql } from 'drizzle-orm'
import type { Scope, UnitTrack } from '@patrol/contract'
import type { Db } from '@patrol/db'
import { withinScope } from '../organisation/scope.ts'
import { ProblemError } from '../problems.ts'

/**
 * Every stored fix of one unit in a span. A named track is an officer's whereabouts: who looks, at whom and at what hours
 * is on record before anything is answered.
 * @throws NOT_FOUND where the scope sees no such unit
 */
export async function readUnitTrack(
  db: Db,
  scope: Scope,
  look: { unitId: number; from: Date; to: Date; officerId: number },
): Promise<UnitTrack> {
  const [from, to] = [look.from.toISOString(), look.to.toISOString()]
  const { rows } = await db.execute<{ call_sign: string; precinct_id: number }>(sql`
    select call_sign, precinct_id from unit u where u.id = ${look.unitId}
      and ${withinScope(scope, { precinctId: sql`u.precinct_id`, stationId: sql`u.station_id` })}`)
  const unit = rows[0]
  if (unit === undefined) throw new ProblemError('NOT_FOUND')
  await db.execute(sql`
    insert into audit (officer_id, action, subject, precinct_id, details)
    values (${look.officerId}, 'track:viewed', ${`unit:${look.unitId}`}, ${unit.precinct_id},
      ${JSON.stringify({ from, to })}::jsonb)`)
  const found = await db.execute<{
    lon: number
    lat: number
    recorded_at: Date
    accuracy_meters: number | null
  }>(sql`
    select lon, lat, recorded_at, accuracy_meters from breadcrumb
    where unit_id = ${look.unitId} and recorded_at >= ${from} and recorded_at <= ${to} order by recorded_at`)
  return {
    unitId: look.unitId,
    callSign: unit.call_sign,
    fixes: found.rows.map((row) => ({
      lon: row.lon,
      lat: row.lat,
      recordedAt: new Date(row.recorded_at).toISOString(),
      accuracyMeters: row.accuracy_meters,
    })),
  }
}
