/** When a search stops: after a time, after a number of iterations, or when its caller no longer wants it. */
export type SearchLimits = {
  /** Search time in seconds. Without `seconds` and `iterations` a solver takes one second. */
  seconds?: number | undefined
  /** Number of improvement rounds; with it (and no `seconds`) the same seed always gives the same answer. */
  iterations?: number | undefined
  /** Any integer; default 1. */
  seed?: number | undefined
  /** Asked every few milliseconds; true ends the search with the best answer so far. */
  cancelled?: (() => boolean) | undefined
}

export type SearchClock = {
  /** True when the search must end. Reads the clock only now and then, so it may stand in a hot loop. */
  done: () => boolean
  /** Counts one improvement round. */
  tick: () => void
  /** How much of the allowance is used, 0..1; cooling schedules follow it. Exact for iterations. */
  progress: () => number
  elapsedSeconds: () => number
}

/**
 * Starts the clock. Time is read every `stride` calls: choose it so that this is about a millisecond.
 * With `iterations` alone the answer never depends on the time.
 */
export function startClock(limits: SearchLimits, stride = 16): SearchClock {
  const startedAt = performance.now()
  const iterations = limits.iterations ?? Infinity
  const seconds = limits.seconds ?? (limits.iterations === undefined ? 1 : Infinity)
  let rounds = 0
  let calls = 0
  let spent = 0
  let over = false
  const readTime = () => {
    spent = (performance.now() - startedAt) / 1000
    if (spent >= seconds || limits.cancelled?.() === true) over = true
  }
  readTime()
  return {
    done: () => {
      if (++calls >= stride) {
        calls = 0
        readTime()
      }
      return over || rounds >= iterations
    },
    tick: () => {
      rounds++
    },
    progress: () => Math.min(1, Math.max(rounds / iterations, spent / seconds)),
    elapsedSeconds: () => (performance.now() - startedAt) / 1000,
  }
}
