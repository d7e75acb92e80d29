// The promise: the night before an election, with 8,357 live points and 3,000 devices, feels like any other night.
// node loadtest/node/serve-k6-city.ts --level election-eve --out city.json, then: k6 run -e CITY=$PWD/city.json loadtest/scenarios/election-eve.ts
import exec from 'k6/execution'
import { levels } from '../lib/levels.ts'
import { thresholds } from '../lib/thresholds.ts'
import { breadcrumbThresholds, streamBreadcrumbs } from './lib/breadcrumbs.ts'
import { ackThresholds, makeCheckIn, sendCheckIns } from './lib/check-in.ts'
import { ownOf, readCity } from './lib/city.ts'
import { followCity, wallThresholds } from './lib/wall-screen.ts'

const level = levels['election-eve']
const once = { executor: 'per-vu-iterations', iterations: 1, maxDuration: `${level.seconds + 60}s` } as const

export const options = {
  scenarios: {
    screens: { ...once, exec: 'screen', vus: level.walls + level.consoles },
    devices: { ...once, exec: 'device', vus: level.units },
    checkIns: {
      executor: 'constant-arrival-rate',
      exec: 'checkIn',
      startTime: '10s',
      duration: `${level.seconds - 15}s`,
      rate: level.singlesPerSecond,
      preAllocatedVUs: 40,
      maxVUs: 200,
    },
  },
  thresholds: {
    ...wallThresholds(thresholds['election-eve']),
    ...ackThresholds(thresholds['election-eve']),
    ...breadcrumbThresholds,
  },
}

export function screen(): void {
  const { walls, consoles } = readCity()
  followCity(ownOf([...walls, ...consoles], exec.scenario.iterationInTest + 1), level.seconds)
}

export function device(): void {
  streamBreadcrumbs(ownOf(readCity().units, exec.scenario.iterationInTest + 1), level, level.seconds)
}

/** The candidates' offices are the last points of the city, due every hour; the units of their stations visit them. */
export function checkIn(): void {
  const unit = ownOf(readCity().units, exec.scenario.iterationInTest + 1)
  sendCheckIns(unit.cookie, [makeCheckIn(unit, exec.vu.iterationInInstance)])
}
