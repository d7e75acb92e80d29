import type { NamedWallScene, WallScene } from '@patrol/contract'
import { readLayerNames, usualLayers, type LayerName } from '../../../lib/map/map-layers.ts'

/** `?views=city,yongkang,d1&every=60`: what the map shows in turn. */
export interface Playlist {
  views: string[]
  everySeconds: number
}

export function readPlaylist(query: Pick<URLSearchParams, 'get'>): Playlist {
  const views = (query.get('views') ?? 'city').split(',').map((view) => view.trim().toLowerCase())
  const every = Number(query.get('every') ?? 60)
  return {
    views: views.filter((view) => view !== ''),
    everySeconds: every >= 5 && every <= 3_600 ? every : 60,
  }
}

interface Named {
  id: number
  code: string
  name: string
  nameEn: string
}

/** @returns the precinct that a view names by code, id or name; null for the whole area */
export function findView(view: string, precincts: readonly Named[]): Named | null {
  return (
    precincts.find(({ id, code, name, nameEn }) => {
      const english = nameEn.toLowerCase()
      return [String(id), code.toLowerCase(), name, english, english.replace(/ precinct$/, '')].includes(view)
    }) ?? null
  )
}

/** @returns the scene that somebody saved under a name; null where a precinct has it, or nobody */
export function findScene(
  view: string,
  precincts: readonly Named[],
  scenes: readonly Pick<NamedWallScene, 'name' | 'scene'>[],
): WallScene | null {
  if (view === 'city' || findView(view, precincts)) return null
  return scenes.find(({ name }) => name.toLowerCase() === view)?.scene ?? null
}

/** `?layers=base,boundaries,points,units`: what the wall's map shows; the usual layers unless told. */
export function readWallLayers(query: Pick<URLSearchParams, 'get'>): readonly LayerName[] {
  const named = readLayerNames((query.get('layers') ?? '').split(',').map((name) => name.trim()))
  return named.length > 0 ? named : usualLayers
}
