import { setTimeout as sleep } from 'node:timers/promises'
import type { Db } from '@patrol/db'
import type { Log } from '../log.ts'
import type { SendPush } from '../push/send-push.ts'
import { pushNotices } from './push-notices.ts'
import { sweepAlerts } from './sweep-alerts.ts'

const sweepMs = 1_000
const rulesMs = 10_000

/**
 * Sweeps and wakes phones once a second and looks at the rules every ten, with nothing but PostgreSQL; BullMQ's timers do the same beside it
 * (jobs/worker.ts). Any number of processes may run it: the sweep and the rules each hold a lock of the database.
 */
export function startAlertSweeper({
  db,
  log,
  lookAtRules,
  sendPush,
}: {
  db: Db
  log: Pick<Log, 'warn'>
  lookAtRules: (db: Db) => Promise<void>
  sendPush: SendPush
}): { stop(): Promise<void> } {
  const stopping = new AbortController()

  async function repeat(what: string, everyMs: number, run: () => Promise<unknown>) {
    while (!stopping.signal.aborted) {
      try {
        await run()
      } catch (error) {
        log.warn({ err: error }, `${what} failed, will try again`)
      }
      await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined) // stopped: the loop ends
    }
  }

  const done = Promise.all([
    repeat('alert sweep', sweepMs, () => sweepAlerts(db)),
    repeat('alert rules', rulesMs, () => lookAtRules(db)),
    // A loop of its own: push services may take their time.
    repeat('waking phones', sweepMs, () => pushNotices(db, sendPush)),
  ])
  return {
    stop: async () => {
      stopping.abort()
      await done
    },
  }
}
