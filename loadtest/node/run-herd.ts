import { loadavg } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkHistory } from '../faults/history-checker.ts'
import { herd, pointCount } from '../lib/levels.ts'
import { measureBaseline } from './baseline.ts'
import { openBench } from './bench-city.ts'
import { makeBoards, now } from './boards.ts'
import { judgeThresholds } from './judge-thresholds.ts'
import { percentiles, round } from './percentiles.ts'
import { rolesFor, startThreads, type RunOptions } from './start-threads.ts'
import { countBehind, countEvents, findTargets, waitForScreens } from './wait-for-screens.ts'

/**
 * L4. All screens are cut off; meanwhile others go on checking in. Then within one second all screens and 2,000 devices are
 * back, these with half an hour of check-ins and breadcrumbs. Every screen follows and parses here: each must catch up.
 */
export async function runHerd(limits: Record<string, number>, options: RunOptions) {
  const { say, scale } = options
  const scaled = (value: number) => Math.max(1, Math.round(value * scale))
  const devices = scaled(herd.devices)
  const missed = scaled(herd.missedCheckIns)
  const queued = devices * herd.checkInsPerDevice
  const loadBefore = round(loadavg()[0] ?? 0)
  const bench = await openBench({
    plan: {
      points: scale < 0.2 ? 560 : pointCount,
      units: Math.max(16, devices),
      walls: scaled(herd.walls),
      consoles: scaled(herd.consoles),
      churn: false,
    },
    roles: rolesFor(options.gateways),
    say,
    ...(options.services ? { services: options.services } : {}),
    ...(options.nodeOptions ? { nodeOptions: options.nodeOptions } : {}),
  })
  try {
    const { city, database } = bench
    const screens = [...city.walls, ...city.consoles]
    const boards = makeBoards({
      checkIns: queued + missed + 100,
      screens: screens.length,
      parsed: screens.length,
      timed: false,
    })
    const threads = startThreads(bench, boards, screens, [])
    try {
      await threads.screens.ask('open', undefined)
      say(`${screens.length} screens are connected; now they are cut off.`)
      await threads.screens.ask('cut', undefined)
      await threads.load.ask('burst', { count: missed })
      const head = await countEvents(database)
      let targets = null
      while ((targets = await findTargets(database, city.precinctIds, head)) === null) await sleep(20)

      say(`${missed} check-ins were missed; everybody comes back.`)
      const started = now()
      const herding = threads.load.ask('herd', { ...herd, devices })
      void threads.screens.ask('comeBack', { withinMs: herd.withinMs })
      while (countBehind(boards, screens, targets) > 0 && now() - started < 120_000) await sleep(5)
      const screensEqualSeconds = (now() - started) / 1_000
      say(`Screens equal after ${round(screensEqualSeconds)} s.`)
      const stored = await herding
      say(
        `Check-ins stored after ${round(stored.checkInsSeconds)} s, breadcrumbs ${round(stored.breadcrumbsSeconds)} s.`,
      )
      await waitForScreens(database, boards, screens, city.precinctIds, 120_000)

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
      const { rows } = await database.query<{ n: number }>('select count(*)::int as n from breadcrumb')
      const breadcrumbsStored = rows[0]?.n ?? 0
      await threads.stop()
      for (const server of bench.servers) await server.stop()
      const baseline = await measureBaseline({
        databaseUrl: bench.databaseUrl,
        redisUrl: bench.services.redisUrl,
        broadcast: {
          walls: city.walls.length,
          consoles: city.consoles.length,
          wallBytes: 20_000,
          consoleBytes: 1_250,
          perSecond: 20,
        },
      })
      const sending = percentiles(
        boards.ackedAt.subarray(missed, load.sent).map((at, nr) => at - (boards.sentAt[missed + nr] ?? NaN)),
      )
      const figures = {
        screensEqualSeconds: round(screensEqualSeconds, 2),
        checkInsStoredSeconds: round(stored.checkInsSeconds, 2),
        breadcrumbsStoredSeconds: round(stored.breadcrumbsSeconds, 2),
      }
      const whole = history.lost + history.duplicated + history.posGaps + history.screensUnequal === 0
      return {
        level: 'L4',
        checkInsPerSecond: round(queued / stored.checkInsSeconds),
        breadcrumbsPerSecond: round(load.breadcrumbsSent / stored.breadcrumbsSeconds, 0),
        screens: screens.length,
        ackP50: sending.p50,
        ackP95: sending.p95,
        ackP99: sending.p99,
        wallP50: null,
        wallP95: null,
        wallP99: null,
        lost: history.lost,
        duplicated: history.duplicated,
        stored: history.stored,
        baseline,
        ...figures,
        pass: whole && breadcrumbsStored === load.breadcrumbsSent,
        thresholds: judgeThresholds(figures, limits),
        acknowledged: history.acknowledged,
        posGaps: history.posGaps,
        screensUnequal: history.screensUnequal,
        units: devices,
        scale,
        gateways: options.gateways,
        walls: city.walls.length,
        consoles: city.consoles.length,
        screensParsed: screens.length,
        screensParsedAre: 'all: each has to catch up',
        devicesConnectedSeconds: round(stored.connectedSeconds, 2),
        checkInsMissedByScreens: missed,
        breadcrumbsSent: load.breadcrumbsSent,
        breadcrumbsStored,
        answers: load.answers,
        screenCounts: shown.counts,
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
