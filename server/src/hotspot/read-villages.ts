import { sql } from 'drizzle-orm'
import { cellToLatLng } from 'h3-js'
import type { Village } from '@patrol/contract'
import type { Tx } from '@patrol/db'

/** The village (里) around the centre of each H3 cell; cells outside all that were imported are not in it. */
export async function readVillages(tx: Tx, cells: readonly string[]): Promise<Map<string, Village>> {
  const centres = cells.map((cell) => cellToLatLng(cell))
  const { rows } = await tx.execute<{ nr: number; name: string; name_en: string | null }>(sql`
    -- Boundary files often give villages the English name of their district, which tells none apart.
    select c.nr::int, a.name, nullif(a.name_en, d.name_en) as name_en
    from unnest(${sql.param(centres.map(([, lon]) => lon))}::float8[], ${sql.param(centres.map(([lat]) => lat))}::float8[])
      with ordinality as c(lon, lat, nr)
      join area a on a.kind = 'village' and st_contains(a.shape, st_setsrid(st_point(c.lon, c.lat), 4326))
      left join area d on d.kind = 'district' and d.code = a.district_code`)
  return new Map(rows.map(({ nr, name, name_en }) => [cells[nr - 1] ?? '', { name, nameEn: name_en }]))
}
