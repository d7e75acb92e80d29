import { setTimeout as sleep } from 'node:timers/promises'
import type { Db } from '@patrol/db'
import type { Log } from '../log.ts'
import type { CheckInKeys } from './read-proof.ts'
import { rejudgeByTracks } from './rejudge.ts'
import { rejudgeWatches } from './watch/rejudge-watches.ts'

/**
 * Looks every two seconds for check-ins and watches whose track has come meanwhile, with nothing but PostgreSQL. Any number of
 * processes may do so: each takes rows that no other holds.
 */
export function startRejudging({
  db,
  keys,
  log,
  everyMs = 2_000,
}: {
  db: Db
  keys: CheckInKeys
  log: Pick<Log, 'warn'>
  everyMs?: number
}): { stop(): Promise<void> } {
  const stopping = new AbortController()
  const done = (async () => {
    while (!stopping.signal.aborted) {
      try {
        await rejudgeByTracks(db, keys)
        await rejudgeWatches(db)
      } catch (error) {
        log.warn({ err: error }, 'check-ins not judged again, will try again')
      }
      await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined) // stopped: the loop ends
    }
  })()
  return {
    stop: async () => {
      stopping.abort()
      await done
    },
  }
}
