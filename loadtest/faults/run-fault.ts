import { setTimeout as sleep } from 'node:timers/promises'
import type { Services } from '@patrol/db/services'
import type pg from 'pg'
import { pointCount, precinctCount } from '../lib/levels.ts'
import { convergeSeconds as limits } from '../lib/thresholds.ts'
import { openBench } from '../node/bench-city.ts'
import { makeBoards, now, type Boards } from '../node/boards.ts'
import { round } from '../node/percentiles.ts'
import { startThreads } from '../node/start-threads.ts'
import { countBehind, countEvents, findTargets, waitForScreens } from '../node/wait-for-screens.ts'
import { faults, type FaultName } from './faults.ts'
import { checkHistory, type History } from './history-checker.ts'

export interface FaultOptions {
  checkIns: number
  /** How often the fault happens; each fault has its own habit. */
  kills?: number
  perSecond: number
  walls: number
  points?: number
  say(line: string): void
  services?: Services
}

/**
 * Load goes on while a part dies and comes back, again and again; then everything that was promised is held against the
 * database. The phones keep their items until they are stored, the screens reconnect and catch up, as the real ones do.
 */
export async function runFault(name: FaultName, options: FaultOptions) {
  const { say, checkIns } = options
  const fault = faults[name]
  const times = options.kills ?? fault.times
  const units = 200
  const bench = await openBench({
    plan: {
      points: options.points ?? pointCount,
      units,
      walls: options.walls,
      consoles: precinctCount,
      churn: true,
    },
    roles: fault.roles,
    say,
    ...(options.services ? { services: options.services } : {}),
  })
  try {
    const { city, database } = bench
    const screens = [...city.walls, ...city.consoles]
    const boards = makeBoards({ checkIns, screens: screens.length, parsed: screens.length, timed: false })
    const threads = startThreads(bench, boards, screens, [])
    try {
      await threads.screens.ask('open', undefined)
      await threads.load.ask('connectDevices', { count: units, perSecond: 400 })
      say(`${screens.length} screens and ${units} phones are connected; ${name} ${times} times.`)
      const load = threads.load.ask('phones', { count: checkIns, perSecond: options.perSecond })

      const converged: number[] = []
      for (let nr = 0; nr < times; nr++) {
        await untilAcknowledged(boards, Math.floor((checkIns * (nr + 1)) / (times + 1)))
        await fault.inject(bench)
        const { served, connected, seconds } = await measureConvergence(
          database,
          boards,
          screens,
          city.precinctIds,
        )
        converged.push(seconds)
        say(
          `${nr + 1}. ${name}: acknowledges after ${served.toFixed(2)} s, all screens connected after ` +
            `${connected.toFixed(2)} s, as before after ${seconds.toFixed(2)} s.`,
        )
      }
      await load
      const { sent, answers, faults: refusals, ...counts } = await threads.load.ask('report', undefined)
      const history = await checkWhenQuiet(database, city.precinctIds, {
        boards,
        screens,
        check: async () => {
          const shown = await threads.screens.ask('report', undefined)
          return checkHistory({
            database,
            boards,
            run: threads.run,
            sent,
            screens: shown.screens.map((screen, nr) => ({
              ...screen,
              precinct: screens[nr]?.precinct ?? -1,
            })),
            precinctIds: city.precinctIds,
          })
        },
      })
      const shown = await threads.screens.ask('report', undefined)
      const convergeSeconds = round(Math.max(0, ...converged), 2)
      const zeros =
        history.lost + history.duplicated + history.posGaps + history.screensUnequal === 0 &&
        history.acknowledged === checkIns
      return {
        fault: name,
        acknowledged: history.acknowledged,
        stored: history.stored,
        lost: history.lost,
        duplicated: history.duplicated,
        posGaps: history.posGaps,
        screensUnequal: history.screensUnequal,
        convergeSeconds,
        whole: zeros,
        pass: zeros && convergeSeconds < limits[name],
        limitSeconds: limits[name],
        times,
        convergedAfter: converged.map((seconds) => round(seconds, 2)),
        units,
        screens: screens.length,
        screensParsed: screens.length,
        breadcrumbsSent: counts.breadcrumbsSent,
        breadcrumbsAcknowledged: counts.breadcrumbsAcknowledged,
        answers,
        screenCounts: shown.counts,
        faults: [...refusals, ...history.faults],
      }
    } finally {
      await threads.stop()
    }
  } finally {
    await bench.stop()
  }
}

async function untilAcknowledged(boards: Boards, count: number): Promise<void> {
  const deadline = now() + 300_000
  while (countAcknowledged(boards) < count) {
    if (now() > deadline) throw new Error('The load does not get on: see the server log.')
    await sleep(10)
  }
}

const countAcknowledged = (boards: Boards) =>
  boards.ackedAt.reduce((count, at) => count + (Number.isNaN(at) ? 0 : 1), 0)

/**
 * Seconds from now until service is whole again: a check-in sent after the comeback has been acknowledged, and every
 * screen is connected and has all that was committed by then.
 */
async function measureConvergence(
  database: pg.Pool,
  boards: Boards,
  screens: readonly { precinct: number }[],
  precinctIds: readonly number[],
): Promise<{ served: number; connected: number; seconds: number }> {
  const back = now()
  const since = () => (now() - back) / 1_000
  const isServed = () => boards.sentAt.some((sent, nr) => sent > back && (boards.ackedAt[nr] ?? NaN) > sent)
  // With the last check-in on its way, nothing new may come; then everybody having everything is enough.
  const isOver = () => countAcknowledged(boards) === boards.checkIns
  const areConnected = () => screens.every((_, nr) => boards.live[nr] === 1)
  let connected: number | null = null
  while (!isServed() && !isOver() && since() < 60) {
    if (areConnected()) connected ??= since()
    await sleep(5)
  }
  const served = since()
  const head = await countEvents(database)
  let targets = null
  while (since() < 60) {
    if (areConnected()) connected ??= since()
    targets ??= await findTargets(database, precinctIds, head)
    if (targets !== null && countBehind(boards, screens, targets) === 0) break
    await sleep(5)
  }
  return { served, connected: connected ?? since(), seconds: since() }
}

/**
 * Compares when all is quiet. Windows go on opening and closing with the clock: when something happened while we looked, we
 * look again.
 */
async function checkWhenQuiet(
  database: pg.Pool,
  precinctIds: readonly number[],
  {
    boards,
    screens,
    check,
  }: { boards: Boards; screens: readonly { precinct: number }[]; check(): Promise<History> },
): Promise<History> {
  for (let tries = 1; ; tries++) {
    await waitForScreens(database, boards, screens, precinctIds)
    const before = await countEvents(database)
    const history = await check()
    if (tries === 10 || (await countEvents(database)) === before) return history
    await sleep(1_000)
  }
}
