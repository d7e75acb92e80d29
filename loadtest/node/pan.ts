import type { Page } from 'playwright-core'

/** What the page did while its map was dragged about. */
export interface Panning {
  fps: number
  /** The longest time between two frames, in ms. */
  longestFrame: number
  /** The longest task of the page's main thread, in ms; 0 when none took 50. */
  longestTask: number
  /** Places that the map was drawn at, as a check that it really moved. */
  moves: number
}

/**
 * Drags the map round a circle of 200 px, one step in each frame, as a hand would.
 * As text, since this is not the browser's program; pointer events go the way that those of a hand go.
 */
const script = (seconds: number) => `(async () => {
  const target = document.querySelector('.ol-viewport')
  const box = target.getBoundingClientRect()
  const centre = { x: box.left + box.width / 2, y: box.top + box.height / 2 }
  const send = (type, at, buttons) =>
    (type === 'pointerdown' ? target : document).dispatchEvent(new PointerEvent(type, {
      bubbles: true, cancelable: true, pointerId: 1, pointerType: 'mouse', isPrimary: true,
      button: type === 'pointermove' ? -1 : 0, buttons, clientX: at.x, clientY: at.y,
    }))
  let longestTask = 0
  const watch = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longestTask = Math.max(longestTask, duration)
  })
  watch.observe({ type: 'longtask' })
  send('pointerdown', centre, 1)
  const started = performance.now()
  let frames = 0, longestFrame = 0, last = started, moves = 0
  while (performance.now() - started < ${seconds * 1_000}) {
    const now = await new Promise(requestAnimationFrame)
    frames++
    longestFrame = Math.max(longestFrame, now - last)
    last = now
    const angle = (now - started) / 1_500
    send('pointermove', { x: centre.x + 200 * Math.sin(angle), y: centre.y + 200 * (1 - Math.cos(angle)) }, 1)
    moves++
  }
  const seconds = (performance.now() - started) / 1_000
  send('pointerup', centre, 0)
  await new Promise((resolve) => setTimeout(resolve, 100))
  watch.disconnect()
  return { fps: frames / seconds, longestFrame, longestTask, moves }
})()`

export async function pan(page: Page, seconds: number): Promise<Panning> {
  const { fps, longestFrame, longestTask, moves } = await page.evaluate<Panning>(script(seconds))
  const round = (value: number) => Math.round(value * 10) / 10
  return { fps: round(fps), longestFrame: round(longestFrame), longestTask: Math.round(longestTask), moves }
}

/** Starts noting the page's long tasks; the answer tells the longest since, in ms. */
export async function watchTasks(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(`(() => {
    window.__longest = 0
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) window.__longest = Math.max(window.__longest, duration)
    }).observe({ type: 'longtask' })
  })()`)
  return () => page.evaluate<number>('Math.round(window.__longest)')
}
