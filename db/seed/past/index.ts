import type { Db } from '../../connect.ts'
import { inTransaction } from '../../transaction.ts'
import { seedFigures } from './seed-figures.ts'
import { seedIncidents } from './seed-incidents.ts'
import { seedToday } from './seed-today.ts'

/**
 * Gives the demonstration city a past, so that its first minute has something to compare with: a year of incidents, four weeks
 * of figures, and the day up to now. All of it is made up; incidents and check-ins are marked so. Where there are any already,
 * there are no others added.
 */
export async function seedPast(
  db: Db,
  { now, onStep }: { now: Date; onStep?: (step: string, count: number, ms: number) => void },
): Promise<void> {
  const steps = { incidents: seedIncidents, 'day so far': seedToday, figures: seedFigures }
  await inTransaction(db, async (tx) => {
    for (const [step, seed] of Object.entries(steps)) {
      const began = performance.now()
      const count = await seed(tx, now)
      onStep?.(step, count, performance.now() - began)
    }
    await tx.$client.query('analyze incident, check_in, patrol_window, figure')
  })
}
