// The simulated patrols of the demonstration city. Standard input gives it, line by line, what officers hold in their
// hands: {"tokens": [[officerId, token]], "codes": [[pointId, code]], "switchboard": token}; it ends with its standard input.
import { createInterface } from 'node:readline'
import { Command } from 'commander'
import { connect } from '@patrol/db'
import { simulate } from './simulate.ts'

const { server, cookie, units, verbose } = new Command('simulate')
  .requiredOption('--server <origin>', 'the public door, such as http://127.0.0.1:8080')
  .option('--cookie <name>', 'name of the session cookie', 'patrol')
  .option('--units <count>', 'how many units at most', Number, 5_000)
  .option('--verbose', 'a line of figures every ten seconds on standard error', false)
  .parse()
  .opts<{ server: string; cookie: string; units: number; verbose: boolean }>()

const databaseUrl = process.env['DATABASE_URL']
if (databaseUrl === undefined) throw new Error('DATABASE_URL is missing: the simulator reads its plan there.')

const tokens = new Map<number, string>()
const codes = new Map<number, string>()
let switchboard: string | null = null
const ending = new AbortController()
const end = () => ending.abort()
process.on('SIGTERM', end)
process.on('SIGINT', end)

const lines = createInterface({ input: process.stdin })
const told = new Promise<void>((resolve) => {
  lines.on('line', (line) => {
    takeIn(line)
    resolve()
  })
  lines.on('close', () => {
    end()
    resolve()
  })
})
await told

const db = connect(databaseUrl, { max: 2, name: 'patrol simulator' })
if (!ending.signal.aborted) {
  const { tally, done } = await simulate(db, {
    server,
    cookieName: cookie,
    maxUnits: units,
    held: { tokens, codes, switchboard },
    signal: ending.signal,
  })
  const report = () => console.error(JSON.stringify(tally))
  const timer = verbose ? setInterval(report, 10_000) : undefined
  await done
  clearInterval(timer)
  if (verbose) report()
}
await db.$client.end()
process.exit(0)

function takeIn(line: string) {
  const given: unknown = JSON.parse(line)
  if (typeof given !== 'object' || given === null) return
  if ('tokens' in given) replace(tokens, given.tokens)
  if ('codes' in given) replace(codes, given.codes)
  if ('switchboard' in given && typeof given.switchboard === 'string') switchboard = given.switchboard
}

function replace(map: Map<number, string>, pairs: unknown) {
  if (!Array.isArray(pairs)) return
  map.clear()
  for (const pair of pairs) {
    if (Array.isArray(pair)) map.set(Number(pair[0]), String(pair[1]))
  }
}
