import Type from 'typebox'
import { sql } from 'drizzle-orm'
import { MapSettings } from '@patrol/contract'
import { openBaseArchive } from '../base-archive.ts'
import { fileOfBaseMap } from '../base-map.ts'
import { ProblemError } from '../problems.ts'
import type { App } from '../app.ts'

/** The base map as vector tiles straight from PostGIS, so that a wall without the internet has a map. */
export async function tileRoutes(app: App) {
  const { baseMap } = app.env
  const file = baseMap && fileOfBaseMap(baseMap)
  const archive = file === null ? null : await openBaseArchive(file)
  if (archive) app.addHook('onClose', () => archive.close())
  const settings: MapSettings = {
    baseMap:
      baseMap && archive
        ? {
            url: '/api/v1/base-tiles/{z}/{x}/{y}',
            attribution: baseMap.attribution,
            maxZoom: archive.maxZoom,
            tiles: archive.tiles,
          }
        : baseMap,
  }

  app.get(
    '/api/v1/map-settings',
    { config: { access: 'logged-in' }, schema: { response: { 200: MapSettings } } },
    () => Promise.resolve(settings),
  )

  app.get(
    '/api/v1/base-tiles/:z/:x/:y',
    { config: { access: 'logged-in' }, schema: { params: placeOfTile(24) } },
    async (request, reply) => {
      const { z, x, y } = request.params
      const tile = Math.max(x, y) < 2 ** z ? await archive?.read(z, x, y) : null
      if (!archive || !tile) throw new ProblemError('NOT_FOUND')
      reply.header('content-type', archive.mediaType)
      reply.header('cache-control', 'private, max-age=86400')
      return tile
    },
  )

  app.get(
    '/api/v1/tiles/:z/:x/:y.mvt',
    { config: { access: 'logged-in' }, schema: { params: placeOfTile(16) } },
    async (request, reply) => {
      const { z, x, y } = request.params
      if (Math.max(x, y) >= 2 ** z) throw new ProblemError('NOT_FOUND')
      const tile = await readTile(app, z, x, y)
      reply.header('content-type', 'application/vnd.mapbox-vector-tile')
      // Boundaries and roads change with an import, a few times a year.
      reply.header('cache-control', 'private, max-age=3600')
      return tile
    },
  )
}

const placeOfTile = (maxZoom: number) =>
  Type.Object({
    z: Type.Integer({ minimum: 0, maximum: maxZoom }),
    x: Type.Integer({ minimum: 0 }),
    y: Type.Integer({ minimum: 0 }),
  })

/** Road classes worth drawing, by zoom: a city-wide view shows arteries only. */
const roadClassesFrom: readonly [zoom: number, classes: readonly string[]][] = [
  [0, ['motorway', 'trunk']],
  [10, ['motorway', 'trunk', 'primary', 'motorway_link', 'trunk_link']],
  [11, ['motorway', 'trunk', 'primary', 'secondary', 'motorway_link', 'trunk_link', 'primary_link']],
]

async function readTile(app: App, z: number, x: number, y: number): Promise<Buffer> {
  const classes = z >= 12 ? null : (roadClassesFrom.findLast(([zoom]) => z >= zoom)?.[1] ?? [])
  // Simplified to about half a pixel of a 512-pixel tile.
  const tolerance = 40_075_016 / 2 ** z / 1024
  const { rows } = await app.db.execute<{ tile: Buffer }>(sql`
    with bounds as (
      select st_tileenvelope(${z}, ${x}, ${y}) as web, st_transform(st_tileenvelope(${z}, ${x}, ${y}, margin => 0.02), 4326) as lonlat
    ), district as (
      select code, name, name_en,
        st_asmvtgeom(st_simplifypreservetopology(st_transform(shape, 3857), ${tolerance}), web, 4096, 64) as geom
      from area, bounds where kind = 'district' and shape && lonlat
    ), village as (
      select code, name,
        st_asmvtgeom(st_simplifypreservetopology(st_transform(shape, 3857), ${tolerance}), web, 4096, 64) as geom
      from area, bounds where kind = 'village' and ${z} >= 12 and shape && lonlat
    ), precinct as (
      select id, name, name_en,
        st_asmvtgeom(st_simplifypreservetopology(st_transform(area, 3857), ${tolerance}), web, 4096, 64) as geom
      from organisation, bounds where kind = 'precinct' and area && lonlat
    ), station as (
      -- The area of a station is that of its beats, unless one was imported. Only those that the tile shows are put together.
      select s.id, s.name, s.name_en,
        st_asmvtgeom(st_simplifypreservetopology(st_transform(shape, 3857), ${tolerance}), web, 4096, 64) as geom
      from bounds, organisation s cross join lateral (
        select coalesce(s.area, (select st_multi(st_union(b.area)) from organisation b
          where b.kind = 'beat' and b.station_id = s.id)) as shape) own
      where ${z} >= 12 and s.kind = 'station' and (s.area && lonlat or s.id in (
        select b.station_id from organisation b where b.kind = 'beat' and b.area && lonlat))
    ), beat as (
      select id, name, name_en,
        st_asmvtgeom(st_simplifypreservetopology(st_transform(area, 3857), ${tolerance}), web, 4096, 64) as geom
      from organisation, bounds where kind = 'beat' and ${z} >= 14 and area && lonlat
    ), place as (
      -- Where names stand: a point lies in one tile only, so that each is written once.
      select kind, name, name_en, st_asmvtgeom(st_transform(coalesce(position, st_pointonsurface(area)), 3857), web, 4096, 0) as geom
      from organisation, bounds
      where (kind = 'station' and ${z} >= 12 or kind = 'beat' and ${z} >= 14)
        and coalesce(position, st_pointonsurface(area)) && lonlat
    ), road as (
      select road_class as class, name,
        st_asmvtgeom(st_simplify(st_transform(line, 3857), ${tolerance}), web, 4096, 64) as geom
      from road, bounds where line && lonlat
        ${classes === null ? sql`` : sql`and road_class = any(${sql.param(classes)}::text[])`}
    )
    select (select coalesce(st_asmvt(district, 'district', 4096, 'geom'), '') from district)
      || (select coalesce(st_asmvt(village, 'village', 4096, 'geom'), '') from village)
      || (select coalesce(st_asmvt(precinct, 'precinct', 4096, 'geom'), '') from precinct)
      || (select coalesce(st_asmvt(station, 'station', 4096, 'geom'), '') from station)
      || (select coalesce(st_asmvt(beat, 'beat', 4096, 'geom'), '') from beat)
      || (select coalesce(st_asmvt(place, 'place', 4096, 'geom'), '') from place)
      || (select coalesce(st_asmvt(road, 'road', 4096, 'geom'), '') from road) as tile`)
  return rows[0]?.tile ?? Buffer.alloc(0)
}
