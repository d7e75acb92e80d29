import { spawn } from 'node:child_process'

export interface ProcessResult {
  /** Exit code; 1 when a signal ended it. */
  code: number
  /** What it printed, both streams in order; empty unless captured. */
  output: string
}

/** Runs a program to its end. Signals sent to us are passed on, since ours is a process group of its own. */
export function runProcess(
  program: string,
  args: string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv; capture?: boolean; shell?: boolean },
): Promise<ProcessResult> {
  const { capture = false, ...rest } = options
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...rest,
      stdio: ['ignore', capture ? 'pipe' : 2, capture ? 'pipe' : 2],
    })
    const forward = (signal: NodeJS.Signals) => child.kill(signal)
    process.on('SIGINT', forward).on('SIGTERM', forward)
    const chunks: Buffer[] = []
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.once('error', reject)
    child.once('close', (code) => {
      process.off('SIGINT', forward).off('SIGTERM', forward)
      resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString() })
    })
  })
}
