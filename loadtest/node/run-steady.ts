import type { Level } from '../lib/levels.ts'
import type { Boards } from './boards.ts'
import { round } from './percentiles.ts'
import { layRoads, planUntil, type PlannedCity } from './plan-city.ts'
import { readServerCpu } from './read-server-cpu.ts'
import { runLevel, type Stage } from './run-level.ts'
import type { RunOptions } from './start-threads.ts'
import { waitForScreens } from './wait-for-screens.ts'

/** Runs L1, L2, L3 or election eve: a steady load on a city with its screens, and what came of it. */
export async function runSteady(
  name: string,
  level: Level,
  limits: Record<string, number>,
  options: RunOptions,
) {
  const { say, scale } = options
  const scaled = (value: number) => Math.max(1, Math.round(value * scale))
  const seconds = options.seconds ?? level.seconds
  const singlesPerSecond = level.singlesPerSecond * scale
  const batchedPerSecond = level.batchedPerSecond * scale
  const units = scaled(level.units)

  const plan = {
    level: name,
    city: {
      points: scale < 0.2 ? 560 : level.points,
      hourlyPoints: level.hourlyPoints,
      units: Math.max(units, 16),
      walls: scaled(level.walls),
      consoles: scaled(level.consoles),
    },
    othersDo: 'counts' as const,
    checkIns: Math.ceil((singlesPerSecond + batchedPerSecond) * seconds) + 100,
    timed: true,
    limits,
  }
  let cityPlan: PlannedCity | null = null
  const result = await runLevel(plan, options, async (stage) => {
    const { bench, boards, threads, parsing, others } = stage
    await threads.load.ask('connectDevices', { count: units, perSecond: 400 })
    say(`${parsing.length + others.length} screens and ${units} units are connected; ${seconds} s of load.`)
    const bytesBefore = boards.bytes.slice()
    const cpuBefore = await readServerCpu(bench.origins)
    let isOver = false
    const planning = options.with === 'city-plan' ? planCity(stage, () => isOver) : null
    await threads.load.ask('steady', { ...level, singlesPerSecond, batchedPerSecond, seconds })
    isOver = true
    const cpu = (await readServerCpu(bench.origins)) - cpuBefore
    const behind = await waitForScreens(stage.database, boards, parsing, stage.city.precinctIds)
    if (behind > 0) say(`${behind} screens did not get everything.`)
    cityPlan = await planning
    const perSecond = traffic(stage, bytesBefore, seconds)
    return {
      seconds: { checkIns: seconds, breadcrumbs: seconds },
      figures: {},
      measuredFrom: 0,
      frameBytes: { wall: Math.round(perSecond.wall / 20), console: Math.round(perSecond.console / 20) },
      holds: true,
      also: {
        seconds,
        bytesPerSecondToWall: round(perSecond.wall, 0),
        bytesPerSecondToConsole: round(perSecond.console, 0),
        gatewayCpuShare: round(cpu / seconds, 2),
      },
    }
  })
  return { ...result, cityPlan: cityPlan as PlannedCity | null }
}

/** Beside the load, the routes of the whole city are planned in a job thread all the time. */
async function planCity({ bench, city, database }: Stage, isOver: () => boolean) {
  await layRoads(database)
  return planUntil(bench.origins[0] ?? '', city.walls[0]?.cookie ?? '', isOver)
}

/** Bytes per second to one wall and one console, over all of each kind. */
function traffic({ boards, parsing, others }: Stage, before: Boards['bytes'], seconds: number) {
  const kinds = { wall: { bytes: 0, screens: 0 }, console: { bytes: 0, screens: 0 } }
  for (const [nr, { precinct }] of [...parsing, ...others].entries()) {
    const kind = kinds[precinct < 0 ? 'wall' : 'console']
    kind.bytes += (boards.bytes[nr] ?? 0) - (before[nr] ?? 0)
    kind.screens++
  }
  const rate = ({ bytes, screens }: { bytes: number; screens: number }) =>
    bytes / Math.max(1, screens) / seconds
  return { wall: rate(kinds.wall), console: rate(kinds.console) }
}
