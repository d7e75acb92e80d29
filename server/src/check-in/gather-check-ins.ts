import type { CheckInReceipt } from '@patrol/contract'
import type { Db } from '@patrol/db'
import type { CheckInKeys } from './read-proof.ts'
import { recordCheckIns, type Submission } from './record-check-in.ts'

/** Two transactions at once: while one waits for the disk, the other is judged. */
const lanes = 2
/** Check-ins in one transaction: about 50 ms of work, which the last of them waits for. */
const gatherLimit = 200

interface Job {
  submission: Submission
  resolve(receipts: CheckInReceipt[]): void
  reject(error: unknown): void
}

/**
 * Submissions that arrive while others are committed share the next transaction. Alone, each costs eight round trips and a
 * commit, and a herd of phones keeps every connection of the pool busy: 400 uploads at once held up all log-ins of sockets for
 * 17 s. Nobody is answered before the commit that holds their check-ins.
 */
export function createCheckInRecorder(
  db: Db,
  keys: CheckInKeys,
): (submission: Submission) => Promise<CheckInReceipt[]> {
  let queue: Job[] = []
  let running = 0

  function start() {
    if (running >= lanes || queue.length === 0) return
    running++
    void record(takeJobs()).finally(() => {
      running--
      start()
    })
  }

  function takeJobs(): Job[] {
    let size = 0
    let count = 0
    for (const { submission } of queue) {
      size += submission.checkIns.length
      if (count > 0 && size > gatherLimit) break
      count++
    }
    const jobs = queue.slice(0, count)
    queue = queue.slice(count)
    return jobs
  }

  async function record(jobs: Job[]): Promise<void> {
    try {
      const receipts = await recordCheckIns(
        db,
        keys,
        jobs.map((job) => job.submission),
      )
      jobs.forEach((job, nr) => job.resolve(receipts[nr] ?? []))
    } catch (error) {
      const [only, ...others] = jobs
      if (others.length === 0) only?.reject(error)
      // One that cannot be stored must not take the others with it: each by itself.
      else await Promise.all(jobs.map((job) => record([job])))
    }
  }

  return (submission) =>
    new Promise((resolve, reject) => {
      queue.push({ submission, resolve, reject })
      start()
    })
}
