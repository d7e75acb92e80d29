import { resolve } from 'node:path'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { backtestFile, type FileOptions } from './bench-hotspots/backtest-file.ts'
import { measureSpeed } from './bench-hotspots/measure-speed.ts'
import { PointsInputError } from './bench-hotspots/read-points.ts'

const EXIT_FAILED = 1
const EXIT_USAGE = 2

interface Output {
  out(line: object): void
  err(text: string): void
}

const CONSOLE: Output = {
  out: (line) => void process.stdout.write(`${JSON.stringify(line)}\n`),
  err: (text) => void process.stderr.write(text),
}

type Options = {
  points?: string
  horizon?: number
  areaKm2?: number
  cityKm2?: number
  category?: string
  bbox?: [number, number, number, number]
  folds: number
  speed?: boolean
}

/**
 * Forecasts past windows of a file of points and compares with what happened, or measures speed.
 * @param args without node and script
 * @returns the exit code: 0, 1 when a speed is below its target, 2 when the call or the file is wrong
 */
export async function runBenchHotspots(args: string[], output: Output = CONSOLE): Promise<number> {
  const command = buildCommand(output)
  try {
    const options = command.parse(args, { from: 'user' }).opts<Options>()
    const progress = (line: string): void => output.err(`${line}\n`)
    if (options.speed) {
      let held = true
      for await (const measure of measureSpeed(progress)) {
        output.out(measure)
        held &&= measure.holds
      }
      return held ? 0 : EXIT_FAILED
    }
    for await (const line of backtestFile(readFileOptions(command, options), progress)) output.out(line)
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE
    if (!(error instanceof PointsInputError)) throw error
    output.err(`error: ${error.message}\n`)
    return EXIT_USAGE
  }
}

function buildCommand(output: Output): Command {
  return new Command('bench:hotspots')
    .description(
      'Forecasts the last windows of a file of points, each from what happened before it, and compares with plain counting.',
    )
    .option('--points <file>', 'CSV with time,lon,lat,category (or lng, type), plain or gzip')
    .option('--horizon <days>', 'length of a window', readWhole)
    .option('--area-km2 <km2>', 'area that can be patrolled', readPositive)
    .option('--city-km2 <km2>', 'area of the whole city', readPositive)
    .option('--category <name>', 'only rows of this category (default: all rows)')
    .option('--bbox <w,s,e,n>', 'only points within these degrees, as W,S,E,N', readBbox)
    .option('--folds <n>', 'how many windows', readWhole, 12)
    .option('--speed', 'measure speed instead; needs no file')
    .option('--json', 'JSON lines on standard output (always so; accepted for symmetry)')
    .addHelpText(
      'after',
      `
One line per window: {from, to, events, cells}; "to" is the day after its last. Then one line with the accuracy:
pai = (hits / events) / (area / city area), hits pooled over windows; pei = pai / oracle's pai; interval90 = 5 % and 95 %
points of our pai when whole windows are drawn anew.

Exit code: 0 done, 1 a speed below its target, 2 wrong call or unreadable file.`,
    )
    .configureOutput({ writeOut: output.err, writeErr: output.err })
    .exitOverride()
}

function readFileOptions(command: Command, options: Options): FileOptions {
  const { points, horizon, areaKm2, cityKm2, category, bbox, folds } = options
  if (points === undefined) command.error('error: name a file with --points, or measure with --speed')
  if (horizon === undefined) command.error('error: --horizon DAYS is needed')
  if (areaKm2 === undefined) command.error('error: --area-km2 A is needed')
  if (cityKm2 === undefined) command.error('error: --city-km2 C is needed')
  if (areaKm2 > cityKm2) command.error('error: --area-km2 is larger than --city-km2')
  // npm and pnpm change the directory to the package's; INIT_CWD is where the user typed the command.
  const file = resolve(process.env.INIT_CWD ?? process.cwd(), points)
  return {
    file,
    horizonDays: horizon,
    areaKm2,
    cityKm2,
    folds,
    ...(category !== undefined && { category }),
    ...(bbox && { bbox }),
  }
}

function readWhole(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('A whole number of 1 or more is needed.')
  return Number(text)
}

function readPositive(text: string): number {
  const value = Number(text)
  if (!(value > 0 && isFinite(value))) throw new InvalidArgumentError('A number above 0 is needed.')
  return value
}

function readBbox(text: string): [number, number, number, number] {
  const [west, south, east, north, ...more] = text
    .split(',')
    .map((part) => (part.trim() === '' ? NaN : Number(part)))
  if (
    west === undefined ||
    south === undefined ||
    east === undefined ||
    north === undefined ||
    more.length > 0
  ) {
    throw new InvalidArgumentError('Four numbers are needed: W,S,E,N.')
  }
  if (!(west < east && south < north)) throw new InvalidArgumentError('W must be below E and S below N.')
  return [west, south, east, north]
}

if (import.meta.main) process.exitCode = await runBenchHotspots(process.argv.slice(2))
