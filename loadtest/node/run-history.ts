import type pg from 'pg'
import { dailyProfile } from '../lib/daily-profile.ts'
import { history as season, pointCount } from '../lib/levels.ts'
import { now } from './boards.ts'
import { round } from './percentiles.ts'
import { runLevel } from './run-level.ts'
import type { RunOptions } from './start-threads.ts'
import { waitForScreens } from './wait-for-screens.ts'

/** L5: a season of sign-ins through the door, in batches; then the totals of each day must be those that were sent. */
export async function runHistory(limits: { totalSeconds: number }, options: RunOptions) {
  const { say, scale } = options
  const total = Math.round(season.checkIns * scale)
  const days = dailyProfile(season.firstDay, season.lastDay, total)
  const plan = {
    level: 'L5',
    city: { points: pointCount, units: 2_000, walls: season.walls, consoles: season.consoles },
    othersDo: 'counts' as const,
    checkIns: total + 100,
    timed: true,
    limits: { totalSeconds: limits.totalSeconds * scale },
  }
  return runLevel(plan, options, async ({ city, database, boards, threads, parsing }) => {
    say(`${total} sign-ins of ${days.length} days go through the door.`)
    const started = now()
    const seconds = () => (now() - started) / 1_000
    const progress = setInterval(() => {
      const acknowledged = boards.ackedAt.filter((at) => !Number.isNaN(at)).length
      say(`${acknowledged} stored, ${round(acknowledged / seconds(), 0)}/s`)
    }, 10_000)
    await threads.load.ask('history', { days, connections: season.connections })
    clearInterval(progress)
    const totalSeconds = seconds()
    await waitForScreens(database, boards, parsing, city.precinctIds, 120_000)
    const shownSeconds = seconds()
    const daysUnequal = await countUnequalDays(database, days)
    return {
      seconds: { checkIns: totalSeconds, breadcrumbs: totalSeconds },
      figures: { totalSeconds: round(totalSeconds) },
      measuredFrom: 0,
      frameBytes: { wall: 20_000, console: 1_250 },
      holds: daysUnequal === 0,
      also: {
        shownSeconds: round(shownSeconds),
        dailyTotalsExact: daysUnequal === 0,
        days: days.length,
        daysUnequal,
        connections: season.connections,
      },
    }
  })
}

async function countUnequalDays(database: pg.Pool, days: readonly { day: string; count: number }[]) {
  const { rows } = await database.query<{ day: string; n: number }>(
    `select to_char(claimed_at at time zone 'Asia/Taipei', 'YYYY-MM-DD') as day, count(*)::int as n
     from check_in group by 1`,
  )
  const storedOn = new Map(rows.map(({ day, n }) => [day, n]))
  return (
    days.filter(({ day, count }) => storedOn.get(day) !== count).length +
    Math.abs(storedOn.size - days.length)
  )
}
