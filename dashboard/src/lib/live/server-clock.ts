/** One heartbeat as it came in: the server's time against a clock of this machine that never jumps. */
interface Sample {
  serverMs: number
  localMs: number
}

const kept = 30

/**
 * The server's clock, as read on this machine. Heartbeats arrive late, never early, so of the last 30 the one that
 * arrived with the least delay is believed. In a demonstration the city's time runs `speed` times faster.
 */
export class ServerClock {
  speed = 1
  #samples: Sample[] = []

  hear(serverMs: number, speed: number, localMs: number): void {
    if (speed !== this.speed) this.#samples = []
    this.speed = speed
    this.#samples.push({ serverMs, localMs })
    if (this.#samples.length > kept) this.#samples.shift()
  }

  /** After a reconnect another gateway may answer, with another delay. */
  forget(): void {
    this.#samples = this.#samples.slice(-1)
  }

  /** @returns the city's time in ms since the epoch at this moment of the local monotonic clock */
  read(localMs: number): number | null {
    let best: number | null = null
    for (const sample of this.#samples) {
      const now = sample.serverMs + (localMs - sample.localMs) * this.speed
      if (best === null || now > best) best = now
    }
    return best
  }

  /** @returns how far this machine's own clock is off, in ms; null where city time runs at another speed */
  skewOf(wallClockMs: number, localMs: number): number | null {
    const now = this.read(localMs)
    return now === null || this.speed !== 1 ? null : wallClockMs - now
  }
}
