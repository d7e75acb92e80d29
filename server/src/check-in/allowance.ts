export interface Allowance {
  /** Takes `cost` from what a session has left. @returns 0, or the seconds until it may: then nothing was taken */
  take(sessionId: number, cost: number): number
  giveBack(sessionId: number, cost: number): void
}

const maxSessions = 20_000

/**
 * How many check-ins a session may send: `burst` at once, and `perSecond` again each second, counted in this process.
 * A phone that was offline for a week has some 400; whoever sends thousands is no phone of ours.
 */
export function createAllowance({ burst, perSecond }: { burst: number; perSecond: number }): Allowance {
  const sessions = new Map<number, { left: number; at: number }>()

  function read(sessionId: number) {
    const now = performance.now()
    const known = sessions.get(sessionId) ?? { left: burst, at: now }
    const left = Math.min(burst, known.left + ((now - known.at) / 1_000) * perSecond)
    if (sessions.size >= maxSessions) forgetFull(now)
    const own = { left, at: now }
    sessions.set(sessionId, own)
    return own
  }

  /** Whoever has the whole burst again need not be remembered. */
  function forgetFull(now: number) {
    for (const [id, { left, at }] of sessions) {
      if (left + ((now - at) / 1_000) * perSecond >= burst) sessions.delete(id)
    }
  }

  return {
    take(sessionId, cost) {
      const own = read(sessionId)
      if (own.left < cost) return Math.ceil((cost - own.left) / perSecond)
      own.left -= cost
      return 0
    },
    giveBack(sessionId, cost) {
      const own = read(sessionId)
      own.left = Math.min(burst, own.left + cost)
    },
  }
}
