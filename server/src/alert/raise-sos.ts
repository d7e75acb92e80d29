import { sql } from 'drizzle-orm'
import type { Tx } from '@patrol/db'
import { raiseAlerts } from './raise-alert.ts'

/** An officer calls for help. `place` is null where the call tells none: the unit's last position stands in. */
export interface SosCall {
  officerId: number
  place: { lon: number; lat: number } | null
}

interface CallerRow extends Record<string, unknown> {
  unit_id: number | null
  call_sign: string | null
  precinct_id: number | null
  station_id: number | null
  lon: number | null
  lat: number | null
}

/**
 * Raises the SOS of an officer's unit; more calls of it join the open alert and make it ask again. Shifts end while
 * trouble goes on, so a unit counts until twelve hours after; an officer without any calls without a call sign.
 * Returns the alert; null where there is no such officer.
 */
export async function raiseSos(tx: Tx, now: Date, { officerId, place }: SosCall): Promise<number | null> {
  const { rows } = await tx.execute<CallerRow>(sql`
    select u.id as unit_id, u.call_sign, coalesce(u.precinct_id, o.precinct_id) as precinct_id,
      coalesce(u.station_id, o.station_id) as station_id, p.lon, p.lat
    from officer o
      left join lateral (
        select unit.*, s.ends_at from unit_member m join unit on unit.id = m.unit_id join shift s on s.id = unit.shift_id
        where m.officer_id = o.id and s.starts_at <= ${now.toISOString()}
          and s.ends_at > ${now.toISOString()}::timestamptz - interval '12 hours'
        order by s.ends_at > ${now.toISOString()} desc, s.starts_at desc limit 1
      ) u on true
      left join unit_position p on p.unit_id = u.id and u.ends_at > ${now.toISOString()}
    where o.id = ${officerId}`)
  const caller = rows[0]
  if (caller === undefined) return null
  const { lon, lat } = place ?? caller
  const dedupKey = caller.unit_id === null ? `sos:officer:${officerId}` : `sos:unit:${caller.unit_id}`
  await raiseAlerts(tx, now, [
    {
      kind: 'sos',
      dedupKey,
      priority: 1,
      precinctId: caller.precinct_id,
      stationId: caller.station_id,
      subject: {
        ...(caller.call_sign === null ? {} : { callSign: caller.call_sign }),
        ...(lon === null || lat === null ? {} : { lon, lat }),
      },
      asksAgain: true,
    },
  ])
  const raised = await tx.execute<{ id: number }>(
    sql`select id from alert where dedup_key = ${dedupKey} and closed_at is null`,
  )
  return raised.rows[0]?.id ?? null
}
