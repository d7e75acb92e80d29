import { intAt, realAt } from '../route/typed-array.ts'
import { countCases } from './forecast.ts'
import { applyKernel, spreadPlaces } from './forecast/kernel.ts'
import type { LocatedIncidents } from './forecast/locate-incidents.ts'
import { countBefore, countInto } from './incident-points.ts'

export type Baseline = 'count90' | 'count365' | 'countAll' | 'decay365' | 'kde'

const KDE_SIGMA_METERS = 220
const DECAY_HALF_LIFE_DAYS = 365

/** Prepares the plain forecasts ours is measured against: per origin a score per cell from incidents before it. */
export function prepareBaselines(
  located: LocatedIncidents,
): (origin: number) => Record<Baseline, Float64Array> {
  const kernel = spreadPlaces(located, KDE_SIGMA_METERS)
  return (origin) => {
    const masses = new Float64Array(located.placeCells.length)
    countInto(masses, located.places, 0, countBefore(located.days, origin))
    return {
      count90: countCases(located, origin - 90, origin),
      count365: countCases(located, origin - 365, origin),
      countAll: countCases(located, -Infinity, origin),
      decay365: sumDecayed(located, origin),
      kde: applyKernel(kernel, masses, located.cells.length),
    }
  }
}

function sumDecayed(located: LocatedIncidents, origin: number): Float64Array {
  const scores = new Float64Array(located.cells.length)
  const before = countBefore(located.days, origin)
  for (let at = 0; at < before; at++) {
    const cell = intAt(located.cellOf, at)
    const age = origin - realAt(located.days, at)
    scores[cell] = realAt(scores, cell) + 0.5 ** (age / DECAY_HALF_LIFE_DAYS)
  }
  return scores
}
