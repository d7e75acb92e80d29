import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * "pid start-time" of a living process, else undefined. The start time tells a reused pid from the process we knew, and a zombie
 * (which `kill -0` calls alive, and which stays for good where nobody reaps, as in many containers) counts as dead.
 */
export function markOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return markByPs(pid)
  const stat = readProc(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  // The second field is the program's name in parentheses and may hold spaces; state is the third field, start time the 22nd.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : `${pid} ${fields[19]}`
}

/** Whether the living process `pid` works in `folder`: both PostgreSQL and Redis make their data folder the current one. */
export function worksIn(pid: number, folder: string): boolean {
  if (markOf(pid) === undefined) return false
  if (process.platform !== 'linux') {
    return spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout.includes(
      folder,
    )
  }
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === folder
  } catch {
    return false
  }
}

/** Ends all processes that work in `folder`, which includes the children a killed postmaster left behind. Linux only. */
export async function endProcessesIn(folder: string): Promise<void> {
  if (process.platform !== 'linux') return
  const real = realpathSync(folder)
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const pids = all.map(Number).filter((pid) => worksIn(pid, real))
  for (const pid of pids) signalProcess(pid, 'SIGKILL')
  if (!(await waitUntilGone(pids, 5_000)))
    throw new Error(`Processes ${pids.join(', ')} still use ${folder}.`)
}

/** Resolves true once none of the processes is alive, false when time is up first. */
export async function waitUntilGone(pids: number[], timeoutMilliseconds: number): Promise<boolean> {
  const marks = pids.map((pid) => ({ pid, mark: markOf(pid) }))
  const deadline = Date.now() + timeoutMilliseconds
  while (marks.some(({ pid, mark }) => mark !== undefined && markOf(pid) === mark)) {
    if (Date.now() > deadline) return false
    await sleep(10)
  }
  return true
}

/** Sends a signal; a process that has just ended by itself is no error. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

function markByPs(pid: number): string | undefined {
  const { status, stdout } = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' })
  const [state = 'Z', ...started] = stdout.trim().split(/\s+/)
  return status !== 0 || state.startsWith('Z') ? undefined : `${pid} ${started.join(' ')}`
}

function readProc(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // The process ended between two looks.
    return undefined
  }
}
