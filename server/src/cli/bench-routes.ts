import { readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { BadInstance } from './bench-routes/instance-file.ts'
import { planOneShift } from './bench-routes/plan-one-shift.ts'
import { makeRoads, readRoads } from './bench-routes/read-roads.ts'
import { FORMATS, solveFile, type Format } from './bench-routes/solve-file.ts'

const EXIT_BAD_FILE = 1
const EXIT_USAGE = 2
/** Lie beside instances but are none: answers, notes, published tours. */
const NOT_INSTANCES = /^(readme.*|\..*|.*\.(json|md|tour|sol|csv))$/i

interface Output {
  out(line: object): void
  err(text: string): void
}

const CONSOLE: Output = {
  out: (line) => void process.stdout.write(`${JSON.stringify(line)}\n`),
  err: (text) => void process.stderr.write(text),
}

type Options = {
  format: Format
  dir: string
  seconds?: number
  iterations?: number
  vehicles: number
  seed: number
}

/**
 * Solves every instance of a folder (or one file), one after another on this thread.
 * @param args without node and script
 * @returns the exit code: 0 all solved, 1 some file was bad (the others are solved), 2 wrong call or nothing to solve
 */
export function runBenchRoutes(args: string[], output: Output = CONSOLE): number {
  const command: Command = buildCommand(output)
  try {
    const options = command.parse(args, { from: 'user' }).opts<Options>()
    // npm and pnpm change the directory to the package's; INIT_CWD is where the user typed the command.
    const path = resolve(process.env.INIT_CWD ?? process.cwd(), options.dir)
    const files = listInstances(path)
    if (files === undefined) command.error(`error: ${path} does not exist or cannot be read`)
    if (files.length === 0) command.error(`error: ${path} has no instances`)
    let bad = 0
    for (const [i, file] of files.entries()) {
      output.err(`${i + 1}/${files.length} ${file}\n`)
      try {
        output.out(solveFile(options.format, file, options.vehicles, options))
      } catch (error) {
        if (!(error instanceof BadInstance)) throw error
        bad++
        output.err(`error: ${error.message}\n`)
      }
    }
    return bad > 0 ? EXIT_BAD_FILE : 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE
    throw error
  }
}

/** The instances in a folder, by name; undefined when there is no such path. */
function listInstances(path: string): string[] | undefined {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return undefined
  if (!found.isDirectory()) return [path]
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && !NOT_INSTANCES.test(entry.name))
    .map((entry) => join(path, entry.name))
    .sort()
}

function buildCommand(output: Output): Command {
  return new Command('bench:routes')
    .description('Plans routes on published instances with the solver that plans patrols.')
    .addOption(new Option('--format <format>', 'format of the files').choices(FORMATS).makeOptionMandatory())
    .requiredOption('--dir <path>', 'a folder of instances, or one file')
    .option(
      '--seconds <s>',
      'search time per file, reading apart (default: 1 without --iterations)',
      readSeconds,
    )
    .option('--iterations <n>', 'improvement rounds per file: the same seed gives the same answer', readCount)
    .option('--vehicles <m>', 'units, for toptw', readCount, 1)
    .option('--seed <n>', 'seed of the random numbers', readSeed, 1)
    .option('--json', 'JSON lines on standard output (always so; accepted for symmetry)')
    .addHelpText(
      'after',
      `
One line per file:
  tsplib  {instance, seconds, length, tour}     node ids from 0
  op      {instance, seconds, score, path}      from 0 to 1
  oplib   {instance, seconds, score, tour}      depot first, not repeated
  toptw   {instance, vehicles, seconds, score, routes}   points per unit, without the depot 0
With --seconds and --iterations, whichever is reached first ends the search.

--shift [--roads FOLDER] [--points N] plans one shift route on a road graph instead.

Exit code: 0 all solved, 1 a file was bad (the others are solved), 2 wrong call or nothing to solve.`,
    )
    .configureOutput({ writeOut: output.err, writeErr: output.err })
    .exitOverride()
}

function readSeconds(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value <= 86_400))
    throw new InvalidArgumentError('A number of seconds above 0 is needed.')
  return value
}

function readCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('A whole number of 1 or more is needed.')
  return Number(text)
}

function readSeed(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('A whole number of 0 or more is needed.')
  return Number(text)
}

/** Plans one shift's route, roads and all: `--shift [--roads FOLDER] [--points N] [--seed N]`, one JSON line. */
async function runShift(args: string[]): Promise<number> {
  const options = new Command('bench:routes --shift')
    .option('--shift')
    .option('--roads <folder>', 'a folder with edges.csv and nodes.csv (default: a made town)')
    .option('--points <n>', 'patrol points of the shift', readCount, 60)
    .option('--seed <n>', 'seed of the random numbers', readSeed, 1)
    .option('--json', 'always so; accepted for symmetry')
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE))
    .parse(args, { from: 'user' })
    .opts<{ roads?: string; points: number; seed: number }>()
  const folder = options.roads && resolve(process.env.INIT_CWD ?? process.cwd(), options.roads)
  const roads = folder === undefined ? makeRoads() : readRoads(folder)
  if (roads === undefined) {
    CONSOLE.err(`error: ${folder} has no edges.csv and nodes.csv\n`)
    return EXIT_USAGE
  }
  CONSOLE.out(await planOneShift(roads, options))
  return 0
}

if (import.meta.main) {
  const args = process.argv.slice(2)
  process.exitCode = args.includes('--shift') ? await runShift(args) : runBenchRoutes(args)
}
