import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const root = join(import.meta.dirname, '../..')
/** The server as `npm start` runs it: bundled. */
const program = join(root, 'server/dist/program/main.js')

export type Roles = 'gateway,relay,worker' | 'gateway' | 'relay' | 'worker'

/** One process of the program under test, which may be killed and started again on the same port. */
export interface ServerProcess {
  roles: Roles
  /** Its name in pg_stat_activity. */
  name: string
  /** Address of a gateway; of the others the port is not used. */
  origin: string
  start(): Promise<void>
  /** Resolves when it answers /readyz with 200; at once for a process without doors. */
  ready(): Promise<void>
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
  stop(): Promise<void>
}

/** Bundles the server where its sources are newer. @throws when it does not build */
export async function buildServer(say: (line: string) => void): Promise<void> {
  const build = spawn(process.execPath, [join(root, 'server/src/cli/build.ts'), '--server'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const lines: string[] = []
  if (build.stderr)
    createInterface({ input: build.stderr }).on('line', (line) => (lines.push(line), say(line)))
  const [code] = await once(build, 'close')
  if (code !== 0) throw new Error(`The server did not build:\n${lines.join('\n')}`)
}

/**
 * A process of the server with these settings, not started yet. What it says goes into `logFile`. It ends by itself when this
 * process is gone: the pipe that it holds closes.
 */
export async function makeServerProcess({
  name,
  roles,
  settings,
  logFile,
  nodeOptions = [],
}: {
  name: string
  roles: Roles
  settings: Record<string, string>
  logFile: string
  nodeOptions?: string[]
}): Promise<ServerProcess> {
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  let child: ChildProcess | null = null
  let stopping = false

  const end = async (signal: NodeJS.Signals) => {
    const running = child
    if (running === null || running.exitCode !== null || running.signalCode !== null) return
    stopping = true
    const gone = once(running, 'exit')
    running.kill(signal)
    await gone
  }

  return {
    roles,
    name,
    origin,
    async start() {
      const log = openSync(logFile, 'a')
      stopping = false
      const started = spawn(
        process.execPath,
        [...nodeOptions, '--import', join(root, 'server/bin/end-with-parent.mjs'), program],
        {
          cwd: root,
          stdio: ['ignore', log, log, 'pipe'],
          env: {
            PATH: process.env['PATH'],
            NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
            PATROL_PARENT_PIPE: '3',
            LOG_LEVEL: 'warn',
            ...settings,
            ROLES: roles,
            HOST: '127.0.0.1',
            PORT: String(port),
            PUBLIC_ORIGIN: origin,
          },
        },
      )
      closeSync(log)
      child = started
      started.once('exit', (code) => {
        if (!stopping)
          process.stderr.write(`A server process (${roles}) ended with code ${code}; see ${logFile}.\n`)
      })
      await once(started, 'spawn')
    },
    async ready() {
      if (!roles.includes('gateway')) return
      const deadline = Date.now() + 60_000
      while (!(await isReady(origin))) {
        if (child?.exitCode !== null || Date.now() > deadline) {
          throw new Error(`The server (${roles}) does not become ready; see ${logFile}.`)
        }
        await sleep(10)
      }
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  }
}

async function isReady(origin: string): Promise<boolean> {
  return fetch(`${origin}/readyz`, { signal: AbortSignal.timeout(2_000) }).then(
    async (response) => {
      await response.arrayBuffer()
      return response.ok
    },
    () => false, // not listening yet
  )
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  probe.close()
  await once(probe, 'close')
  return port
}
