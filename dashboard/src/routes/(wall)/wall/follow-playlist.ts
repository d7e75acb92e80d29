import type { NamedWallScene, WallScene } from '@patrol/contract'
import { fromLonLat } from 'ol/proj.js'
import type { Live } from '../../../lib/live/live.svelte.ts'
import { isPressing } from '../../../lib/map/alert-rings.ts'
import type { CityMap } from '../../../lib/map/map.ts'
import { readLayerNames, type LayerName } from '../../../lib/map/map-layers.ts'
import { findScene, findView, type Playlist } from './playlist.ts'

export interface Showing {
  /** Shows a scene that was sent, instead of the playlist; null goes back to where the playlist was. */
  hold(scene: WallScene | null): void
  end(): void
}

const refreshMs = 60_000

/** What the playlist needs of its wall. */
export interface WallDoors {
  readMap(): Pick<CityMap, 'fit' | 'showExactly' | 'extentOf'> | null
  /** Switches to the layers of a scene; null: to the wall's own. */
  setLayers(names: readonly LayerName[] | null): void
  readScenes(): Promise<readonly NamedWallScene[]>
}

/**
 * Shows the views and named scenes in turn; waits while a P1 is unacknowledged, so that nobody loses sight of it, and while a
 * scene is held.
 */
export function followPlaylist(
  playlist: Playlist,
  live: Pick<Live, 'ready' | 'precincts' | 'alerts'>,
  { readMap, setLayers, readScenes }: WallDoors,
): Showing {
  let at = 0
  let held: WallScene | null = null
  /** As text, to tell whether a scene that was read anew is another; null before the first. */
  let shown: string | null = null
  let scenes: readonly NamedWallScene[] = []

  function readScene(): WallScene {
    const wanted = playlist.views[at % playlist.views.length] ?? 'city'
    return held ?? findScene(wanted, live.precincts, scenes) ?? { kind: 'view', view: wanted }
  }

  function show(): void {
    const map = readMap()
    if (!map || !live.ready) return
    const scene = readScene()
    const layers = readLayerNames(scene.layers ?? [])
    // None, or none that this version knows: an empty map would look like an empty city.
    setLayers(layers.length > 0 ? layers : null)
    if (scene.kind === 'place') map.showExactly(fromLonLat([scene.lon, scene.lat]), scene.zoom)
    else {
      const precinct = scene.view === 'city' ? null : findView(scene.view.toLowerCase(), live.precincts)
      map.fit((precinct && map.extentOf(precinct.id)) ?? undefined)
    }
    shown = JSON.stringify(scene)
  }

  /** Nobody may lose sight of a P1, or of what was sent. */
  const isHeld = () => held !== null || live.alerts.some(isPressing)

  /** Somebody may have saved one anew. A wall without them shows the whole city in their place. */
  async function refresh(): Promise<void> {
    if (playlist.views.every((view) => view === 'city')) return
    try {
      scenes = await readScenes()
    } catch (error) {
      console.warn('named scenes not read, asking again', error)
    }
    if (shown !== null && !isHeld() && shown !== JSON.stringify(readScene())) show()
  }

  let isRead = false
  void refresh().then(() => (isRead = true))
  const first = setInterval(() => {
    if (isRead && shown === null) show()
    if (shown !== null) clearInterval(first)
  }, 250)
  const again = setInterval(() => void refresh(), refreshMs)
  const turn = setInterval(() => {
    if (isHeld() || playlist.views.length < 2) return
    at += 1
    show()
  }, playlist.everySeconds * 1_000)
  return {
    hold(scene) {
      held = scene
      show()
    },
    end() {
      clearInterval(first)
      clearInterval(turn)
      clearInterval(again)
    },
  }
}
