import { Command, InvalidArgumentError } from 'commander'
import { countOrderDependent, countVerdicts } from './bench-verdicts/count-verdicts.ts'
import { measureJudging, measureSun } from './bench-verdicts/measure-speed.ts'
import { judgePlan } from './bench-verdicts/judge-plan.ts'
import { makePlan } from './bench-verdicts/make-plan.ts'

/** Honest scans that may be sent to a person: notes do not count. */
const reviewShare = 0.05
const sunLimitMs = 0.2
/** Acknowledgement p95 with the judge, against a bare insert of the same row. */
const judgingLimit = 1.3

const command = new Command('bench:verdicts')
  .description(
    'Lets the real server judge labelled scans, half honest and half attacks, and holds the labels against its verdicts.',
  )
  .option('--n <count>', 'labelled scans', readCount, 2_000)
  .option('--seed <n>', 'the same seed gives the same scans', readCount, 1)
  .option('--orders <n>', 'how many orders of upload to compare, each on a database of its own', readCount, 2)
  .option('--speed', 'only measure how fast a tap is verified and a check-in is judged')
  .option('--requests <count>', 'check-ins for --speed', readCount, 2_000)
  .option('--details', 'also one line per scan that the judge got wrong')
  .option('--json', 'JSON lines on standard output (always so; accepted for symmetry)')
  .addHelpText('after', '\nExit code: 0 all held, 1 something did not, 2 wrong call.')
  .parse()
const options = command.opts<{
  n: number
  seed: number
  orders: number
  requests: number
  details?: true
  speed?: true
}>()
const progress = (line: string) => console.error(line)
const say = (line: object) => console.log(JSON.stringify(line))

process.exitCode = (await (options.speed ? benchSpeed() : benchVerdicts())) ? 0 : 1

async function benchSpeed(): Promise<boolean> {
  const sun = measureSun()
  const judging = await measureJudging(options.requests, progress)
  say({ sunP50Ms: sun.p50, sunP99Ms: sun.p99, ...judging })
  return sun.p99 <= sunLimitMs && judging.ratio <= judgingLimit
}

async function benchVerdicts(): Promise<boolean> {
  // The labels are fixed here, before any server has started.
  const plan = makePlan(options.n, options.seed)
  const outcomes = await judgePlan(plan, options.seed, progress)
  let orderDependent = 0
  for (let order = 1; order < options.orders; order++) {
    const again = await judgePlan(plan, options.seed + order, progress)
    orderDependent += countOrderDependent(plan, outcomes, again)
  }

  const { kinds, summary } = countVerdicts(plan, outcomes)
  if (options.details) {
    plan.scans.forEach((scan, nr) => {
      const verdict = outcomes[nr]?.verdict
      if (scan.honest ? verdict !== 'accepted' : verdict === 'accepted' || outcomes[nr]?.fulfils === 'yes') {
        say({ nr, scan, ...outcomes[nr] })
      }
    })
  }
  for (const kind of kinds) say(kind)
  say({ ...summary, orderDependent })

  return (
    summary.honestRejected === 0 &&
    summary.honestFlagged <= reviewShare * summary.honest &&
    summary.attackUnflagged === 0 &&
    summary.farCopyUnflagged === 0 &&
    summary.farCopyFulfilled === 0 &&
    summary.turnedClockFulfilled === 0 &&
    summary.stored === plan.scans.length &&
    orderDependent === 0
  )
}

function readCount(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('A whole number above 0 is needed.')
  return Number(text)
}
