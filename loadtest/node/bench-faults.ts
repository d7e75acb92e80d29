import { Command, InvalidArgumentError, Option } from 'commander'
import { faults, type FaultName } from '../faults/faults.ts'
import { runFault } from '../faults/run-fault.ts'
import { parsedScreens } from '../lib/levels.ts'
import { describeMachine } from './start-threads.ts'

const command = new Command('bench:faults')
  .description(
    'Kills a part of the system while load goes on, proves what was kept, and prints one JSON object last.',
  )
  .addOption(new Option('--fault <name>').choices(Object.keys(faults)).makeOptionMandatory())
  .option('--check-ins <n>', 'check-ins during the run', readCount, 10_000)
  .option('--kills <n>', 'how often the fault happens', readCount)
  .option('--per-second <n>', 'check-ins per second', readCount, 100)
  .option('--json', 'print nothing but the JSON object')
  .parse()

const given = command.opts<{
  fault: FaultName
  checkIns: number
  kills?: number
  perSecond: number
  json?: true
}>()

const result = await runFault(given.fault, {
  checkIns: given.checkIns,
  perSecond: given.perSecond,
  walls: parsedScreens.walls,
  say: given.json ? () => undefined : (line) => void process.stderr.write(`${line}\n`),
  ...(given.kills === undefined ? {} : { kills: given.kills }),
})
process.stdout.write(`${JSON.stringify({ ...result, machine: describeMachine() })}\n`)
process.exit(result.pass ? 0 : 1)

function readCount(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number above 0.')
  return value
}
