import { resolve } from 'node:path'
import { Command, CommanderError } from 'commander'
import { CaseInputError, type ConformanceKind } from './conformance/cases.ts'
import { runGiCases } from './conformance/gistar.ts'
import { runH3Cases } from './conformance/h3.ts'
import { runSunCases } from './conformance/sun.ts'
import { runTrackerCases, TRACKERS_CAVEAT } from './conformance/trackers.ts'

const EXIT_FAILED_CASE = 1
const EXIT_USAGE = 2

/** What can be checked; the key is commander's name of the option in `flags`. */
const KINDS: Record<string, ConformanceKind> = {
  sun: { flags: '--sun <file>', description: 'secure-tag vectors (NTAG 424 DNA)', run: runSunCases },
  trackers: {
    flags: '--trackers <path>',
    description: 'tracker messages: a folder of case files, or one',
    caveat: TRACKERS_CAVEAT,
    run: runTrackerCases,
  },
  h3: {
    flags: '--h3 <path>',
    description: 'H3 cell and centre pairs: a folder, or one file',
    run: runH3Cases,
  },
  gistar: {
    flags: '--gistar <path>',
    description: 'Getis-Ord Gi and Gi* z values: a folder of case files, or one',
    run: runGiCases,
  },
}

interface Output {
  out(line: string): void
  err(text: string): void
}

const CONSOLE: Output = {
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (text) => void process.stderr.write(text),
}

/**
 * Runs the cases of the files named in `args` (without node and script), relative to where the user stands, and
 * writes one JSON line per case and `{passed, failed}` last.
 * @returns the exit code: 0, 1 when a case fails, 2 when the call or a file is wrong.
 */
export async function runConformance(args: string[], output: Output = CONSOLE): Promise<number> {
  const command = buildCommand(output)
  try {
    command.parse(args, { from: 'user' })
    const chosen = Object.entries(command.opts<Record<string, string | boolean>>()).flatMap(
      ([name, path]) => {
        const kind = KINDS[name]
        return kind && typeof path === 'string' ? [{ kind, path: resolveFromUser(path) }] : []
      },
    )
    if (chosen.length === 0) command.error(`error: name what to check: ${listFlags()}`)
    return await printCases(chosen, output)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE
    if (!(error instanceof CaseInputError)) throw error
    output.err(`error: ${error.message}\n`)
    return EXIT_USAGE
  }
}

function buildCommand(output: Output): Command {
  const command = new Command('conformance')
    .description('Checks this program against published vectors. One JSON line per case: {id, got, pass}.')
    .option('--json', 'JSON lines on standard output (always so; accepted for symmetry)')
    .addHelpText('after', '\nExit code: 0 all passed, 1 a case failed, 2 wrong call or unreadable file.')
    .configureOutput({ writeOut: (text) => output.out(text.trimEnd()), writeErr: output.err })
    .exitOverride()
  for (const kind of Object.values(KINDS)) command.option(kind.flags, kind.description)
  return command
}

async function printCases(
  chosen: { kind: ConformanceKind; path: string }[],
  output: Output,
): Promise<number> {
  let passed = 0
  let failed = 0
  for (const { kind, path } of chosen) {
    if (kind.caveat) output.err(`${kind.caveat}\n`)
    for await (const result of kind.run(path)) {
      output.out(JSON.stringify(result))
      if (result.pass === true) passed++
      if (result.pass === false) failed++
    }
  }
  output.out(JSON.stringify({ passed, failed }))
  return failed > 0 ? EXIT_FAILED_CASE : 0
}

/** npm and pnpm change the directory to the package's; INIT_CWD is where the user typed the command. */
function resolveFromUser(path: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), path)
}

function listFlags(): string {
  return Object.values(KINDS)
    .map(({ flags }) => flags)
    .join(', ')
}

if (import.meta.main) process.exitCode = await runConformance(process.argv.slice(2))
