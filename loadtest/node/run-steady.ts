import { loadavg } from 'node:os'
import { checkHistory } from '../faults/history-checker.ts'
import { parsedScreens, type Level } from '../lib/levels.ts'
import { measureBaseline } from './baseline.ts'
import { openBench } from './bench-city.ts'
import { makeBoards } from './boards.ts'
import { judgeThresholds } from './judge-thresholds.ts'
import { percentiles, round } from './percentiles.ts'
import { readServerCpu } from './read-server-cpu.ts'
import { rolesFor, startThreads, type RunOptions } from './start-threads.ts'
import { waitForScreens } from './wait-for-screens.ts'

/** Runs L1, L2 or L3: a steady load on a city with its screens, and what came of it. */
export async function runSteady(
  name: string,
  level: Level,
  limits: Record<string, number>,
  options: RunOptions,
) {
  const { say, scale } = options
  const scaled = (value: number) => Math.max(1, Math.round(value * scale))
  const seconds = options.seconds ?? level.seconds
  const singles = level.singlesPerSecond * scale
  const batched = level.batchedPerSecond * scale
  const units = scaled(level.units)
  const loadBefore = round(loadavg()[0] ?? 0)

  const bench = await openBench({
    plan: {
      points: scale < 0.2 ? 560 : level.points,
      hourlyPoints: level.hourlyPoints,
      units: Math.max(units, 16),
      walls: scaled(level.walls),
      consoles: scaled(level.consoles),
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
    const parsing = [
      ...city.walls.slice(0, parsedScreens.walls),
      ...city.consoles.slice(0, parsedScreens.consoles),
    ]
    const counting = screens.filter((screen) => !parsing.includes(screen))
    const boards = makeBoards({
      checkIns: Math.ceil((singles + batched) * seconds) + 100,
      screens: screens.length,
      parsed: parsing.length,
      timed: true,
    })
    const threads = startThreads(bench, boards, parsing, counting)
    try {
      await threads.screens.ask('open', undefined)
      await threads.load.ask('connectDevices', { count: units, perSecond: 400 })
      say(`${screens.length} screens and ${units} units are connected; ${seconds} s of load.`)
      const before = { bytes: boards.bytes.slice(), messages: boards.messages.slice() }
      const cpuBefore = await readServerCpu(bench.origins)
      await threads.load.ask('steady', {
        ...level,
        singlesPerSecond: singles,
        batchedPerSecond: batched,
        seconds,
      })
      const cpu = (await readServerCpu(bench.origins)) - cpuBefore
      const behind = await waitForScreens(database, boards, parsing, city.precinctIds)
      if (behind > 0) say(`${behind} screens did not get everything.`)

      const load = await threads.load.ask('report', undefined)
      const shown = await threads.screens.ask('report', undefined)
      say('Checking what was stored and shown.')
      const history = await checkHistory({
        database,
        boards,
        run: threads.run,
        sent: load.sent,
        screens: shown.screens.map((screen, nr) => ({ ...screen, precinct: parsing[nr]?.precinct ?? -1 })),
        precinctIds: city.precinctIds,
      })
      const { rows } = await database.query<{ n: number }>('select count(*)::int as n from breadcrumb')
      const perSecond = traffic(boards, before, screens.length, city.walls.length, parsing, counting, seconds)
      await threads.stop()
      for (const server of bench.servers) await server.stop()
      say('Measuring the bare parts.')
      const baseline = await measureBaseline({
        databaseUrl: bench.databaseUrl,
        redisUrl: bench.services.redisUrl,
        broadcast: {
          walls: city.walls.length,
          consoles: city.consoles.length,
          wallBytes: Math.round(perSecond.wallBytes / 20),
          consoleBytes: Math.round(perSecond.consoleBytes / 20),
          perSecond: 20,
        },
      })

      const ack = percentiles(
        boards.ackedAt.subarray(0, load.sent).map((at, nr) => at - (boards.sentAt[nr] ?? NaN)),
      )
      const wall = percentiles(boards.wallMs)
      const eventToWall = percentiles(boards.eventMs)
      const breadcrumbAck = percentiles(load.breadcrumbAckMs)
      const figures = {
        ackP50: ack.p50,
        ackP95: ack.p95,
        ackP99: ack.p99,
        wallP50: wall.p50,
        wallP95: wall.p95,
        wallP99: wall.p99,
      }
      const thresholds = judgeThresholds(figures, limits)
      const whole =
        history.lost + history.duplicated + history.posGaps + history.screensUnequal === 0 &&
        history.acknowledged === load.sent
      return {
        level: name,
        checkInsPerSecond: round(load.sent / seconds),
        breadcrumbsPerSecond: round(load.breadcrumbsSent / seconds),
        screens: screens.length,
        ...figures,
        lost: history.lost,
        duplicated: history.duplicated,
        stored: history.stored,
        baseline,
        pass: whole && (name === 'L3' || thresholds.every(({ pass }) => pass)),
        thresholds,
        acknowledged: history.acknowledged,
        refused: load.refused,
        posGaps: history.posGaps,
        screensUnequal: history.screensUnequal,
        units,
        seconds,
        scale,
        gateways: options.gateways,
        walls: city.walls.length,
        consoles: city.consoles.length,
        screensParsed: parsing.length,
        screensParsedAre: `${parsing.filter((one) => one.precinct < 0).length} walls of the whole city and ${parsing.filter((one) => one.precinct >= 0).length} consoles, one for each precinct; the rest counts bytes`,
        points: city.points,
        eventToWallP50: eventToWall.p50,
        eventToWallP95: eventToWall.p95,
        eventToWallP99: eventToWall.p99,
        breadcrumbAckP50: breadcrumbAck.p50,
        breadcrumbAckP95: breadcrumbAck.p95,
        breadcrumbAckP99: breadcrumbAck.p99,
        breadcrumbsSent: load.breadcrumbsSent,
        breadcrumbsAcknowledged: load.breadcrumbsAcknowledged,
        breadcrumbsStored: rows[0]?.n ?? 0,
        answers: load.answers,
        bytesPerSecondToWall: round(perSecond.wallBytes, 0),
        bytesPerSecondToConsole: round(perSecond.consoleBytes, 0),
        screenCounts: shown.counts,
        faults: [...load.faults, ...history.faults],
        cpu: {
          ...options.machine,
          loadAverageBefore: loadBefore,
          gatewayCpuShare: round(cpu / seconds, 2),
          generatorLoopDelayP99: load.loopDelayP99,
          screensLoopDelayP99: shown.loopDelayP99,
          note: 'Database, Redis, server, generator and screens share these cores; a load before above 0 is that of others.',
        },
      }
    } finally {
      await threads.stop()
    }
  } finally {
    await bench.stop()
  }
}

/** Bytes per second to one wall and one console, over those of each kind that were counted. */
function traffic(
  boards: { bytes: Float64Array },
  before: { bytes: Float64Array },
  screens: number,
  walls: number,
  parsing: { precinct: number }[],
  counting: { precinct: number }[],
  seconds: number,
) {
  const all = [...parsing, ...counting]
  let wallBytes = 0
  let consoleBytes = 0
  for (let nr = 0; nr < screens; nr++) {
    const bytes = (boards.bytes[nr] ?? 0) - (before.bytes[nr] ?? 0)
    if ((all[nr]?.precinct ?? -1) < 0) wallBytes += bytes
    else consoleBytes += bytes
  }
  return {
    wallBytes: wallBytes / Math.max(1, walls) / seconds,
    consoleBytes: consoleBytes / Math.max(1, screens - walls) / seconds,
  }
}
