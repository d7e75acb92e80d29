import { constants, setPriority } from 'node:os'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { JobKind } from '@patrol/contract'

/**
 * A thread cannot be ended while its young objects are collected: with V8's own limit that takes up to 80 ms where many of them
 * live on (rows that are read), with this one 15.
 */
const maxYoungGenerationSizeMb = 6

/** What a thread is started with. */
export interface ThreadOrder {
  databaseUrl: string
  /** By it PostgreSQL knows the thread's connections. */
  connectionName: string
  kind: JobKind
  input: unknown
  seed: number
  requestedBy: number | null
  now: Date
  osrmUrl: string
}

/** What a thread says. */
export type ThreadMessage =
  | { systemId: number }
  | { progress: number; note: string | null }
  | { result: Record<string, unknown> }
  | { error: string }

export interface RunningThread {
  /** The answer; null where it was ended. @throws what the work threw */
  done: Promise<Record<string, unknown> | null>
  /** Ends it in the middle of whatever it does; resolves when it is gone. */
  end(): Promise<void>
}

/** Runs heavy work in a thread of its own, so that no event loop waits for it and it can be ended at any instant. */
export function runInThread(
  order: ThreadOrder,
  onProgress: (progress: number, note: string | null) => void,
): RunningThread {
  // Beside this file in the sources (.ts) and in the bundle (.js).
  const file = new URL(`./thread${extname(import.meta.filename)}`, import.meta.url)
  const thread = new Worker(file, { workerData: order, resourceLimits: { maxYoungGenerationSizeMb } })
  let ended = false
  let systemId: number | null = null
  const done = new Promise<Record<string, unknown> | null>((resolve, reject) => {
    // Its queries are cut off with it: what it has to say of that is no failure of the work.
    const fail = (error: unknown) => (ended ? resolve(null) : reject(error))
    thread.on('message', (message: ThreadMessage) => {
      if ('progress' in message) onProgress(message.progress, message.note)
      else if ('systemId' in message) systemId = message.systemId
      else if ('result' in message) resolve(message.result)
      else fail(new Error(message.error))
    })
    thread.on('error', fail)
    thread.on('exit', (code) => {
      systemId = null // the next thread may get the same
      if (ended) resolve(null)
      else reject(new Error(`The thread ended without an answer (code ${code}).`))
    })
  })
  return {
    done,
    end: async () => {
      ended = true
      if (systemId !== null) hurry(systemId)
      await thread.terminate()
    },
  }
}

/**
 * Gives a thread the usual priority for its last milliseconds. On a busy machine one of the lowest waits for its turn to
 * stop, half a second and longer, with its memory and connections.
 */
function hurry(systemId: number): void {
  try {
    setPriority(systemId, constants.priority.PRIORITY_NORMAL)
  } catch {
    // Only root or CAP_SYS_NICE may; others wait, and what the thread finds is not taken either way.
  }
}
