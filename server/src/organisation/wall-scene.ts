import { sql, type SQL } from 'drizzle-orm'
import type { NamedWallScene, NewWallScene, Scope, WallScene } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { ProblemError } from '../problems.ts'
import { covers, widestGrant, withinScope, type Grant } from './scope.ts'

/** Where a scene's organisation stands in the tree; nulls: the whole city's. */
const precinctId = sql`(case when o.kind = 'precinct' then o.id else o.precinct_id end)`
const stationId = sql`(case when o.kind = 'station' then o.id else o.station_id end)`

const columns: SQL = sql`s.id, s.name, s.scene, o.name as "organisationName", o.name_en as "organisationNameEn",
  p.name as by, s.saved_at as "savedAt"`
const joins: SQL = sql`join organisation o on o.id = s.organisation_id join officer p on p.id = s.saved_by`

interface SceneRow extends Record<string, unknown> {
  id: number
  name: string
  scene: WallScene
  organisationName: string
  organisationNameEn: string
  by: string
  savedAt: Date
}

function readScene({ organisationName, organisationNameEn, savedAt, ...row }: SceneRow): NamedWallScene {
  return {
    ...row,
    organisation: { name: organisationName, nameEn: organisationNameEn },
    savedAt: new Date(savedAt).toISOString(),
  }
}

/** The scenes of this scope, the wider place's first: a wall that finds two of one name shows its own. */
export async function listWallScenes(tx: Tx, scope: Scope): Promise<NamedWallScene[]> {
  const { rows } = await tx.execute<SceneRow>(sql`
    select ${columns} from wall_scene s ${joins} where ${withinScope(scope, { precinctId, stationId })}
    order by array_position(array['department', 'precinct', 'station'], o.kind::text), s.name, s.id limit 5000`)
  return rows.map(readScene)
}

/** So many scenes a place may keep: nobody finds one among more. */
const mostScenes = 100

/** The scene's own fields: what somebody sent beside them is not kept. */
export function sceneOf(scene: WallScene): WallScene {
  const layers = scene.layers ? { layers: scene.layers } : {}
  if (scene.kind === 'view') return { kind: scene.kind, view: scene.view, ...layers }
  return { kind: scene.kind, lon: scene.lon, lat: scene.lat, zoom: scene.zoom, ...layers }
}

/**
 * @returns the scene as it stands, or null when the place is not within the scope of who saves it
 * @throws INVALID_INPUT when the place has as many scenes as it may
 */
export async function saveWallScene(
  tx: Tx,
  { name, scene, organisationId }: NewWallScene,
  by: { officerId: number; scope: Scope; grants: readonly Grant[] },
): Promise<NamedWallScene | null> {
  const { rows: places } = await tx.execute<{
    id: number
    precinctId: number | null
    stationId: number | null
  }>(sql`
    select o.id, ${precinctId} as "precinctId", ${stationId} as "stationId" from organisation o
    where o.id = ${organisationId ?? widestGrant(by.grants)}`)
  const [place] = places
  if (!place || !covers(by.scope, place)) return null
  const { rows: others } = await tx.execute(sql`
    select 1 from wall_scene where organisation_id = ${place.id} and name <> ${name.trim()}`)
  if (others.length >= mostScenes) {
    throw new ProblemError('INVALID_INPUT', {
      field: 'name',
      message: `A place keeps ${mostScenes} scenes. Remove one first.`,
    })
  }
  const { rows } = await tx.execute<SceneRow>(sql`
    with s as (
      insert into wall_scene (name, organisation_id, scene, saved_by, saved_at)
      values (${name.trim()}, ${place.id}, ${JSON.stringify(sceneOf(scene))}::jsonb, ${by.officerId}, clock_timestamp())
      on conflict (organisation_id, name)
        do update set scene = excluded.scene, saved_by = excluded.saved_by, saved_at = excluded.saved_at
      returning *)
    select ${columns} from s ${joins}`)
  const [saved] = rows
  if (!saved) throw new Error('The scene was not stored.')
  await record(tx, by.officerId, 'wall-scene:saved', saved.id, place.precinctId, { name: saved.name })
  return readScene(saved)
}

/** @returns false where this scope has no such scene */
export async function removeWallScene(
  tx: Tx,
  id: number,
  by: { officerId: number; scope: Scope },
): Promise<boolean> {
  const { rows } = await tx.execute<{ name: string; precinctId: number | null }>(sql`
    delete from wall_scene s using organisation o where o.id = s.organisation_id and s.id = ${id}
      and ${withinScope(by.scope, { precinctId, stationId })}
    returning s.name, ${precinctId} as "precinctId"`)
  const [removed] = rows
  if (!removed) return false
  await record(tx, by.officerId, 'wall-scene:removed', id, removed.precinctId, { name: removed.name })
  return true
}

async function record(
  tx: Tx,
  officerId: number,
  action: string,
  id: number,
  precinctId: number | null,
  details: object,
): Promise<void> {
  await tx.execute(sql`
    insert into audit (officer_id, action, subject, precinct_id, details)
    values (${officerId}, ${action}, ${`wall-scene:${id}`}, ${precinctId}, ${JSON.stringify(details)}::jsonb)`)
}
