import { sql } from 'drizzle-orm'
import type { NearUnit, Scope } from '@patrol/contract'
import type { Db } from '@patrol/db'
import { distanceMeters } from '../check-in/geo.ts'
import { withinScope } from '../organisation/scope.ts'
import { travelSeconds } from '../route/travel-time/travel-times.ts'
import { held } from './read-assignment.ts'
import { lostSeconds } from './unavailable-units.ts'

/** The search by road is for those nearest in a straight line. */
const searched = 40
/** A unit that is busy would have to leave its order first: as if it were so much farther away. */
const busySeconds = 900

export interface NearestQuery {
  lon: number
  lat: number
  limit: number
  mode?: NearUnit['mode']
}

/**
 * Units on duty by the time in which they would be there: free ones first among equals. None whose place is older than
 * 10 min, and none that cries for help itself: those are told of by `findUnavailableUnits`.
 */
export async function findNearestUnits(
  db: Db,
  { lon, lat, limit, mode }: NearestQuery,
  { scope, now, osrmUrl }: { scope: Scope; now: Date; osrmUrl: string },
): Promise<NearUnit[]> {
  const at = now.toISOString()
  const within = withinScope(scope, { precinctId: sql`u.precinct_id`, stationId: sql`u.station_id` })
  const { rows } = await db.execute<UnitRow>(sql`
    select u.id as unit_id, u.call_sign, u.mode, u.duty_type, u.precinct_id, u.station_id, p.lon, p.lat,
      extract(epoch from ${at}::timestamptz - p.recorded_at)::float8 as age,
      (select count(*)::int from assignment a where a.unit_id = u.id and a.state in ${held}) as load
    from unit u join shift s on s.id = u.shift_id join unit_position p on p.unit_id = u.id
    where s.starts_at <= ${at} and s.ends_at > ${at} and u.duty_type <> 'desk' and ${within}
      and p.recorded_at > ${at}::timestamptz - ${lostSeconds} * interval '1 second'
      and not exists (select from alert a where a.dedup_key = 'sos:unit:' || u.id and a.closed_at is null)
      ${mode === undefined ? sql`` : sql`and u.mode = ${mode}`}
    order by st_distance(st_setsrid(st_makepoint(p.lon, p.lat), 4326)::geography,
      st_setsrid(st_makepoint(${lon}, ${lat}), 4326)::geography), u.id
    limit ${searched}`)
  const units = await Promise.all(
    [...Map.groupBy(rows, (row) => row.mode)].map(async ([of, group]) => {
      const travel = await travelSeconds(db, { lon, lat }, group, {
        mode: of,
        at: now,
        towards: true,
        osrmUrl,
      })
      return group.map((row, i) => readUnit(row, { lon, lat }, travel.seconds[i] ?? Infinity, travel.source))
    }),
  )
  return units
    .flat()
    .toSorted((a, b) => costOf(a) - costOf(b) || a.unitId - b.unitId)
    .slice(0, limit)
}

const costOf = ({ travelSeconds, load }: NearUnit) => travelSeconds + load * busySeconds

interface UnitRow extends Record<string, unknown> {
  unit_id: number
  call_sign: string
  mode: NearUnit['mode']
  duty_type: string
  precinct_id: number
  station_id: number
  lon: number
  lat: number
  age: number
  load: number
}

function readUnit(
  row: UnitRow,
  place: { lon: number; lat: number },
  seconds: number,
  travelSource: NearUnit['travelSource'],
): NearUnit {
  return {
    unitId: row.unit_id,
    callSign: row.call_sign,
    mode: row.mode,
    dutyType: row.duty_type,
    precinctId: row.precinct_id,
    stationId: row.station_id,
    distanceMeters: Math.round(distanceMeters(row, place)),
    travelSeconds: Math.round(seconds),
    travelSource,
    ageSeconds: Math.max(0, Math.round(row.age)),
    load: row.load,
  }
}
