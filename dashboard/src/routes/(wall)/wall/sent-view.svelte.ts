import type { WallScene, WallView } from '@patrol/contract'
import { hasCode, readWallView } from '../../../lib/api.ts'
import type { Live } from '../../../lib/live/live.svelte.ts'

/** Asked again this often, should the word that it changed be lost. */
const askEveryMs = 60_000

/** What an operator sent to this display: shown until it ends by itself or is taken back. */
export class SentView {
  view = $state.raw<WallView | null>(null)

  /** @param hold shows a scene, or with null what was shown before. @returns its end */
  follow(live: Live, hold: (scene: WallScene | null) => void): () => void {
    let over: ReturnType<typeof setTimeout> | undefined
    let isDisplay = true

    const put = (next: WallView | null) => {
      clearTimeout(over)
      const isNew = next?.id !== this.view?.id
      this.view = next
      if (isNew) hold(next?.scene ?? null)
      if (next) over = setTimeout(() => put(null), next.secondsLeft * 1_000)
    }
    const ask = async () => {
      if (!isDisplay) return
      try {
        put((await readWallView()).view)
      } catch (error) {
        // A person's session on a wall is no display: nothing is sent to it.
        if (hasCode(error, 'NOT_ALLOWED')) isDisplay = false
        else console.warn('sent view not read, asking again', error)
      }
    }
    void ask()
    const timer = setInterval(() => void ask(), askEveryMs)
    const leave = live.addListener((events) => {
      if (events.some(({ type }) => type === 'wall:changed')) void ask()
    })
    return () => {
      clearTimeout(over)
      clearInterval(timer)
      leave()
    }
  }
}
