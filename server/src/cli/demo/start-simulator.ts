import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import type { SimulatorInput } from './simulator-input.ts'

export interface Simulator {
  /** Resolves when its process is gone. */
  stop(): Promise<void>
  /** Hands it new sessions or codes. */
  tell(input: Partial<SimulatorInput>): void
}

/** How long it is given to say goodbye, and how long to wait before it is started again after a crash. Milliseconds. */
const patience = 5_000

/** Starts the simulator as a process of its own, and again when it dies. It ends with our end of its standard input. */
export function startSimulator(
  root: string,
  options: {
    origin: string
    cookieName: string
    databaseUrl: string
    units: number
    certFile: string | null
    input: SimulatorInput
    log: (line: string) => void
  },
): Simulator {
  let known = options.input
  let stopping = false
  let child = launch()

  function launch(): ChildProcess {
    const file = join(root, 'loadtest/node/simulator/main.ts')
    const args = [
      '--server',
      options.origin,
      '--cookie',
      options.cookieName,
      '--units',
      String(options.units),
    ]
    const started = spawn(process.execPath, [file, ...args], {
      cwd: root,
      stdio: ['pipe', 'ignore', 'inherit'],
      // A group of its own: Ctrl-C in the terminal is ours, and we stop it after the last upload.
      detached: true,
      env: {
        ...process.env,
        DATABASE_URL: options.databaseUrl,
        ...(options.certFile === null ? {} : { NODE_EXTRA_CA_CERTS: options.certFile }),
      },
    })
    started.stdin?.on('error', () => undefined) // it died: the exit below is what counts
    started.stdin?.write(`${JSON.stringify(known)}\n`)
    started.once('exit', (code, signal) => {
      if (stopping) return
      options.log(`The simulator ended (${signal ?? code}); it starts again in ${patience / 1_000} s.`)
      setTimeout(() => {
        if (!stopping) child = launch()
      }, patience)
    })
    return started
  }

  return {
    tell(input) {
      known = { ...known, ...input }
      child.stdin?.write(`${JSON.stringify(input)}\n`)
    },
    stop: () => {
      stopping = true
      if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
      return new Promise((resolve) => {
        const timer = setTimeout(() => child.kill('SIGKILL'), patience)
        child.once('exit', () => {
          clearTimeout(timer)
          resolve()
        })
        child.kill('SIGTERM')
      })
    },
  }
}
