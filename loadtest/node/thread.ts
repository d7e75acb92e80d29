import { parentPort, Worker } from 'node:worker_threads'

/** What a thread can be asked: one argument, one answer. */
export type Commands = Record<string, (given: never) => unknown>

export interface Thread<C extends Commands> {
  /** Resolves with the thread's answer. @throws what the command threw, or that the thread ended. */
  ask<K extends keyof C & string>(name: K, given: Parameters<C[K]>[0]): Promise<Awaited<ReturnType<C[K]>>>
  stop(): Promise<void>
}

interface Answer {
  nr: number
  value?: unknown
  fault?: string
}

/** Starts a thread. Load and screens have their own each, so that neither waits for the other's event loop. */
export function startThread<C extends Commands>(file: URL, data: unknown): Thread<C> {
  const worker = new Worker(file, { workerData: data })
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  let asked = 0
  let ended: Error | null = null
  const end = (error: Error) => {
    ended ??= error
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }
  worker.on('error', (error) => end(error instanceof Error ? error : new Error(String(error))))
  worker.on('exit', (code) => end(new Error(`The thread ${file.pathname} ended with code ${code}.`)))
  worker.on('message', ({ nr, value, fault }: Answer) => {
    const question = waiting.get(nr)
    waiting.delete(nr)
    if (fault === undefined) question?.resolve(value)
    else question?.reject(new Error(fault))
  })
  return {
    ask: (name, given) =>
      asAnswer(
        new Promise((resolve, reject) => {
          if (ended) return reject(ended)
          waiting.set(++asked, { resolve, reject })
          worker.postMessage({ nr: asked, name, given })
        }),
      ),
    stop: async () => {
      await worker.terminate()
    },
  }
}

/** Both ends of a thread are typed by the same `Commands`; a message between them loses its type on the way. */
function asAnswer<T>(answer: Promise<unknown>): Promise<T> {
  return answer as Promise<T>
}

/** The thread's end: answers each message with the command of its name. */
export function answerCommands(commands: Commands): void {
  const port = parentPort
  if (port === null) throw new Error('This file runs as a thread of a load test.')
  const byName = new Map<string, (given: never) => unknown>(Object.entries(commands))
  port.on('message', async ({ nr, name, given }: { nr: number; name: string; given: never }) => {
    try {
      const command = byName.get(name)
      if (command === undefined) throw new Error(`No command ${name}.`)
      port.postMessage({ nr, value: await command(given) } satisfies Answer)
    } catch (error) {
      port.postMessage({ nr, fault: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  })
}
