import { sql } from 'drizzle-orm'
import type { AlertCause } from '../raise-alert.ts'
import { threshold } from '../alert-rules.ts'
import type { Rule } from './rule.ts'

interface UnitRow extends Record<string, unknown> {
  id: number
  callSign: string
  precinctId: number
  stationId: number
  lon: number | null
  lat: number | null
  /** Minutes, or metres: what the rule compares. */
  measure: number
}

function causeOf(kind: string, priority: 2 | 3, unit: UnitRow): AlertCause {
  const { id, callSign, precinctId, stationId, lon, lat } = unit
  const place = lon === null || lat === null ? {} : { lon, lat }
  return { kind, dedupKey: `${kind}:${id}`, priority, precinctId, stationId, subject: { callSign, ...place } }
}

/**
 * On patrol and silent for so long after it had reported in this shift: a screen that is off sends nothing, a unit in trouble
 * neither. One that has never reported has no device with it, which the roster shows; it would ring all day.
 */
export const gpsOff: Rule = {
  kind: 'gps-off',
  everySeconds: 30,
  async find(tx, { now, rules }) {
    const at = now.toISOString()
    const { rows } = await tx.execute<UnitRow>(sql`
      select u.id, u.call_sign as "callSign", u.precinct_id as "precinctId", u.station_id as "stationId", p.lon, p.lat,
        (extract(epoch from ${at}::timestamptz - p.recorded_at) / 60)::float8 as measure
      from unit u join shift s on s.id = u.shift_id join unit_position p on p.unit_id = u.id
      where s.starts_at <= ${at} and s.ends_at > ${at} and u.duty_type = 'patrol'
        and p.recorded_at >= s.starts_at and p.recorded_at <= ${at}::timestamptz - interval '1 minute'`)
    return rows
      .filter((row) => row.measure >= threshold(rules, 'gps-off', 'minutes', row.precinctId))
      .map((row) => causeOf('gps-off', 3, row))
  },
}

/** Outside its precinct without an order that leads it there. */
export const offArea: Rule = {
  kind: 'off-area',
  everySeconds: 30,
  async find(tx, { now, rules }) {
    const at = now.toISOString()
    const { rows } = await tx.execute<UnitRow>(sql`
      select u.id, u.call_sign as "callSign", u.precinct_id as "precinctId", u.station_id as "stationId", p.lon, p.lat,
        st_distance(o.area::geography, here.point::geography) as measure
      from unit_position p join unit u on u.id = p.unit_id join shift s on s.id = u.shift_id
        join organisation o on o.id = u.precinct_id and o.area is not null,
        lateral (select st_setsrid(st_makepoint(p.lon, p.lat), 4326) as point) here
      where s.starts_at <= ${at} and s.ends_at > ${at}
        and p.recorded_at > ${at}::timestamptz - interval '5 minutes'
        and not st_covers(o.area, here.point)
        and not exists (select from assignment a where a.unit_id = u.id and a.state not in ('cleared', 'cancelled', 'refused'))`)
    return rows
      .filter((row) => row.measure > threshold(rules, 'off-area', 'meters', row.precinctId))
      .map((row) => causeOf('off-area', 3, row))
  },
}

/** Check-ins of a unit arrive this much later than they were made: its phone has been cut off, and more may wait there. */
export const uploadBacklog: Rule = {
  kind: 'upload-backlog',
  everySeconds: 30,
  async find(tx, { now, rules }) {
    const at = now.toISOString()
    const { rows } = await tx.execute<UnitRow>(sql`
      select u.id, u.call_sign as "callSign", u.precinct_id as "precinctId", u.station_id as "stationId", p.lon, p.lat,
        max(extract(epoch from c.received_at - c.claimed_at) / 60)::float8 as measure
      from check_in c join unit u on u.id = c.unit_id left join unit_position p on p.unit_id = u.id
      where c.received_at > ${at}::timestamptz - interval '10 minutes' and c.received_at <= ${at}
        and c.received_at - c.claimed_at > interval '1 minute'
      group by u.id, u.call_sign, u.precinct_id, u.station_id, p.lon, p.lat`)
    return rows
      .filter((row) => row.measure > threshold(rules, 'upload-backlog', 'minutes', row.precinctId))
      .map((row) => causeOf('upload-backlog', 2, row))
  },
}
