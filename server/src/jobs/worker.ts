import { Queue, Worker } from 'bullmq'
import type { Db } from '@patrol/db'
import { startAlertSweeper } from '../alert/run-alert-sweeper.ts'
import { runRules } from '../alert/run-rules.ts'
import { sweepAlerts } from '../alert/sweep-alerts.ts'
import { raiseMissedAlerts } from '../alert/raise-missed-alerts.ts'
import { startRejudging } from '../check-in/run-rejudging.ts'
import type { Env } from '../env.ts'
import type { Log } from '../log.ts'
import { forgetPictures } from '../photo/forget-pictures.ts'
import { createPush } from '../push/send-push.ts'
import { startSweeper } from '../window/run-sweeper.ts'
import { countTouchedCells } from '../hotspot/count-cells.ts'
import { samplePresence } from '../report/sample-presence.ts'
import { measureVisits } from '../hotspot/measure-visits.ts'
import { sweepWindows } from '../window/sweep-windows.ts'
import { materialiseWindows } from '../window/materialise-windows.ts'
import { keepHouse } from './housekeeping.ts'
import { refreshHotspots } from './refresh-hotspots.ts'
import { startJobs } from './run-jobs.ts'

/** The timers, by name: how often, and what. Each is harmless when it runs twice, late, or on two workers at once. */
const timers: Record<string, { everyMs: number; run(db: Db, env: Env): Promise<unknown> }> = {
  'windows:sweep': { everyMs: 2_000, run: (db) => sweepWindows(db, { onMissed: raiseMissedAlerts }) },
  'windows:materialise': { everyMs: 3_600_000, run: (db) => materialiseWindows(db) },
  'hotspots:count': { everyMs: 10_000, run: countTouchedCells },
  'alerts:sweep': { everyMs: 1_000, run: (db) => sweepAlerts(db) },
  'alerts:rules': { everyMs: 10_000, run: lookAtRules },
  'hotspots:visits': { everyMs: 300_000, run: measureVisits },
  'hotspots:refresh': { everyMs: 60_000, run: refreshHotspots },
  'house:keep': { everyMs: 60_000, run: keepHouse },
  'photos:forget': { everyMs: 3_600_000, run: (db, env) => forgetPictures(db, env.photoDays) },
}

/** Rules about where units were ask the presence that is sampled first. */
async function lookAtRules(db: Db) {
  await samplePresence(db)
  await runRules(db)
}

/** Runs BullMQ's timers, and beside them the plain sweep that needs no Redis. */
export function startWorker({ db, env, log }: { db: Db; env: Env; log: Log }): { stop(): Promise<void> } {
  const connection = { url: env.redisUrl, maxRetriesPerRequest: null }
  const prefix = `${env.redisPrefix}-jobs`
  const queue = new Queue('timers', {
    connection,
    prefix,
    defaultJobOptions: { removeOnComplete: 10, removeOnFail: 100 },
  })
  const worker = new Worker('timers', async (job) => timers[job.name]?.run(db, env), {
    connection,
    prefix,
    concurrency: 2,
  })
  queue.on('error', () => undefined) // Redis away: the plain sweep goes on, and BullMQ reconnects by itself
  worker.on('error', () => undefined)
  worker.on('failed', (job, error) => log.warn({ err: error, job: job?.name }, 'job failed, will run again'))

  // Schedules live in Redis and may be lost with it (BullMQ issues 3381, 3262, 2876): put them there again and again.
  const schedule = () =>
    Promise.all(
      Object.entries(timers).map(([name, { everyMs }]) =>
        queue.upsertJobScheduler(name, { every: everyMs }, { name }),
      ),
    ).catch(() => undefined)
  void schedule()
  const scheduleTimer = setInterval(schedule, 60_000)

  // Personal data must go also while Redis is away.
  const houseTimer = setInterval(() => {
    Promise.all([keepHouse(db), forgetPictures(db, env.photoDays)]).catch((error: unknown) =>
      log.warn({ err: error }, 'house not kept, will try again'),
    )
  }, 600_000)

  const sweeper = startSweeper({ db, log, onMissed: raiseMissedAlerts })
  const jobs = startJobs({ db, env, log })
  const alertSweeper = startAlertSweeper({
    db,
    log,
    lookAtRules,
    sendPush: createPush({ db, vapid: env.vapid, log }),
  })
  const rejudging = startRejudging({ db, keys: env, log })
  return {
    stop: async () => {
      clearInterval(scheduleTimer)
      clearInterval(houseTimer)
      await sweeper.stop()
      await alertSweeper.stop()
      await rejudging.stop()
      await jobs.stop()
      await worker.close(true)
      await queue.close()
    },
  }
}
