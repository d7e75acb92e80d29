import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import type { Account } from './account.ts'

/** A server that has just been started. */
export interface StartedServer {
  /** Throws, with the end of its log, when it has ended already. */
  assertAlive(): void
}

/** Starts a server that outlives this process: in a group of its own, so that Ctrl-C in the terminal does not reach it. */
export function spawnServer(
  program: string,
  args: string[],
  { folder, logFile, account }: { folder: string; logFile: string; account: Account | undefined },
): StartedServer {
  const output = openSync(logFile, 'a', 0o600)
  const child = spawn(program, args, {
    // A working folder it can certainly enter; ours may be closed to the account.
    cwd: folder,
    detached: true,
    stdio: ['ignore', output, output],
    // The C locale exists everywhere; a LANG that is not installed stops both servers.
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    ...account,
  })
  closeSync(output)
  child.unref()
  let ended: string | undefined
  child.once('error', (error) => (ended = error.message))
  child.once('exit', (code, signal) => (ended = `it ended with ${signal ?? `code ${code}`}`))
  return {
    assertAlive() {
      if (ended === undefined) return
      throw new Error(`${program} did not start: ${ended}.\n${tail(logFile)}`)
    },
  }
}

/** The last lines of a log, which name the reason. */
function tail(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-8).join('\n')
}
