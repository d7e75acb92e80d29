import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { checkDrift } from './check-drift.ts'
import { type ProcessResult, runProcess } from './run-process.ts'

/** Checks that need no server, in the order in which they are read. */
const CHECKS: { name: string; run: (root: string) => Promise<ProcessResult> }[] = [
  { name: 'typecheck', run: checkTypes },
  { name: 'lint', run: (root) => runBinary(root, 'oxlint', ['--quiet']) },
  {
    name: 'format',
    run: (root) => runBinary(root, 'prettier', ['--check', '--cache', '--log-level=warn', '.']),
  },
  { name: 'migration drift', run: checkDrift },
]

/** Runs all checks beside each other, prints a line for each and the whole output of those that fail. */
export async function runStaticChecks(root: string): Promise<{ passed: number; failed: number }> {
  const counts = { passed: 0, failed: 0 }
  const started = Date.now()
  const checks = CHECKS.map(({ name, run }) => ({
    name,
    result: run(root).then((result) => ({ ...result, seconds: ((Date.now() - started) / 1000).toFixed(1) })),
  }))
  for (const { name, result } of checks) {
    const { code, output, seconds } = await result
    console.log(` ${code === 0 ? '✓' : '×'} ${name} (${seconds} s)`)
    if (code === 0) counts.passed += 1
    else {
      counts.failed += 1
      console.log(output.trimEnd())
    }
  }
  return counts
}

/** TypeScript of the server, then each package that has a script of its own: Svelte files, k6 scripts. */
async function checkTypes(root: string): Promise<ProcessResult> {
  const results = [await runBinary(root, 'tsc', ['-p', 'tsconfig.json'])]
  for (const name of ['dashboard', 'field-client', 'loadtest']) {
    if (existsSync(join(root, name, 'tsconfig.json')))
      results.push(await runScript(root, name, 'typecheck', true))
  }
  const failed = results.filter(({ code }) => code !== 0)
  return { code: failed.length, output: failed.map(({ output }) => output).join('\n') }
}

/** Runs a script of a package's package.json as pnpm would, on a machine that has no pnpm. */
export function runScript(
  root: string,
  folder: string,
  script: string,
  capture = false,
): Promise<ProcessResult> {
  const cwd = join(root, folder)
  const { scripts } = readManifest(join(cwd, 'package.json'))
  const command = scripts[script]
  if (command === undefined) throw new Error(`${folder}/package.json has no script ${script}.`)
  const path = [join(cwd, 'node_modules/.bin'), join(root, 'node_modules/.bin'), process.env['PATH']].join(
    delimiter,
  )
  return runProcess(command, [], { cwd, env: { ...process.env, PATH: path }, capture, shell: true })
}

function runBinary(root: string, name: string, args: string[]): Promise<ProcessResult> {
  return runProcess(join(root, 'node_modules/.bin', name), args, { cwd: root, capture: true })
}

/** The one cast: manifests are ours, and pnpm has read them before us. */
function readManifest(file: string): { scripts: Record<string, string> } {
  return JSON.parse(readFileSync(file, 'utf8')) as { scripts: Record<string, string> }
}
