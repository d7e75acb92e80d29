import { judgePosition } from './freshness.ts'
import type { City } from './city.ts'

/** 線上警力: units on duty whose last position is at most ten minutes old. */
export function countOnline(city: City, now: number): number {
  let count = 0
  for (const id of city.units.keys()) {
    const position = city.positions.get(id)
    if (position && judgePosition(now - Date.parse(position.recordedAt)) !== 'ghost') count += 1
  }
  return count
}
