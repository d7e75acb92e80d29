import { Command, InvalidArgumentError, Option } from 'commander'
import { levels } from '../lib/levels.ts'
import { thresholds } from '../lib/thresholds.ts'
import { runHerd } from './run-herd.ts'
import { runHistory } from './run-history.ts'
import { runSteady } from './run-steady.ts'
import { describeMachine, type RunOptions } from './start-threads.ts'

const maxRatio = 2
const maxPlanSeconds = 120

const command = new Command('bench:realtime')
  .description(
    'Starts services and the server, runs one level of load with real sockets, and prints one JSON object last.',
  )
  .addOption(
    new Option('--level <level>')
      .choices(['L1', 'L2', 'L3', 'L4', 'L5', 'election-eve'])
      .makeOptionMandatory(),
  )
  .option('--seconds <n>', 'length of the load (L1–L3)', readNumber)
  .option('--scale <x>', 'a share of the load, such as 0.1', readNumber, 1)
  .option('--gateways <n>', 'several gateways, with a relay and a worker of their own', readNumber, 1)
  .addOption(
    new Option(
      '--with <work>',
      'run the level twice, without and with heavy work beside it, and compare the p99 of the walls (L1–L3, election-eve)',
    ).choices(['city-plan']),
  )
  .option('--cpu-prof', 'write a CPU profile of each server process')
  .option('--json', 'print nothing but the JSON object')
  .parse()

const given = command.opts<{
  level: keyof typeof levels | 'L4' | 'L5'
  seconds?: number
  scale: number
  gateways: number
  with?: 'city-plan'
  cpuProf?: true
  json?: true
}>()

const options: RunOptions = {
  scale: given.scale,
  gateways: Math.round(given.gateways),
  say: given.json ? () => undefined : (line) => void process.stderr.write(`${line}\n`),
  machine: describeMachine(),
  ...(given.seconds === undefined ? {} : { seconds: given.seconds }),
  ...(given.cpuProf ? { nodeOptions: ['--cpu-prof', '--cpu-prof-dir=.data/bench-logs'] } : {}),
}

const result = await run(given.level)
process.stdout.write(`${JSON.stringify(result)}\n`)
process.exit(result.pass ? 0 : 1)

function run(level: typeof given.level): Promise<{ pass: boolean }> {
  if (level === 'L4') return runHerd(thresholds.L4, options)
  if (level === 'L5') return runHistory(thresholds.L5, options)
  if (given.with !== undefined) return runBeside(level, given.with)
  return runSteady(level, levels[level], thresholds[level], options)
}

/** Heavy work may at most double the p99 of the walls, and must be done in time. */
async function runBeside(level: keyof typeof levels, work: 'city-plan') {
  const alone = await runSteady(level, levels[level], thresholds[level], options)
  const beside = await runSteady(level, levels[level], thresholds[level], { ...options, with: work })
  const ratio = (beside.wallP99 ?? Infinity) / (alone.wallP99 ?? NaN)
  const { cityPlan } = beside
  const seconds = cityPlan?.seconds ?? Infinity
  return {
    ...beside,
    wallP99Baseline: alone.wallP99,
    ratio,
    pass: alone.pass && beside.pass && ratio <= maxRatio && seconds <= maxPlanSeconds,
  }
}

function readNumber(text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new InvalidArgumentError('It must be a number above 0.')
  return value
}
