/** Keeps the screen on until the returned function is called. The browser takes the lock away with the page: asked anew then. */
export function keepAwake(): () => void {
  let stopped = false
  let lock: WakeLockSentinel | null = null
  const ask = async () => {
    if (stopped || document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return
    try {
      lock = await navigator.wakeLock.request('screen')
      if (stopped) await lock.release()
    } catch (error) {
      // A phone that saves its battery refuses; the watch runs on, and the track has a gap that the server sees.
      console.warn('The screen may go dark', error)
    }
  }
  const asked = () => void ask()
  document.addEventListener('visibilitychange', asked)
  asked()
  return () => {
    stopped = true
    document.removeEventListener('visibilitychange', asked)
    void lock?.release()
  }
}
