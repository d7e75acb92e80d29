import { setTimeout as sleep } from 'node:timers/promises'
import type { CheckInReceipt } from '@patrol/contract'
import type { Db } from '@patrol/db'
import { buildCheckIns } from './build-check-in.ts'
import { buildCity, makeBenchKeys } from './build-city.ts'
import type { Plan } from './plan.ts'
import { sendScans } from './send-scans.ts'
import { startServer } from './server-process.ts'
import { withBenchDatabase } from './with-bench-database.ts'

export type Outcome = Pick<CheckInReceipt, 'verdict' | 'fulfils' | 'reasons'>

/**
 * Lets the real server judge the plan on a database of its own, uploaded in the order of `orderSeed`, and waits until late
 * evidence has been weighed. Outcomes as on record, by the plan's numbers; null where nothing was stored.
 */
export async function judgePlan(
  plan: Plan,
  orderSeed: number,
  progress: (line: string) => void,
): Promise<(Outcome | null)[]> {
  return withBenchDatabase(progress, async ({ db, ...services }) => {
    const keys = makeBenchKeys()
    const city = await buildCity(db, plan, keys)
    const server = await startServer(keys, services)
    try {
      const startMs = Date.now()
      const checkIns = buildCheckIns(plan, city, keys, startMs)
      await sendScans(server.origin, plan, city, checkIns, { startMs, seed: orderSeed })
      progress(`${plan.scans.length} scans uploaded in ${Math.round((Date.now() - startMs) / 100) / 10} s`)
      await waitUntilWeighed(db)
      const outcomes = await readOutcomes(db)
      return checkIns.map(({ id }) => outcomes.get(id) ?? null)
    } finally {
      await server.stop()
    }
  })
}

/** How long the server waits for late breadcrumbs before its second look. */
const secondLookMs = 62_000

/** The server looks every two seconds for tracks that came: three times without a change, all has been weighed. */
async function waitUntilWeighed(db: Db): Promise<void> {
  await sleep(secondLookMs)
  let before = ''
  for (let same = 0; same < 3;) {
    await sleep(2_200)
    const { rows } = await db.$client.query<{ state: string }>(
      `select md5(string_agg(id::text || verdict || fulfils || reasons::text, '' order by id)) as state from check_in`,
    )
    const state = rows[0]?.state ?? ''
    same = state === before ? same + 1 : 0
    before = state
  }
}

async function readOutcomes(db: Db): Promise<Map<string, Outcome>> {
  const { rows } = await db.$client.query<Outcome & { id: string }>(
    'select id, verdict, fulfils, reasons from check_in',
  )
  return new Map(rows.map(({ id, ...outcome }) => [id, outcome]))
}
