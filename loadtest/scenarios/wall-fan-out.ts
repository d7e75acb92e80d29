// The promise: 50 walls and 500 consoles show every check-in of their scope once, and soon (L1).
// node loadtest/node/serve-k6-city.ts --level L1 --out city.json, then: k6 run -e CITY=$PWD/city.json loadtest/scenarios/wall-fan-out.ts
import exec from 'k6/execution'
import { levels } from '../lib/levels.ts'
import { thresholds } from '../lib/thresholds.ts'
import { ackThresholds, makeCheckIn, sendCheckIns } from './lib/check-in.ts'
import { ownOf, readCity } from './lib/city.ts'
import { followCity, wallThresholds } from './lib/wall-screen.ts'

const { walls, consoles, singlesPerSecond, seconds } = levels.L1
const screens = { executor: 'per-vu-iterations', iterations: 1, maxDuration: `${seconds + 60}s` } as const

export const options = {
  scenarios: {
    walls: { ...screens, exec: 'wall', vus: walls },
    consoles: { ...screens, exec: 'console', vus: consoles },
    checkIns: {
      executor: 'constant-arrival-rate',
      exec: 'checkIn',
      startTime: '10s',
      duration: `${seconds - 15}s`,
      rate: singlesPerSecond,
      preAllocatedVUs: 20,
      maxVUs: 100,
    },
  },
  thresholds: { ...wallThresholds(thresholds.L1), ...ackThresholds(thresholds.L1) },
}

export function wall(): void {
  followCity(ownOf(readCity().walls, exec.scenario.iterationInTest + 1), seconds)
}

function watchPrecinct(): void {
  followCity(ownOf(readCity().consoles, exec.scenario.iterationInTest + 1), seconds)
}
// `console` is k6's own name inside the script, and the scenario's outside.
export { watchPrecinct as console }

export function checkIn(): void {
  const unit = ownOf(readCity().units, exec.scenario.iterationInTest + 1)
  sendCheckIns(unit.cookie, [makeCheckIn(unit, exec.vu.iterationInInstance)])
}
