import { loadavg } from 'node:os'
import type pg from 'pg'
import { checkHistory } from '../faults/history-checker.ts'
import { measureBaseline } from './baseline.ts'
import { openBench, type Bench } from './bench-city.ts'
import { makeBoards, type Boards } from './boards.ts'
import { judgeThresholds } from './judge-thresholds.ts'
import type { LoadReport } from './load-thread.ts'
import { parsedScreens } from '../lib/levels.ts'
import { percentiles, round } from './percentiles.ts'
import type { BenchCity, BenchScreen, CityPlan } from './seed-city.ts'
import { rolesFor, startThreads, type RunOptions, type Threads } from './start-threads.ts'

/** What a level is, besides its load. */
export interface LevelPlan {
  level: string
  city: Omit<CityPlan, 'churn'>
  /** Screens that parse and follow every frame, and what the others do. */
  othersDo: 'counts' | 'skims'
  checkIns: number
  /** Whether it is measured how long each check-in takes to each screen. */
  timed: boolean
  limits: Record<string, number>
}

/** A running city under load. */
export interface Stage {
  bench: Bench
  city: BenchCity
  database: pg.Pool
  boards: Boards
  threads: Threads
  parsing: BenchScreen[]
  others: BenchScreen[]
}

/** What the load of a level found out by itself. */
export interface LoadOutcome {
  seconds: { checkIns: number; breadcrumbs: number }
  /** Beside the latencies, what the limits speak of. */
  figures: Record<string, number>
  /** Number of the first check-in whose acknowledgement is measured. */
  measuredFrom: number
  /** Bytes of one frame, for the bare broadcast. */
  frameBytes: { wall: number; console: number }
  /** False when something was wrong that only this level can know. */
  holds: boolean
  also: Record<string, unknown>
}

const framesPerSecond = 20

/** Runs one level: a city and its screens, the load, then what was promised against what is stored and shown, and the bare parts. */
export async function runLevel(
  plan: LevelPlan,
  options: RunOptions,
  load: (stage: Stage) => Promise<LoadOutcome>,
) {
  const { say } = options
  const loadBefore = round(loadavg()[0] ?? 0)
  const bench = await openBench({
    plan: { ...plan.city, churn: false },
    roles: rolesFor(options.gateways),
    say,
    ...(options.services ? { services: options.services } : {}),
    ...(options.nodeOptions ? { nodeOptions: options.nodeOptions } : {}),
  })
  try {
    const { city, database } = bench
    const { walls, consoles } = parsedScreens
    const parsing = [...city.walls.slice(0, walls), ...city.consoles.slice(0, consoles)]
    const others = [...city.walls.slice(walls), ...city.consoles.slice(consoles)]
    const boards = makeBoards({
      checkIns: plan.checkIns,
      screens: parsing.length + others.length,
      parsed: parsing.length,
      timed: plan.timed,
    })
    const threads = startThreads(bench, boards, parsing, others, plan.othersDo)
    try {
      await threads.screens.ask('open', undefined)
      const outcome = await load({ bench, city, database, boards, threads, parsing, others })

      const report = await threads.load.ask('report', undefined)
      const shown = await threads.screens.ask('report', undefined)
      say('Checking what was stored and shown.')
      const history = await checkHistory({
        database,
        boards,
        run: threads.run,
        sent: report.sent,
        screens: shown.screens.map((screen, nr) => ({ ...screen, precinct: parsing[nr]?.precinct ?? -1 })),
        precinctIds: city.precinctIds,
      })
      const { rows } = await database.query<{ n: number }>('select count(*)::int as n from breadcrumb')
      const breadcrumbsStored = rows[0]?.n ?? 0
      await threads.stop()
      for (const server of bench.servers) await server.stop()
      say('Measuring the bare parts.')
      const baseline = await measureBaseline({
        databaseUrl: bench.databaseUrl,
        redisUrl: bench.services.redisUrl,
        broadcast: {
          walls: city.walls.length,
          consoles: city.consoles.length,
          wallBytes: outcome.frameBytes.wall,
          consoleBytes: outcome.frameBytes.console,
          perSecond: framesPerSecond,
        },
      })

      const figures = { ...latencies(boards, report, outcome), ...outcome.figures }
      const thresholds = judgeThresholds(figures, plan.limits)
      const whole =
        history.lost + history.duplicated + history.posGaps + history.screensUnequal === 0 &&
        history.acknowledged === report.sent &&
        breadcrumbsStored === report.breadcrumbsSent
      return {
        level: plan.level,
        checkInsPerSecond: round((report.sent - outcome.measuredFrom) / outcome.seconds.checkIns),
        breadcrumbsPerSecond: round(report.breadcrumbsSent / outcome.seconds.breadcrumbs),
        screens: parsing.length + others.length,
        ...figures,
        lost: history.lost,
        duplicated: history.duplicated,
        stored: history.stored,
        baseline,
        pass: whole && outcome.holds && thresholds.every(({ pass }) => pass),
        thresholds,
        acknowledged: history.acknowledged,
        refused: report.refused,
        posGaps: history.posGaps,
        screensUnequal: history.screensUnequal,
        units: plan.city.units,
        scale: options.scale,
        gateways: options.gateways,
        walls: city.walls.length,
        consoles: city.consoles.length,
        screensParsed: parsing.length,
        screensParsedAre: describeScreens(parsing, plan.othersDo),
        points: city.points,
        ...outcome.also,
        breadcrumbsSent: report.breadcrumbsSent,
        breadcrumbsAcknowledged: report.breadcrumbsAcknowledged,
        breadcrumbsStored,
        answers: report.answers,
        screenCounts: shown.counts,
        faults: [...report.faults, ...history.faults],
        cpu: {
          ...options.machine,
          loadAverageBefore: loadBefore,
          generatorLoopDelayP99: report.loopDelayP99,
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

function describeScreens(parsing: readonly BenchScreen[], othersDo: LevelPlan['othersDo']): string {
  const walls = parsing.filter((one) => one.precinct < 0).length
  const rest = othersDo === 'skims' ? 'the rest catches up and follows by position' : 'the rest counts bytes'
  return `${walls} walls of the whole city and ${parsing.length - walls} consoles, one for each precinct; ${rest}`
}

/** Milliseconds; null where nothing was measured. From sending to the answer and to the screen, and from the event to the screen. */
function latencies(boards: Boards, { sent, breadcrumbAckMs }: LoadReport, { measuredFrom }: LoadOutcome) {
  const acked = boards.ackedAt.subarray(measuredFrom, sent)
  const ack = percentiles(acked.map((at, nr) => at - (boards.sentAt[measuredFrom + nr] ?? NaN)))
  const wall = percentiles(boards.wallMs)
  const event = percentiles(boards.eventMs)
  const breadcrumb = percentiles(breadcrumbAckMs)
  return {
    ackP50: ack.p50,
    ackP95: ack.p95,
    ackP99: ack.p99,
    wallP50: wall.p50,
    wallP95: wall.p95,
    wallP99: wall.p99,
    eventToWallP50: event.p50,
    eventToWallP95: event.p95,
    eventToWallP99: event.p99,
    breadcrumbAckP50: breadcrumb.p50,
    breadcrumbAckP95: breadcrumb.p95,
    breadcrumbAckP99: breadcrumb.p99,
  }
}
