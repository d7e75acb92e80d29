import { loadavg } from 'node:os'
import { checkHistory } from '../faults/history-checker.ts'
import { dailyProfile } from '../lib/daily-profile.ts'
import { history as season, parsedScreens, pointCount } from '../lib/levels.ts'
import { measureBaseline } from './baseline.ts'
import { openBench } from './bench-city.ts'
import { makeBoards, now } from './boards.ts'
import { judgeThresholds } from './judge-thresholds.ts'
import { percentiles, round } from './percentiles.ts'
import { rolesFor, startThreads, type RunOptions } from './start-threads.ts'
import { waitForScreens } from './wait-for-screens.ts'

/** L5: a season of sign-ins through the door, in batches; then the totals of each day must be those that were sent. */
export async function runHistory(limits: Record<string, number>, options: RunOptions) {
  const { say, scale } = options
  const total = Math.round(season.checkIns * scale)
  const days = dailyProfile(season.firstDay, season.lastDay, total)
  const loadBefore = round(loadavg()[0] ?? 0)
  const bench = await openBench({
    plan: { points: pointCount, units: 2_000, walls: season.walls, consoles: season.consoles, churn: false },
    roles: rolesFor(options.gateways),
    say,
    ...(options.services ? { services: options.services } : {}),
    ...(options.nodeOptions ? { nodeOptions: options.nodeOptions } : {}),
  })
  try {
    const { city, database } = bench
    const screens = [...city.walls, ...city.consoles].slice(0, parsedScreens.walls)
    const boards = makeBoards({
      checkIns: total + 100,
      screens: screens.length,
      parsed: screens.length,
      timed: true,
    })
    const threads = startThreads(bench, boards, screens, [])
    try {
      await threads.screens.ask('open', undefined)
      say(`${total} sign-ins of ${days.length} days go through the door.`)
      const started = now()
      const progress = setInterval(() => {
        const acknowledged = boards.ackedAt.filter((at) => !Number.isNaN(at)).length
        say(`${acknowledged} stored, ${round(acknowledged / ((now() - started) / 1_000), 0)}/s`)
      }, 10_000)
      await threads.load.ask('history', { days, connections: season.connections })
      clearInterval(progress)
      const totalSeconds = (now() - started) / 1_000
      await waitForScreens(database, boards, screens, city.precinctIds, 120_000)
      const shownSeconds = (now() - started) / 1_000

      const load = await threads.load.ask('report', undefined)
      const shown = await threads.screens.ask('report', undefined)
      const history = await checkHistory({
        database,
        boards,
        run: threads.run,
        sent: load.sent,
        screens: shown.screens.map((screen, nr) => ({ ...screen, precinct: screens[nr]?.precinct ?? -1 })),
        precinctIds: city.precinctIds,
      })
      const { rows } = await database.query<{ day: string; n: number }>(
        `select to_char(claimed_at at time zone 'Asia/Taipei', 'YYYY-MM-DD') as day, count(*)::int as n
         from check_in group by 1`,
      )
      const storedOn = new Map(rows.map(({ day, n }) => [day, n]))
      const daysUnequal =
        days.filter(({ day, count }) => storedOn.get(day) !== count).length +
        Math.abs(storedOn.size - days.length)
      await threads.stop()
      for (const server of bench.servers) await server.stop()
      const baseline = await measureBaseline({
        databaseUrl: bench.databaseUrl,
        redisUrl: bench.services.redisUrl,
        broadcast: { walls: 1, consoles: 1, wallBytes: 20_000, consoleBytes: 1_250, perSecond: 20 },
      })
      const ack = percentiles(
        boards.ackedAt.subarray(0, load.sent).map((at, nr) => at - (boards.sentAt[nr] ?? NaN)),
      )
      const wall = percentiles(boards.wallMs)
      const figures = { totalSeconds: round(totalSeconds) }
      const whole = history.lost + history.duplicated + history.posGaps + history.screensUnequal === 0
      return {
        level: 'L5',
        checkInsPerSecond: round(load.sent / totalSeconds),
        breadcrumbsPerSecond: 0,
        screens: screens.length,
        ackP50: ack.p50,
        ackP95: ack.p95,
        ackP99: ack.p99,
        wallP50: wall.p50,
        wallP95: wall.p95,
        wallP99: wall.p99,
        lost: history.lost,
        duplicated: history.duplicated,
        stored: history.stored,
        baseline,
        ...figures,
        shownSeconds: round(shownSeconds),
        dailyTotalsExact: daysUnequal === 0,
        days: days.length,
        daysUnequal,
        pass: whole && daysUnequal === 0,
        thresholds: judgeThresholds(figures, { totalSeconds: (limits['totalSeconds'] ?? 0) * scale }),
        acknowledged: history.acknowledged,
        posGaps: history.posGaps,
        screensUnequal: history.screensUnequal,
        units: city.units.length,
        scale,
        gateways: options.gateways,
        connections: season.connections,
        screensParsed: screens.length,
        screensParsedAre: 'one wall and one console',
        answers: load.answers,
        faults: [...load.faults, ...history.faults],
        cpu: { ...options.machine, loadAverageBefore: loadBefore },
      }
    } finally {
      await threads.stop()
    }
  } finally {
    await bench.stop()
  }
}
