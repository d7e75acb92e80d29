import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const serverFolder = join(import.meta.dirname, '../../..')

export interface WorkerProcess {
  /** Its `application_name` in PostgreSQL. */
  name: string
  kill(): void
  /** Asks it to end and waits until it is gone. */
  stop(): Promise<void>
}

/** Starts processes of the real program that are workers only. They end with this process, however it ends. */
export function startWorkers(
  count: number,
  { databaseUrl, redisUrl, redisPrefix }: { databaseUrl: string; redisUrl: string; redisPrefix: string },
): WorkerProcess[] {
  const secret = () => randomBytes(32).toString('base64')
  return Array.from({ length: count }, (_, index) => {
    const name = `bench worker ${index + 1}`
    const url = new URL(databaseUrl)
    url.searchParams.set('application_name', name)
    const child = spawn(
      process.execPath,
      [
        '--import',
        pathToFileURL(join(serverFolder, 'bin/end-with-parent.mjs')).href,
        join(serverFolder, 'src/main.ts'),
      ],
      {
        // Its log goes beside our progress; the fourth is the pipe that closes when we die.
        stdio: ['ignore', 2, 2, 'pipe'],
        env: {
          ...process.env,
          PATROL_PARENT_PIPE: '3',
          ROLES: 'worker',
          LOG_LEVEL: 'error',
          DATABASE_URL: url.href,
          REDIS_URL: redisUrl,
          REDIS_PREFIX: redisPrefix,
          SERVER_KEY: secret(),
          TAG_KEYS: JSON.stringify({ 1: secret() }),
        },
      },
    )
    const gone = once(child, 'exit')
    return {
      name,
      kill: () => void child.kill('SIGKILL'),
      stop: async () => {
        child.kill('SIGTERM')
        await gone
      },
    }
  })
}
