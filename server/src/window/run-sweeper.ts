import { setTimeout as sleep } from 'node:timers/promises'
import { inTransaction, type Db } from '@patrol/db'
import type { Log } from '../log.ts'
import { materialiseWindows } from './materialise-windows.ts'
import { sweepWindows, type SweepOptions } from './sweep-windows.ts'

/** One plain sweeper at a time per database. */
const sweeperLock = 7_791_003
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

/** Real milliseconds until the next window is due by the city's clock: one look at the first entry of an index. */
const untilNextDue = `
  select (extract(epoch from min(next_change_at) - city_now()) * 1000 / coalesce((select speed from clock), 1))::float8 as ms
  from patrol_window where next_change_at is not null`

/**
 * Sweeps every two seconds, sooner where a window is due sooner, and materialises every hour of the city's time, with
 * nothing but PostgreSQL: it goes on when Redis is flushed, a scheduler is lost or every BullMQ worker is gone. BullMQ's
 * timers do the same beside it (jobs/worker.ts); whoever comes first finds the due windows and the other finds none,
 * which costs one look into an index.
 *
 * Any number of processes may run it. The lock belongs to a transaction, so that whatever ends the process, the
 * connection or the database also frees it for the next one.
 */
export function startSweeper({
  db,
  log,
  everyMs = 2_000,
  onMissed,
}: {
  db: Db
  log: Pick<Log, 'info' | 'warn'>
  /** Real time between two sweeps at most, milliseconds. */
  everyMs?: number
  onMissed?: SweepOptions['onMissed']
}): { stop(): Promise<void> } {
  const shortestMs = everyMs / 8
  const stopping = new AbortController()
  let materialiseFrom = -Infinity
  let cityMs = 0

  async function materialise() {
    try {
      const { now, ...counts } = await materialiseWindows(db)
      materialiseFrom = now.getTime() + HOUR_MS
      if (counts.made + counts.removed > 0) log.info(counts, 'windows materialised')
      if (counts.tooLong.length > 0)
        log.warn({ rules: counts.tooLong }, 'rules ask for windows that are too long')
    } catch (error) {
      // What is there already must be swept all the same.
      materialiseFrom = cityMs + MINUTE_MS
      log.warn({ err: error }, 'windows not materialised, will try again')
    }
  }

  /** Returns how long to rest, in milliseconds. */
  async function sweepOnce(): Promise<number> {
    return inTransaction(db, async (guard) => {
      const lock = await guard.$client.query<{ ok: boolean }>('select pg_try_advisory_xact_lock($1) as ok', [
        sweeperLock,
      ])
      // Another is at it. If it dies in the middle, its windows are due again: look soon.
      if (lock.rows[0]?.ok !== true) return shortestMs
      if (cityMs >= materialiseFrom) await materialise()
      cityMs = (await sweepWindows(db, { onMissed })).now.getTime()
      const { rows } = await guard.$client.query<{ ms: number | null }>(untilNextDue)
      return Math.min(everyMs, Math.max(shortestMs, rows[0]?.ms ?? everyMs))
    })
  }

  const done = (async () => {
    while (!stopping.signal.aborted) {
      let restMs = everyMs
      try {
        restMs = await sweepOnce()
      } catch (error) {
        log.warn({ err: error }, 'sweep failed, will try again')
      }
      await sleep(restMs, undefined, { signal: stopping.signal }).catch(() => undefined) // stopped: the loop ends
    }
  })()

  return {
    stop: async () => {
      stopping.abort()
      await done
    },
  }
}
