import { cellToLatLng } from 'h3-js'
import { sql } from 'drizzle-orm'
import { generalMap } from '../../hotspot/general-map.ts'
import { threshold } from '../alert-rules.ts'
import type { Rule } from './rule.ts'

interface DistrictRow extends Record<string, unknown> {
  area: string
  name: string
  precinctId: number | null
  lon: number
  lat: number
  /** Minutes without a unit. */
  minutes: number
}

/** A district that no unit has been in for so long (presence is sampled in report/sample-presence.ts). */
export const districtVoid: Rule = {
  kind: 'district-void',
  everySeconds: 60,
  async find(tx, { now, rules }) {
    const at = now.toISOString()
    const { rows } = await tx.execute<DistrictRow>(sql`
      select p.area, a.name, st_x(c.point) as lon, st_y(c.point) as lat, o.id as "precinctId",
        (extract(epoch from ${at}::timestamptz - coalesce(p.last_unit_at, p.watched_since)) / 60)::float8 as minutes
      from presence p join area a on p.area = 'district:' || a.code
        cross join lateral (select st_pointonsurface(a.shape) as point) c
        left join organisation o on o.kind = 'precinct' and st_covers(o.area, c.point)
      where coalesce(p.last_unit_at, p.watched_since) < ${at}::timestamptz - interval '1 minute'`)
    return rows
      .filter((row) => row.minutes >= threshold(rules, 'district-void', 'minutes', row.precinctId))
      .map(({ area, name, precinctId, lon, lat }) => ({
        kind: 'district-void',
        dedupKey: `district-void:${area}`,
        priority: 3,
        precinctId,
        stationId: null,
        subject: { place: name, lon, lat },
      }))
  },
}

interface CellRow extends Record<string, unknown> {
  cell: string
  precinctId: number
  minutes: number
}

/** A hotspot of the newest general map whose neighbourhood (H3 cell of resolution 8) no unit has been in for so long. */
export const hotspotVoid: Rule = {
  kind: 'hotspot-void',
  everySeconds: 60,
  async find(tx, { now, rules }) {
    const at = now.toISOString()
    const { rows } = await tx.execute<CellRow>(sql`
      select distinct on (p.cell) p.cell::text, h.precinct_id as "precinctId",
        (extract(epoch from ${at}::timestamptz - coalesce(p.last_unit_at, p.watched_since)) / 60)::float8 as minutes
      from presence p join hotspot h on ${parentCell(sql`h.cell`)} = p.cell
      where h.map_id = ${generalMap} and h.significant = 1
        and coalesce(p.last_unit_at, p.watched_since) < ${at}::timestamptz - interval '1 minute'
      order by p.cell, h.z desc`)
    return rows
      .filter((row) => row.minutes >= threshold(rules, 'hotspot-void', 'minutes', row.precinctId))
      .map(({ cell, precinctId }) => {
        const [lat, lon] = cellToLatLng(BigInt.asUintN(64, BigInt(cell)).toString(16))
        return {
          kind: 'hotspot-void',
          dedupKey: `hotspot-void:${cell}`,
          priority: 2,
          precinctId,
          stationId: null,
          subject: { lon, lat },
        }
      })
  },
}

/** The H3 cell of resolution 8 around a finer one: the resolution's bits set to 8, all finer digits to 7. */
function parentCell(cell: ReturnType<typeof sql>) {
  return sql`((${cell} & ~(15::bigint << 52)) | (8::bigint << 52) | 2097151)`
}
