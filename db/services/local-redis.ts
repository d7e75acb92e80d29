import { chownSync, existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Account } from './account.ts'
import { askRedis } from './ask-redis.ts'
import { makeServerFolder } from './base-folder.ts'
import { signalProcess, waitUntilGone, worksIn } from './process-mark.ts'
import { type Service, type StopMode, withRestart } from './services.ts'
import { spawnServer } from './spawn-server.ts'

export interface LocalRedis {
  /** The program redis-server. */
  binary: string
  folder: string
  account: Account | undefined
  port: number
  password: string
  durable: boolean
}

const START_TIMEOUT_MS = 30_000

/** A private Redis on the loopback interface. */
export function localRedis(server: LocalRedis): Service {
  const pid = () => runningRedis(server.folder)
  return withRestart({ pid, start: () => start(server), stop: (mode = 'fast') => stop(server, mode) })
}

export function redisUrl({ port, password }: Pick<LocalRedis, 'port' | 'password'>): string {
  return `redis://:${password}@127.0.0.1:${port}/0`
}

export function runningRedis(folder: string): number | undefined {
  const file = join(folder, 'redis.pid')
  if (!existsSync(file)) return undefined
  const pid = Number(readFileSync(file, 'utf8'))
  return worksIn(pid, realpathSync(folder)) ? pid : undefined
}

async function start(server: LocalRedis): Promise<void> {
  const { binary, folder, account } = server
  const logFile = `${folder}.log`
  let assertAlive = () => undefined as void
  if (runningRedis(folder) === undefined) {
    makeServerFolder(folder, account)
    const settings = writeSettings(server)
    assertAlive = spawnServer(binary, [settings], { folder, logFile, account }).assertAlive
  }
  const deadline = Date.now() + START_TIMEOUT_MS
  while (!(await isReady(redisUrl(server)))) {
    assertAlive()
    if (Date.now() > deadline) throw new Error(`Redis does not answer; see ${logFile}.`)
    await sleep(20)
  }
}

async function stop({ folder }: LocalRedis, mode: StopMode): Promise<void> {
  const pid = runningRedis(folder)
  if (pid === undefined) return
  signalProcess(pid, mode === 'fast' ? 'SIGTERM' : 'SIGKILL')
  if (await waitUntilGone([pid], 10_000)) return
  signalProcess(pid, 'SIGKILL')
  await waitUntilGone([pid], 5_000)
}

/** In a file, not on the command line, since the password is in it. */
function writeSettings({ folder, account, port, password, durable }: LocalRedis): string {
  const file = join(folder, 'redis.conf')
  const settings = [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    `dir ${JSON.stringify(realpathSync(folder))}`,
    `pidfile ${JSON.stringify(join(realpathSync(folder), 'redis.pid'))}`,
    // BullMQ's queues must survive a restart and never be evicted.
    'appendonly yes',
    `appendfsync ${durable ? 'everysec' : 'no'}`,
    'save ""',
    'maxmemory-policy noeviction',
    // A gateway that stops reading is cut at this backlog and catches up from Postgres.
    'client-output-buffer-limit pubsub 64mb 16mb 60',
  ]
  writeFileSync(file, settings.join('\n') + '\n', { mode: 0o600 })
  if (account) chownSync(file, account.uid, account.gid)
  return file
}

/** A wrong password is no reason to wait; a refused connection and "LOADING" are. */
async function isReady(url: string): Promise<boolean> {
  const answer = await askRedis(url, 'PING').catch(() => '')
  if (/WRONGPASS|NOAUTH/.test(answer))
    throw new Error('Redis runs with another password than its data folder says.')
  return answer === '+PONG'
}
