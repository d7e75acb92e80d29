// The promise: 4,000 breadcrumbs a second of 2,000 units are stored, and every sender is told so (L2).
// node loadtest/node/serve-k6-city.ts --level L2 --out city.json, then: k6 run -e CITY=$PWD/city.json loadtest/scenarios/breadcrumb-stream.ts
import exec from 'k6/execution'
import { levels } from '../lib/levels.ts'
import { breadcrumbThresholds, streamBreadcrumbs } from './lib/breadcrumbs.ts'
import { ownOf, readCity } from './lib/city.ts'

const level = levels.L2

export const options = {
  scenarios: {
    devices: {
      executor: 'per-vu-iterations',
      vus: level.units,
      iterations: 1,
      maxDuration: `${level.seconds + 60}s`,
    },
  },
  thresholds: breadcrumbThresholds,
}

export default function stream(): void {
  streamBreadcrumbs(ownOf(readCity().units, exec.scenario.iterationInTest + 1), level, level.seconds)
}
