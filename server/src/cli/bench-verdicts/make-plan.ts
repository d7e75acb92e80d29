import { planAttacks } from './plan-attacks.ts'
import { planHonest } from './plan-honest.ts'
import { createPlanner, type Plan } from './plan.ts'

/** `count` labelled scans, half of them attacks. The same seed gives the same plan; nothing here has met the judge. */
export function makePlan(count: number, seed: number): Plan {
  const planner = createPlanner(seed)
  planHonest(planner, Math.ceil(count / 2))
  planAttacks(planner, Math.floor(count / 2))
  return planner.plan
}
