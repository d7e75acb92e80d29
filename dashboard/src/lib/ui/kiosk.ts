const idleMs = 3_000
const shiftEveryMs = 5 * 60_000
/** Right, down, back: 2 px, so that no edge burns into the panel. */
const shifts = ['0 0', '2px 0', '2px 2px', '0 2px'] as const

/** What a screen needs that nobody sits at: no cursor, no sleep, no burnt-in edges. @returns its end */
export function startKiosk(stage: HTMLElement): () => void {
  let idle = setTimeout(hideCursor, idleMs)
  let step = 0
  let lock: WakeLockSentinel | null = null

  function hideCursor(): void {
    stage.style.cursor = 'none'
  }
  function showCursor(): void {
    stage.style.cursor = ''
    clearTimeout(idle)
    idle = setTimeout(hideCursor, idleMs)
  }
  // A wake lock ends whenever the page is hidden, and is only to be had over HTTPS or on loopback.
  async function stayAwake(): Promise<void> {
    if (document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return
    try {
      lock = await navigator.wakeLock.request('screen')
    } catch (error) {
      console.info('no wake lock', error)
    }
  }
  const shift = setInterval(() => {
    step = (step + 1) % shifts.length
    stage.style.translate = shifts[step] ?? '0 0'
  }, shiftEveryMs)

  window.addEventListener('pointermove', showCursor)
  document.addEventListener('visibilitychange', stayAwake)
  void stayAwake()
  return () => {
    clearTimeout(idle)
    clearInterval(shift)
    window.removeEventListener('pointermove', showCursor)
    document.removeEventListener('visibilitychange', stayAwake)
    void lock?.release()
  }
}
