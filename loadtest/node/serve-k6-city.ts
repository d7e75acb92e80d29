import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { once } from 'node:events'
import { Command, Option } from 'commander'
import { levels } from '../lib/levels.ts'
import { openBench } from './bench-city.ts'

/** Starts the server with a city for the k6 scenarios, writes down what they need to know, and waits for Ctrl-C. */
const command = new Command('serve-k6-city')
  .description('Starts a city for the k6 scenarios and writes what they need into a file. Ends with Ctrl-C.')
  .addOption(new Option('--level <level>').choices(Object.keys(levels)).default('L1'))
  .option('--out <file>', 'the file for -e CITY=…', 'city.json')
  .parse()
const given = command.opts<{ level: keyof typeof levels; out: string }>()

const level = levels[given.level]
const say = (line: string) => void process.stderr.write(`${line}\n`)
const bench = await openBench({
  plan: { ...level, churn: false },
  roles: ['gateway,relay,worker'],
  say,
})
const file = resolve(process.env['INIT_CWD'] ?? process.cwd(), given.out)
const { city, origins } = bench
writeFileSync(
  file,
  JSON.stringify({
    origin: origins[0],
    units: city.units.map(({ cookie, points }) => ({ cookie, points: points.slice(0, 20) })),
    walls: city.walls.map(({ cookie }) => cookie),
    consoles: city.consoles.map(({ cookie }) => cookie),
  }),
  { mode: 0o600 },
)
say(`${file} is written; the server is at ${origins[0]}. Ctrl-C ends it.`)
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
await bench.stop()
process.exit(0)
