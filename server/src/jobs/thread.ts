import { readlinkSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { basename } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { connect } from '@patrol/db'
import { jobKinds } from './kinds.ts'
import type { ThreadMessage, ThreadOrder } from './run-in-thread.ts'

/** The one place that knows what run-in-thread.ts put there. */
const { databaseUrl, connectionName, kind, input, seed, requestedBy, now, osrmUrl } =
  workerData as ThreadOrder
const say = (message: ThreadMessage) => parentPort?.postMessage(message)

// On Linux this is the priority of the calling thread alone; elsewhere it would be that of the whole process.
if (process.platform === 'linux') {
  setPriority(constants.priority.PRIORITY_LOW)
  say({ systemId: Number(basename(readlinkSync('/proc/thread-self'))) })
}

const db = connect(databaseUrl, {
  max: 3,
  name: connectionName,
  // A thread that is ended says no good-bye: without this its query would go on to the end.
  settings: '-c client_connection_check_interval=200ms',
})

try {
  const result = await jobKinds[kind].run(
    {
      db,
      seed,
      requestedBy,
      now,
      osrmUrl,
      report: (progress, note) => say({ progress, note: note ?? null }),
    },
    input,
  )
  say({ result })
} catch (error) {
  say({ error: error instanceof Error ? error.message : String(error) })
} finally {
  await db.$client.end()
}
