import { existsSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Account } from './account.ts'
import { makeServerFolder } from './base-folder.ts'
import { makeCluster } from './make-cluster.ts'
import { postgresSettings, socketFile } from './postgres-settings.ts'
import { endProcessesIn, signalProcess, waitUntilGone, worksIn } from './process-mark.ts'
import { type Service, type StopMode, withRestart } from './services.ts'
import { spawnServer } from './spawn-server.ts'
import { canLogIn } from './database.ts'

export interface LocalPostgres {
  /** Folder with `postgres` and `initdb`. */
  binaries: string
  /** Its data; the log lies beside it. */
  folder: string
  account: Account | undefined
  port: number
  password: string
  durable: boolean
}

/** Crash recovery replays up to max_wal_size; a slow disk needs its time. */
const START_TIMEOUT_MS = 120_000
const SIGNALS = { fast: 'SIGINT', immediate: 'SIGQUIT', kill: 'SIGKILL' } as const

/** A private PostgreSQL on the loopback interface. */
export function localPostgres(server: LocalPostgres): Service {
  const pid = () => runningPostmaster(server.folder)
  return withRestart({ pid, start: () => start(server), stop: (mode = 'fast') => stop(server, mode) })
}

/** Address of a database, through the socket file where the server has one; the user is its superuser. */
export function postgresUrl(
  { folder, port, password }: Pick<LocalPostgres, 'folder' | 'port' | 'password'>,
  database: string,
): string {
  const url = new URL(`postgres://patrol:${password}@127.0.0.1:${port}/${database}`)
  const socket = socketFile(folder, port)
  // Drivers take this host before the one in front. A server that was started by an older version has no such file.
  if (socket !== undefined && existsSync(socket)) url.searchParams.set('host', folder)
  return url.href
}

/** The pid that postmaster.pid names, if that process is alive and really serves this folder. */
export function runningPostmaster(folder: string): number | undefined {
  const file = join(folder, 'postmaster.pid')
  if (!existsSync(file)) return undefined
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0])
  return worksIn(pid, realpathSync(folder)) ? pid : undefined
}

async function start(server: LocalPostgres): Promise<void> {
  const { folder, account } = server
  if (!existsSync(join(folder, 'PG_VERSION'))) await makeCluster(server)
  makeServerFolder(folder, account)
  const logFile = `${folder}.log`
  let assertAlive = () => undefined as void
  if (runningPostmaster(folder) === undefined) {
    await clearRemains(server)
    const args = ['-D', folder, '-p', String(server.port), ...postgresSettings(server)]
    assertAlive = spawnServer(join(server.binaries, 'postgres'), args, {
      folder,
      logFile,
      account,
    }).assertAlive
  }
  const deadline = Date.now() + START_TIMEOUT_MS
  // It accepts connections before it accepts log-ins, so only a log-in counts.
  while (!(await canLogIn(postgresUrl(server, 'postgres')))) {
    assertAlive()
    if (Date.now() > deadline) throw new Error(`PostgreSQL does not accept log-ins; see ${logFile}.`)
    await sleep(20)
  }
}

async function stop({ folder }: LocalPostgres, mode: StopMode): Promise<void> {
  const pid = runningPostmaster(folder)
  if (pid === undefined) return
  signalProcess(pid, SIGNALS[mode])
  if (await waitUntilGone([pid], 30_000)) return
  signalProcess(pid, 'SIGKILL')
  await waitUntilGone([pid], 5_000)
}

/**
 * After a kill -9: children that still work are ended, and the pid files are removed, since PostgreSQL takes a zombie's or a
 * reused pid for a living postmaster. In this order: the pid file protects the data from a second server.
 */
async function clearRemains({ folder, port }: LocalPostgres): Promise<void> {
  await endProcessesIn(folder)
  if (process.platform !== 'linux') return
  for (const name of ['postmaster.pid', `.s.PGSQL.${port}.lock`]) rmSync(join(folder, name), { force: true })
}
