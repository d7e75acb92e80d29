import { Command, InvalidArgumentError } from 'commander'
import { checkPlans } from './bench-windows/check-plans.ts'
import { closeWindows } from './bench-windows/close-windows.ts'

const LIMIT_SECONDS = 5

const command = new Command('bench:windows')
  .description(
    'Measures the absence engine: against a naive oracle, and with a whole city of windows closing.',
  )
  .option('--runs <n>', 'random plans to hold against the oracle (0 for none)', readCount, 10_000)
  .option('--seed <n>', 'seed of the plans; the same seed gives the same plans', readCount, 1)
  .option('--closing <n>', 'windows that close under two workers (0 for none)', readCount, 7_791)
  .option('--spread <seconds>', 'over how long their grace ends; 0 is one instant, the hardest', readCount, 0)
  .option('--no-kill', 'do not kill a worker in the middle')
  .option('--json', 'one JSON object on standard output (always so; accepted for symmetry)')
  .addHelpText('after', '\nExit code: 0 all held, 1 something did not, 2 wrong call.')
  .parse()
const options = command.opts<{ runs: number; seed: number; closing: number; spread: number; kill: boolean }>()
const progress = (line: string) => console.error(line)

const plans = options.runs > 0 ? checkPlans(options.runs, options.seed, progress) : null
const closing =
  options.closing > 0
    ? await closeWindows(
        { windows: options.closing, spreadSeconds: options.spread, kill: options.kill },
        progress,
      )
    : null
console.log(JSON.stringify({ ...plans, closing }))

const plansHold = plans === null || plans.disagreements === 0
const closingHolds =
  closing === null ||
  (closing.declared === closing.windows &&
    closing.doubled + closing.undeclared === 0 &&
    closing.worstDelaySeconds <= LIMIT_SECONDS)
process.exitCode = plansHold && closingHolds ? 0 : 1

function readCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('A whole number is needed.')
  return Number(text)
}
