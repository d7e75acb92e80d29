import type { WallScene } from '@patrol/contract'
import { fromLonLat } from 'ol/proj.js'
import type { Live } from '../../../lib/live/live.svelte.ts'
import { isPressing } from '../../../lib/map/alert-rings.ts'
import type { CityMap } from '../../../lib/map/map.ts'
import { findView, type Playlist } from './playlist.ts'

export interface Showing {
  /** Shows a scene that was sent, instead of the playlist; null goes back to where the playlist was. */
  hold(scene: WallScene | null): void
  end(): void
}

/** Shows the views in turn; waits while a P1 is unacknowledged, so that nobody loses sight of it, and while a scene is held. */
export function followPlaylist(playlist: Playlist, live: Live, readMap: () => CityMap | null): Showing {
  let at = 0
  let held: WallScene | null = null
  let isShown = false

  function show(): void {
    const map = readMap()
    const view = playlist.views[at % playlist.views.length]
    if (!map || !live.ready) return
    if (held?.kind === 'place') map.showExactly(fromLonLat([held.lon, held.lat]), held.zoom)
    else {
      const wanted = held?.view ?? view ?? 'city'
      const precinct = wanted === 'city' ? null : findView(wanted.toLowerCase(), live.precincts)
      map.fit((precinct && map.extentOf(precinct.id)) ?? undefined)
    }
    isShown = true
  }

  const first = setInterval(() => {
    if (!isShown) show()
    if (isShown) clearInterval(first)
  }, 250)
  const turn = setInterval(() => {
    if (held || playlist.views.length < 2 || live.alerts.some(isPressing)) return
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
    },
  }
}
