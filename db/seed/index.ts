import { inTransaction } from '../transaction.ts'
import type { Db } from '../connect.ts'
import { readAtlas } from './atlas.ts'
import { seedDemoAccounts } from './demo-accounts.ts'
import { fillRoster } from './extend-shifts.ts'
import { placePoints } from './place-points.ts'
import { seedOfficers } from './seed-officers.ts'
import { seedAreas, seedOrganisation } from './seed-organisation.ts'
import { seedPoints, tagPoints } from './seed-points.ts'
import { seedWindowRules } from './seed-window-rules.ts'

export { demoAccounts, demoStation, type DemoAccount } from './demo-accounts.ts'
export { extendShifts } from './extend-shifts.ts'
export { readAtlas, type Atlas, type AtlasArea } from './atlas.ts'
export { placePoints, POINT_COUNT } from './place-points.ts'
export { departmentFact, precinctFacts } from './organisation.ts'
export { seedPast } from './past/index.ts'

export interface SeedOptions {
  /** The city's time. */
  now: Date
  /** Random bytes of this installation, kept: from them come the opaque ids of the tags. */
  secret: Buffer
  /** Of the key that signs new labels. */
  keyVersion: number
  /** PHC strings of the demo log-ins, by login; an account without one cannot log in. */
  passwordHashes?: ReadonlyMap<string, string>
  /** False leaves out the made-up points, for a city that runs on an imported register. */
  syntheticPoints?: boolean
  /** Told after each step, with the real milliseconds it took. */
  onStep?: (step: string, count: number, ms: number) => void
}

/** What a city has before anybody imports anything: the base map and the organisation. In one transaction. */
export async function seedBase(db: Db, { onStep }: Pick<SeedOptions, 'onStep'> = {}): Promise<void> {
  const atlas = readAtlas()
  await inTransaction(db, async (tx) => {
    const step = stepper(onStep)
    await seedAreas(tx, atlas)
    step('areas', atlas.districts.length + atlas.villages.length)
    await seedOrganisation(tx, atlas)
    const { rows } = await tx.$client.query<{ n: number }>('select count(*)::int as n from organisation')
    step('organisation', rows[0]?.n ?? 0)
  })
}

/**
 * The demonstration city: base map, organisation, points, officers, roster and window rules. All or nothing, a few
 * seconds; what is there already stays, so it may run again (after an import it staffs the imported points).
 */
export async function seedCity(db: Db, options: SeedOptions): Promise<void> {
  await seedBase(db, options)
  await inTransaction(db, async (tx) => {
    const step = stepper(options.onStep)
    if (options.syntheticPoints ?? true) {
      step('points', await seedPoints(tx, placePoints(readAtlas().villages), options))
    } else {
      step('tags', await tagPoints(tx, options))
    }
    step('officers', await seedOfficers(tx))
    await seedDemoAccounts(tx, options.passwordHashes ?? new Map())
    step('units', await fillRoster(tx, options))
    step('window rules', await seedWindowRules(tx, options))
    await tx.$client.query('analyze patrol_point, tag, officer, shift, unit, unit_member, window_rule')
  })
}

function stepper(onStep: SeedOptions['onStep']) {
  let at = performance.now()
  return (name: string, count: number) => {
    onStep?.(name, count, performance.now() - at)
    at = performance.now()
  }
}
