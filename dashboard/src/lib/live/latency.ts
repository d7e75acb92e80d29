export interface Latency {
  count: number
  p50: number | null
  p95: number | null
  p99: number | null
}

const minuteMs = 60_000

/** Event-to-glass latency of the last minute: from the server's `at` to the frame painted here. */
export class LatencyMeter {
  #seen: { paintedMs: number; ageMs: number }[] = []

  /** @param ageMs real milliseconds; a clock estimate that is a little early must not show as negative */
  add(ageMs: number, paintedMs: number): void {
    this.#seen.push({ paintedMs, ageMs: Math.max(0, ageMs) })
    // A burst of 1,000 events a second for a minute is all that is worth keeping.
    if (this.#seen.length > 60_000) this.#seen.splice(0, 10_000)
  }

  read(nowMs: number): Latency {
    const firstKept = this.#seen.findIndex((one) => one.paintedMs > nowMs - minuteMs)
    this.#seen = firstKept < 0 ? [] : this.#seen.slice(firstKept)
    const ages = this.#seen.map((one) => one.ageMs).sort((a, b) => a - b)
    return { count: ages.length, p50: pick(ages, 0.5), p95: pick(ages, 0.95), p99: pick(ages, 0.99) }
  }
}

/** Nearest-rank percentile of sorted numbers. */
function pick(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null
}
