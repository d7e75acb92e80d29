import { loadavg } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { levels } from '../lib/levels.ts'
import { openBench } from './bench-city.ts'
import { makeBoards } from './boards.ts'
import { judgeThresholds } from './judge-thresholds.ts'
import { openGlass, type Glass } from './open-glass.ts'
import { pan, watchTasks } from './pan.ts'
import { round } from './percentiles.ts'
import { seedBoundaries, seedHeat } from './seed-heat.ts'
import { slopeOf } from './slope.ts'
import { startThreads } from './start-threads.ts'
import { countEvents, waitForScreens } from './wait-for-screens.ts'

/** 19 beside the one in the browser: 3 that see the whole city, and a console of each precinct. */
const otherScreens = { walls: 3, consoles: 16 }
/** Milliseconds. A map that draws 30 frames a second is good, whatever the empty one does. */
const limits = { longTaskMax: 200, eventToPixelP95: 500, burstLagSeconds: 5, behind: 0 }
const enough = { fps: 30, ratio: 0.5 }
const allLayers = ['base', 'boundaries', 'heat', 'own', 'trails', 'points', 'incidents', 'units']
const everySeconds = 5

/** The console's map with a whole city on it: how it moves, what a burst does to it, how soon an event is a pixel. */
export async function runMap(options: {
  seconds: number
  units: number
  hexes: number
  burst: number
  burstSeconds: number
  heapMinutes: number
  gl: 'none' | 'software'
  say(line: string): void
  machine: { cores: number; model: string }
}) {
  const { seconds, units, hexes, burst, burstSeconds, heapMinutes, say } = options
  const loadBefore = round(loadavg()[0] ?? 0)
  const quietSeconds = Math.max(60, Math.ceil(heapMinutes * 60))
  // Steady check-ins during everything but the burst.
  const steadySeconds = 3 * seconds + quietSeconds + 45
  const bench = await openBench({
    plan: {
      points: levels.L1.points,
      units,
      walls: otherScreens.walls + 1,
      consoles: otherScreens.consoles,
      spots: 9,
      churn: false,
    },
    roles: ['gateway,relay,worker'],
    say,
  })
  const opened: Glass[] = []
  try {
    const { city, database, origins } = bench
    await seedHeat(database, hexes)
    await seedBoundaries(database)
    const [own, ...walls] = city.walls
    const [origin] = origins
    if (own === undefined || origin === undefined) throw new Error('A map without a screen.')
    const look = async (layers: readonly string[]) => {
      const glass = await openGlass({ origin, cookie: own.cookie, path: '/console', layers, gl: options.gl })
      opened.push(glass)
      await sleep(3_000) // tiles and cells come after the city
      return glass
    }

    const empty = await look([])
    const nothing = await pan(empty.page, seconds)
    await empty.close()
    say(`The empty map pans at ${nothing.fps} frames a second.`)

    const parsing = [...walls, ...city.consoles]
    const boards = makeBoards({
      checkIns: Math.ceil(levels.L1.singlesPerSecond * steadySeconds + burst * burstSeconds) + 1_000,
      screens: parsing.length,
      parsed: parsing.length,
      timed: false,
    })
    const threads = startThreads(bench, boards, parsing)
    try {
      await threads.screens.ask('open', undefined)
      await threads.load.ask('connectDevices', { count: units, perSecond: 400 })
      const plan = {
        singlesPerSecond: levels.L1.singlesPerSecond,
        batchedPerSecond: 0,
        everySeconds,
        breadcrumbsPerBatch: 1,
      }
      const steady = threads.load.ask('steady', { ...plan, seconds: steadySeconds })
      // Where something else fails first, that is the error to tell.
      steady.catch(() => undefined)
      // One round of positions, so that every unit is on the map.
      await sleep(everySeconds * 1_000 + 2_000)
      // Once more beside the load and whatever else the machine does now; what is judged is the first one.
      const emptyLoaded = await look([])
      const beside = await pan(emptyLoaded.page, seconds)
      await emptyLoaded.close()
      say(`The empty map pans at ${beside.fps} frames a second beside the load.`)
      const full = await look(allLayers)
      const shown = await full.state()
      say(`The map shows ${shown.points} points, ${shown.units} units and ${hexes} cells.`)
      const wholeCity = await pan(full.page, seconds)
      say(
        `The whole city pans at ${wholeCity.fps} frames a second, longest task ${wholeCity.longestTask} ms.`,
      )
      await zoomIn(full)
      const street = await pan(full.page, seconds)
      say(`A district pans at ${street.fps} frames a second, longest task ${street.longestTask} ms.`)

      const quietTasks = await watchTasks(full.page)
      const samples: { x: number; value: number }[] = []
      const started = performance.now()
      let latency = await full.latency()
      while (performance.now() - started < quietSeconds * 1_000) {
        await sleep(15_000)
        latency = await full.latency()
        samples.push({
          x: (performance.now() - started) / 3_600_000,
          value: (await full.heapBytes()) / 1_048_576,
        })
      }
      const quietTask = await quietTasks()
      say(`Event to pixel ${round(latency.p95 ?? NaN)} ms (p95 of the last minute).`)
      await steady

      const burstTasks = await watchTasks(full.page)
      const before = await full.state()
      const burstStarted = performance.now()
      const eventsBefore = await countEvents(database)
      await threads.load.ask('steady', {
        ...plan,
        singlesPerSecond: burst * 0.1,
        batchedPerSecond: burst * 0.9,
        seconds: burstSeconds,
      })
      const eventsAfter = await countEvents(database)
      const lag = await secondsUntil(full, eventsAfter)
      const after = await full.state()
      const burstTask = await burstTasks()
      const burstFrames =
        (after.paintedFrames - before.paintedFrames) / ((performance.now() - burstStarted) / 1_000)
      const behind = await waitForScreens(database, boards, parsing, city.precinctIds)
      say(`After the burst the map was whole again in ${lag} s; longest task ${burstTask} ms.`)
      const report = await threads.load.ask('report', undefined)

      const worst = wholeCity.fps <= street.fps ? wholeCity : street
      const figures = {
        fps: worst.fps,
        fpsEmpty: nothing.fps,
        ratio: nothing.fps > 0 ? round(worst.fps / nothing.fps, 2) : null,
        longTaskMax: Math.max(wholeCity.longestTask, street.longestTask, quietTask),
        heapSlopeMBPerHour: roundOr(slopeOf(samples.slice(2))),
        eventToPixelP50: roundOr(latency.p50),
        eventToPixelP95: roundOr(latency.p95),
        eventToPixelP99: roundOr(latency.p99),
        burstEventsPerSecond: round((eventsAfter - eventsBefore) / burstSeconds),
        burstLongestTask: burstTask,
        burstLagSeconds: lag,
        burstPaintsPerSecond: round(burstFrames),
        behind,
      }
      const thresholds = judgeThresholds(figures, limits)
      const isSmooth = figures.fps >= enough.fps || (figures.ratio ?? 0) >= enough.ratio
      return {
        bench: 'map',
        ...figures,
        fpsCity: wholeCity.fps,
        fpsDistrict: street.fps,
        fpsEmptyLoaded: beside.fps,
        longestFrame: Math.max(wholeCity.longestFrame, street.longestFrame),
        longestFrameEmpty: nothing.longestFrame,
        points: shown.points,
        units: shown.units,
        hexes,
        gl: options.gl,
        unitUpdatesPerSecond: round(units / everySeconds),
        screens: parsing.length + 1,
        checkIns: report.sent,
        pageFaults: full.faults,
        faults: report.faults,
        pass: isSmooth && thresholds.every(({ pass }) => pass) && full.faults.length === 0,
        thresholds: [
          { figure: 'fps or ratio', value: [figures.fps, figures.ratio], limit: enough, pass: isSmooth },
          ...thresholds,
        ],
        cpu: {
          ...options.machine,
          loadAverageBefore: loadBefore,
          note: 'No graphics card: the browser draws by the processor, on the cores of everything else.',
        },
      }
    } finally {
      await threads.stop()
    }
  } finally {
    for (const glass of opened) await glass.close()
    await bench.stop()
  }
}

/** To where single points and call signs are drawn. */
async function zoomIn({ page }: Glass): Promise<void> {
  const button = page.getByRole('button', { name: '放大' })
  for (let nr = 0; nr < 3; nr++) {
    await button.click()
    await sleep(400)
  }
  await sleep(2_000)
}

/** Seconds until the page has every event up to this position; null when it does not come so far within a minute. */
async function secondsUntil(glass: Glass, pos: number): Promise<number | null> {
  const started = performance.now()
  while (performance.now() - started < 60_000) {
    if ((await glass.lastPos()) >= pos) return round((performance.now() - started) / 1_000)
    await sleep(50)
  }
  return null
}

const roundOr = (value: number | null) => (value === null ? null : round(value))
