import type { Db } from '@patrol/db'

/**
 * The city's time: the database's, so that every process agrees; in a demonstration it may run faster
 * (table `clock`). Domain functions never read it, they are given `now`.
 */
export interface Clock {
  now(): Date
  readonly speed: number
  stop(): void
}

/** Reads the database's clock now and every minute, and in between counts on with the machine's monotonic clock. */
export async function startClock(db: Db): Promise<Clock> {
  let reading = await readClock(db)
  const timer = setInterval(() => {
    readClock(db).then(
      (next) => (reading = next),
      // The database is away: the last reading goes on, at most a minute older than usual.
      () => undefined,
    )
  }, 60_000)
  timer.unref()
  return {
    now: () => new Date(reading.cityMs + (performance.now() - reading.atMs) * reading.speed),
    get speed() {
      return reading.speed
    },
    stop: () => clearInterval(timer),
  }
}

interface Reading {
  cityMs: number
  atMs: number
  speed: number
}

/** Asks three times on one open connection and keeps the quickest answer: the error is at most half of its way. */
async function readClock(db: Db): Promise<Reading> {
  const client = await db.$client.connect()
  try {
    let best: (Reading & { tookMs: number }) | null = null
    for (let tries = 0; tries < 3; tries++) {
      const before = performance.now()
      const result = await client.query<{ at: number; speed: number | null }>(
        'select extract(epoch from city_now()) * 1000 as at, (select speed from clock) as speed',
      )
      const after = performance.now()
      const row = result.rows[0]
      if (row === undefined) throw new Error('The database told no time.')
      const tookMs = after - before
      if (best !== null && best.tookMs <= tookMs) continue
      best = { cityMs: Number(row.at), atMs: (before + after) / 2, speed: row.speed ?? 1, tookMs }
    }
    if (best === null) throw new Error('The database told no time.')
    return best
  } finally {
    client.release()
  }
}
