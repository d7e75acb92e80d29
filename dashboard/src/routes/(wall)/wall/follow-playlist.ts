import type { Live } from '../../../lib/live/live.svelte.ts'
import { isPressing } from '../../../lib/map/alert-rings.ts'
import type { CityMap } from '../../../lib/map/map.ts'
import { findView, type Playlist } from './playlist.ts'

/** Shows the views in turn; waits while a P1 is unacknowledged, so that nobody loses sight of it. @returns its end */
export function followPlaylist(playlist: Playlist, live: Live, readMap: () => CityMap | null): () => void {
  let at = 0
  let isShown = false

  function show(): void {
    const map = readMap()
    const view = playlist.views[at % playlist.views.length]
    if (!map || view === undefined || !live.ready) return
    const precinct = view === 'city' ? null : findView(view, live.precincts)
    map.fit((precinct && map.extentOf(precinct.id)) ?? undefined)
    isShown = true
  }

  const first = setInterval(() => {
    show()
    if (isShown) clearInterval(first)
  }, 250)
  const turn = setInterval(() => {
    if (playlist.views.length < 2 || live.alerts.some(isPressing)) return
    at += 1
    show()
  }, playlist.everySeconds * 1_000)
  return () => {
    clearInterval(first)
    clearInterval(turn)
  }
}
