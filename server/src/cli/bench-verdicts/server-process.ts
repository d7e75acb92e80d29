import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import type { BenchKeys } from './build-city.ts'

const serverFolder = join(import.meta.dirname, '../../..')
const startsWithinMs = 30_000

/** Starts the real program with all its roles on a free port of loopback. It ends with this process, however that ends. */
export async function startServer(
  keys: BenchKeys,
  services: { databaseUrl: string; redisUrl: string; redisPrefix: string },
): Promise<{ origin: string; stop(): Promise<void> }> {
  const child = spawn(
    process.execPath,
    [
      '--import',
      pathToFileURL(join(serverFolder, 'bin/end-with-parent.mjs')).href,
      join(serverFolder, 'src/main.ts'),
    ],
    {
      // Its log tells where it listens; the fourth is the pipe that closes when we die.
      stdio: ['ignore', 'pipe', 2, 'pipe'],
      env: {
        PATH: process.env['PATH'],
        NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
        PATROL_PARENT_PIPE: '3',
        ...settingsOf(keys, services),
      },
    },
  )
  const gone = once(child, 'exit')
  const late = setTimeout(() => child.kill('SIGKILL'), startsWithinMs)
  if (child.stdout === null) throw new Error('The server was started without a pipe for its log.')
  const lines = createInterface({ input: child.stdout })
  const origin = await new Promise<string>((resolve, reject) => {
    lines.on('line', (line) => {
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0]
      if (address !== undefined) resolve(address)
      if (/"level":(40|50|60)/.test(line)) process.stderr.write(`${line}\n`)
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`The server ended (${code}) before it listened.`)))
  }).finally(() => clearTimeout(late))
  return {
    origin,
    async stop() {
      child.kill('SIGTERM')
      await gone
    },
  }
}

/** The server's settings, as the environment has them. */
export function settingsOf(
  keys: BenchKeys,
  services: { databaseUrl: string; redisUrl: string; redisPrefix: string },
): Record<string, string> {
  return {
    HOST: '127.0.0.1',
    PORT: '0',
    DATABASE_URL: services.databaseUrl,
    REDIS_URL: services.redisUrl,
    REDIS_PREFIX: services.redisPrefix,
    TAG_KEYS: JSON.stringify({ 1: keys.tagKey.toString('base64') }),
    SERVER_KEY: keys.serverKey.toString('base64'),
    NFC_MASTER_KEY: keys.nfcMasterKey.toString('base64'),
  }
}
