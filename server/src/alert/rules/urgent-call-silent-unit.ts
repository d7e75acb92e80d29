import { sql } from 'drizzle-orm'
import { threshold } from '../alert-rules.ts'
import type { Rule } from './rule.ts'

interface Row extends Record<string, unknown> {
  id: string
  category: string
  precinctId: number | null
  lon: number
  lat: number
  callSign: string
  meters: number
  silentMinutes: number
  callMinutes: number
}

/** A unit nearby that was heard of within this time and is silent now; one silent for longer is no longer nearby. */
const longestSilence = 60

/** An urgent 110 call that nobody was sent to, beside a unit that has fallen silent: has something happened to it? */
export const urgentCallSilentUnit: Rule = {
  kind: 'urgent-call-silent-unit',
  everySeconds: 10,
  async find(tx, { now, rules }) {
    const at = now.toISOString()
    const { rows } = await tx.execute<Row>(sql`
      select i.id, i.category, i.precinct_id as "precinctId", st_x(i.position) as lon, st_y(i.position) as lat,
        near.call_sign as "callSign", near.meters, near.silent as "silentMinutes",
        (extract(epoch from ${at}::timestamptz - i.occurred_at) / 60)::float8 as "callMinutes"
      from incident i, lateral (
        select u.call_sign, (extract(epoch from ${at}::timestamptz - p.recorded_at) / 60)::float8 as silent,
          st_distance(i.position::geography, st_setsrid(st_makepoint(p.lon, p.lat), 4326)::geography) as meters
        from unit_position p join unit u on u.id = p.unit_id join shift s on s.id = u.shift_id
        where s.starts_at <= ${at} and s.ends_at > ${at}
          and p.recorded_at > ${at}::timestamptz - ${`${longestSilence} minutes`}::interval
          and p.recorded_at <= ${at}::timestamptz - interval '1 minute'
          and p.lon between st_x(i.position) - 0.25 and st_x(i.position) + 0.25
          and p.lat between st_y(i.position) - 0.25 and st_y(i.position) + 0.25
        order by meters limit 5
      ) near
      where i.source = '110' and i.priority = 1 and i.status = 'open'
        and i.occurred_at > ${at}::timestamptz - interval '4 hours' and i.occurred_at <= ${at}
      order by i.id, near.meters`)
    const seen = new Set<string>()
    return rows.flatMap(({ id, precinctId, ...row }) => {
      const of = (name: 'withinMeters' | 'silentMinutes' | 'callMinutes') =>
        threshold(rules, 'urgent-call-silent-unit', name, precinctId)
      const stands =
        row.meters <= of('withinMeters') &&
        row.silentMinutes >= of('silentMinutes') &&
        row.callMinutes <= of('callMinutes')
      if (!stands || seen.has(id)) return []
      seen.add(id)
      return [
        {
          kind: 'urgent-call-silent-unit',
          dedupKey: `urgent-call-silent-unit:${id}`,
          priority: 1,
          precinctId,
          stationId: null,
          subject: { place: row.category, callSign: row.callSign, lon: row.lon, lat: row.lat },
        },
      ]
    })
  },
}
