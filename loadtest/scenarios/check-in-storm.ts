// The promise: a thousand check-ins a second for a minute are all stored (L3).
// node loadtest/node/serve-k6-city.ts --level L3 --out city.json, then: k6 run -e CITY=$PWD/city.json loadtest/scenarios/check-in-storm.ts
import exec from 'k6/execution'
import { batchSize, levels } from '../lib/levels.ts'
import { thresholds } from '../lib/thresholds.ts'
import { ackThresholds, makeCheckIn, sendCheckIns } from './lib/check-in.ts'
import { ownOf, readCity } from './lib/city.ts'

const { singlesPerSecond, batchedPerSecond, seconds } = levels.L3
const rate = { executor: 'constant-arrival-rate', duration: `${seconds}s`, timeUnit: '1s' } as const

export const options = {
  scenarios: {
    singles: { ...rate, exec: 'single', rate: singlesPerSecond, preAllocatedVUs: 100, maxVUs: 500 },
    batches: { ...rate, exec: 'batch', rate: batchedPerSecond / batchSize, preAllocatedVUs: 40, maxVUs: 200 },
  },
  thresholds: ackThresholds(thresholds.L3),
}

/** A number that no other iteration of this virtual user has. */
const nextNumber = () => exec.vu.iterationInInstance * batchSize

export function single(): void {
  const unit = ownOf(readCity().units, exec.scenario.iterationInTest + 1)
  sendCheckIns(unit.cookie, [makeCheckIn(unit, nextNumber())])
}

export function batch(): void {
  const unit = ownOf(readCity().units, exec.scenario.iterationInTest + 1)
  sendCheckIns(
    unit.cookie,
    Array.from({ length: batchSize }, (_, i) => makeCheckIn(unit, nextNumber() + i)),
  )
}
