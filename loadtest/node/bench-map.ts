import { Command, InvalidArgumentError, Option } from 'commander'
import { runMap } from './run-map.ts'
import { describeMachine } from './start-threads.ts'

const command = new Command('bench:map')
  .description(
    'The console of the built dashboard in a real browser, with the whole city on its map: frames while panning against an empty map, long tasks, a burst, event to pixel. One JSON object comes last.',
  )
  .option('--seconds <n>', 'how long each panning lasts', readNumber, 20)
  .option('--units <n>', 'units that move; each sends a position every five seconds', readNumber, 2_000)
  .option('--hexes <n>', 'cells of the heat layer', readNumber, 3_000)
  .option('--burst <n>', 'events a second in the burst', readNumber, 1_000)
  .option('--burst-seconds <n>', 'how long the burst lasts', readNumber, 10)
  .option('--heap-minutes <n>', 'quiet running for the slope of the heap; a soak tells more', readNumber, 3)
  .addOption(
    new Option('--gl <kind>', 'graphics without a card: none at all, or WebGL done by the processor')
      .choices(['none', 'software'])
      .default('none'),
  )
  .option('--json', 'one JSON object on standard output (always so; accepted for symmetry)')
  .addHelpText(
    'after',
    '\nWithout a graphics card the ratio to the empty map is what counts.\nExit code: 0 all held, 1 something did not.',
  )
  .parse()
const given = command.opts<{
  seconds: number
  units: number
  hexes: number
  burst: number
  burstSeconds: number
  heapMinutes: number
  gl: 'none' | 'software'
}>()

const result = await runMap({
  ...given,
  units: Math.round(given.units),
  hexes: Math.round(given.hexes),
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
