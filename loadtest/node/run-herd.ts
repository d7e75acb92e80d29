import { setTimeout as sleep } from 'node:timers/promises'
import { herd, pointCount } from '../lib/levels.ts'
import { now } from './boards.ts'
import { round } from './percentiles.ts'
import { runLevel } from './run-level.ts'
import type { RunOptions } from './start-threads.ts'
import { countBehind, countEvents, findTargets, waitForScreens } from './wait-for-screens.ts'

/**
 * L4. All screens are cut off; meanwhile others go on checking in. Then within one second all screens and 2,000 devices are
 * back, these with half an hour of check-ins and breadcrumbs. Every screen must catch up.
 */
export async function runHerd(limits: Record<string, number>, options: RunOptions) {
  const { say, scale } = options
  const scaled = (value: number) => Math.max(1, Math.round(value * scale))
  const devices = scaled(herd.devices)
  const missed = scaled(herd.missedCheckIns)
  const plan = {
    level: 'L4',
    city: {
      points: scale < 0.2 ? 560 : pointCount,
      units: Math.max(16, devices),
      walls: scaled(herd.walls),
      consoles: scaled(herd.consoles),
    },
    othersDo: 'skims' as const,
    checkIns: devices * herd.checkInsPerDevice + missed + 100,
    timed: false,
    limits,
  }
  return runLevel(plan, options, async ({ city, database, boards, threads, parsing, others }) => {
    const screens = [...parsing, ...others]
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
    const screensEqualSeconds = round((now() - started) / 1_000, 2)
    say(`Screens equal after ${screensEqualSeconds} s.`)
    const stored = await herding
    const { checkInsSeconds, breadcrumbsSeconds } = stored
    say(`Check-ins stored after ${round(checkInsSeconds)} s, breadcrumbs ${round(breadcrumbsSeconds)} s.`)
    await waitForScreens(database, boards, screens, city.precinctIds, 120_000)
    return {
      seconds: { checkIns: checkInsSeconds, breadcrumbs: breadcrumbsSeconds },
      figures: {
        screensEqualSeconds,
        checkInsStoredSeconds: round(checkInsSeconds, 2),
        breadcrumbsStoredSeconds: round(breadcrumbsSeconds, 2),
      },
      measuredFrom: missed,
      frameBytes: { wall: 20_000, console: 1_250 },
      holds: true,
      also: {
        devicesConnectedSeconds: round(stored.connectedSeconds, 2),
        checkInsMissedByScreens: missed,
      },
    }
  })
}
