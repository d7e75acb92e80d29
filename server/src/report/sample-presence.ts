import { sql } from 'drizzle-orm'
import type { Db } from '@patrol/db'
import { generalMap } from '../hotspot/general-map.ts'
import { cellAt } from '../incident/report-incident.ts'

/** A position older than this says nothing about where a unit is. */
const freshMinutes = 2

/**
 * Notes for every district, and every H3 cell of resolution 8 that has a patrol point, a hotspot or a unit, when a unit was
 * last in it. From the units' last positions, so it costs the same however many breadcrumbs come.
 */
export async function samplePresence(db: Db, { now }: { now?: Date } = {}): Promise<void> {
  const { rows: clock } = await db.execute<{ now: Date }>(
    sql`select coalesce(${now?.toISOString() ?? null}::timestamptz, city_now()) as now`,
  )
  const at = new Date(clock[0]?.now ?? Number.NaN).toISOString()
  const { rows } = await db.execute<{ lon: number; lat: number }>(sql`
    select lon, lat from unit_position
    where recorded_at > ${at}::timestamptz - ${`${freshMinutes} minutes`}::interval and recorded_at <= ${at}`)
  const seen = [...new Set(rows.map(({ lon, lat }) => cellAt(lat, lon, 8).toString()))]
  await db.execute(sql`
    insert into presence (area, cell, watched_since, last_unit_at)
    select 'cell:' || cell, cell, ${at}, ${at} from unnest(${sql.param(seen)}::bigint[]) as cell order by 1
    on conflict (area) do update set last_unit_at = excluded.last_unit_at`)
  await db.execute(sql`
    insert into presence (area, cell, watched_since)
    select 'cell:' || cell, cell, ${at} from (
      select h3_r8 as cell from patrol_point where retired_at is null
      union
      select (h.cell & ~(15::bigint << 52)) | (8::bigint << 52) | 2097151 from hotspot h
      where h.map_id = ${generalMap} and h.significant = 1
    ) watched where not exists (select from presence p where p.area = 'cell:' || watched.cell)
    on conflict do nothing`)
  await db.execute(sql`
    insert into presence (area, watched_since) select 'district:' || code, ${at} from area where kind = 'district'
    on conflict do nothing`)
  await db.execute(sql`
    update presence p set last_unit_at = ${at} from area a
    where p.area = 'district:' || a.code and exists (
      select from unit_position u
      where u.recorded_at > ${at}::timestamptz - ${`${freshMinutes} minutes`}::interval and u.recorded_at <= ${at}
        and u.lon between st_xmin(a.shape) and st_xmax(a.shape) and u.lat between st_ymin(a.shape) and st_ymax(a.shape)
        and st_covers(a.shape, st_setsrid(st_makepoint(u.lon, u.lat), 4326)))`)
}
