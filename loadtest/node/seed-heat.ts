import type pg from 'pg'
import { gridDisk, latLngToCell } from 'h3-js'

/** A computed hotspot map of resolution 8 with so many cells round the middle of the city. */
export async function seedHeat(database: pg.Pool, cells: number): Promise<void> {
  let ring = 1
  while (3 * ring * (ring + 1) + 1 < cells) ring++
  const disk = gridDisk(latLngToCell(23.1, 120.25, 8), ring).slice(0, cells)
  await database.query(
    `with map as (
       insert into hotspot_map (key, source, categories, period_from, period_to, resolution, cases, outside, cells, p_threshold,
         permutations, seed, computed_at)
       values ('bench', '110', '{}', '2026-01-01', '2026-06-30', 8, 100000, 0, $2, 0.01, 0, 1, clock_timestamp()) returning id)
     insert into hotspot (map_id, cell, precinct_id, count, z, p, significant)
     select map.id, ('x' || c.cell)::bit(64)::bigint, (select min(id) from organisation where kind = 'precinct'),
       3 + (c.nr * 7919) % 400, 1, 0.5, 0
     from map, unnest($1::text[]) with ordinality as c(cell, nr)`,
    [disk.map((cell) => cell.padStart(16, '0')), cells],
  )
}

/** Areas for the precincts of a bench city, so that its map has boundaries: squares round their middle. */
export async function seedBoundaries(database: pg.Pool): Promise<void> {
  await database.query(
    `update organisation set area = st_multi(st_expand(position, 0.05)) where kind = 'precinct' and area is null`,
  )
}
