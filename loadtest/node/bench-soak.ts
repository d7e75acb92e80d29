import { Command, InvalidArgumentError } from 'commander'
import { levels } from '../lib/levels.ts'
import { describeMachine } from './start-threads.ts'
import { runSoak } from './run-soak.ts'

const command = new Command('bench:soak')
  .description(
    'A wall in a real browser at the load of a duty peak (L1), for hours: its memory, sockets and latency. Progress goes to standard error, one JSON object comes last.',
  )
  .option('--hours <n>', 'how long the load lasts', readNumber)
  .option('--minutes <n>', 'the same in minutes; an hour unless either is given', readNumber)
  .option('--screens <n>', 'other screens that follow beside the wall, as sockets', readNumber, 19)
  .option('--json', 'one JSON object on standard output (always so; accepted for symmetry)')
  .addHelpText(
    'after',
    '\nThe first sixth (at most ten minutes) is warm-up. An hour writes about 1.5 million breadcrumbs, 0.4 GB.' +
      '\nExit code: 0 all held, 1 something did not.',
  )
  .parse()
const given = command.opts<{ hours?: number; minutes?: number; screens: number }>()

const result = await runSoak(levels.L1, {
  minutes: given.minutes ?? (given.hours ?? 1) * 60,
  screens: Math.round(given.screens),
  say: (line) => void process.stderr.write(`${line}\n`),
  machine: describeMachine(),
})
process.stdout.write(`${JSON.stringify(result)}\n`)
process.exit(result.pass ? 0 : 1)

function readNumber(text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new InvalidArgumentError('It must be a number above 0.')
  return value
}
