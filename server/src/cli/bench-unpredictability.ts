import { Command, InvalidArgumentError } from 'commander'
import { simulateShifts } from '../route/unpredictable/simulate-shifts.ts'

type Options = { shifts: number; points: number; seed: number }

const options = new Command('bench:unpredictability')
  .description(
    'How well observers of earlier shifts foresee a patrol that is drawn anew for each (警察勤務條例 §13).',
  )
  .option('--shifts <n>', 'simulated shifts of four hours', readCount, 100)
  .option('--points <n>', 'points to visit in each', readCount, 24)
  .option('--seed <n>', 'seed of the random numbers', readCount, 1)
  .option('--json', 'one JSON object on standard output (always so; accepted for symmetry)')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse()
  .opts<Options>()
process.stdout.write(`${JSON.stringify(simulateShifts(options))}\n`)

function readCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('A whole number of 1 or more is needed.')
  return Number(text)
}
