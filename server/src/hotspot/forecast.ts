import { realAt } from '../route/typed-array.ts'
import { COMPONENTS, nameComponent, prepareComponents } from './forecast/components.ts'
import { fitWeights, mixComponents, type PastWindow } from './forecast/fit-weights.ts'
import { countKnownCells, type LocatedIncidents } from './forecast/locate-incidents.ts'
import { sumOver, takeTopCells } from './forecast/take-top-cells.ts'
import { countBefore, countInto } from './incident-points.ts'

export type Forecast = {
  /** Per cell of the study area; only their order means something. */
  scores: Float64Array
  /** The hottest cells, best first, up to the area asked for. */
  cells: Int32Array
  /** What was chosen, for the track record: components with their share, largest first. */
  model: { name: string; share: number }[]
}

// A rolling origin needs something behind it; half a year holds the slow components in place.
const MIN_HISTORY_DAYS = 180
const MAX_STEP_DAYS = 30
const YEARS_OF_WINDOWS_DAYS = 730
// An older window counts less: cities change.
const WINDOW_HALF_LIFE_DAYS = 730
// Weights are fitted on so many times the area asked for: the cells that could get into it.
const FOCUS = 4
const BEST_COMPONENTS = 3
const BEST_SHARE = 0.4

type Origin = { components: Float32Array[]; cases: Float64Array; hits: number[]; candidates: number }

/**
 * Prepares forecasts of where the next `horizonDays` will see incidents of one category.
 *
 * At each origin two answers are blended, both learned by rolling-origin validation on windows that ended before it:
 * a stack of all components with the weights that foretold the hot cells best, and the mean of the three components that
 * caught most cases within the area. The stack is the better judge where cases are many; the plain winners
 * hold it steady where they are few.
 *
 * @returns a function of the origin (day since 1970, local). It reads incidents before the origin and no others. Ask in
 *   ascending order: past windows are kept and reused.
 */
export function createForecaster(
  located: LocatedIncidents,
  horizonDays: number,
  areaKm2: number,
): (origin: number) => Forecast {
  const componentsAt = prepareComponents(located, horizonDays)
  const origins = new Map<number, Origin>()
  const openOrigin = (day: number): Origin => {
    const known = origins.get(day)
    if (known) return known
    const components = componentsAt(day)
    const cases = countCases(located, day, day + horizonDays)
    const candidates = countKnownCells(located, day)
    const hits = components.map((scores) => rateHits(scores, cases, located, areaKm2, candidates))
    const origin = { components: keepKnown(components, candidates), cases, hits, candidates }
    origins.set(day, origin)
    return origin
  }

  return (day) => {
    const step = Math.min(horizonDays, MAX_STEP_DAYS)
    const past = listPastOrigins(realAt(located.days, 0), day, horizonDays, step)
    for (const old of origins.keys()) if (old < (past.at(-1) ?? day)) origins.delete(old)
    const opened = past.map((origin) => ({
      ...openOrigin(origin),
      weight: 0.5 ** ((day - origin) / WINDOW_HALF_LIFE_DAYS),
    }))
    const start = new Float64Array(COMPONENTS.length).fill(1 / COMPONENTS.length)
    const everywhere = fitWeights(opened, start)
    const focus = new Map<PastWindow, Int32Array>(
      opened.map((window) => [
        window,
        takeTopCells(
          mixComponents(window.components, everywhere),
          located,
          FOCUS * areaKm2,
          window.candidates,
        ),
      ]),
    )
    const weights = fitWeights(opened, everywhere, (window) => focus.get(window) ?? new Int32Array(0))
    const rated = COMPONENTS.map((_, at) =>
      opened.reduce((sum, { hits, weight }) => sum + (hits[at] ?? 0) * weight, 0),
    )
    return blend(located, areaKm2, componentsAt(day), countKnownCells(located, day), weights, rated)
  }
}

/** Origins whose windows end at or before `day`, latest first. */
function listPastOrigins(firstDay: number, day: number, horizonDays: number, step: number): number[] {
  const count = Math.min(52, Math.max(24, Math.ceil(YEARS_OF_WINDOWS_DAYS / step)))
  return Array.from({ length: count }, (_, at) => day - horizonDays - at * step).filter(
    (origin) => origin >= firstDay + MIN_HISTORY_DAYS,
  )
}

function blend(
  located: LocatedIncidents,
  areaKm2: number,
  components: Float64Array[],
  candidates: number,
  weights: Float64Array,
  rated: number[],
): Forecast {
  const best = [...COMPONENTS.keys()]
    .sort((a, b) => (rated[b] ?? 0) - (rated[a] ?? 0))
    .slice(0, BEST_COMPONENTS)
  const share = Math.max(...rated) > 0 ? BEST_SHARE : 0
  const scores = new Float64Array(located.cells.length)
  // Each part is scaled by its own sum over the area asked for, so that shares mean the same for all.
  const add = (part: Float64Array, partShare: number): void => {
    const scale = partShare / (sumOver(part, takeTopCells(part, located, areaKm2, candidates)) || 1)
    for (let cell = 0; cell < scores.length; cell++)
      scores[cell] = realAt(scores, cell) + scale * realAt(part, cell)
  }
  add(mixComponents(keepKnown(components, candidates), weights), 1 - share)
  for (const at of best) add(components[at] ?? scores, share / best.length)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const model = COMPONENTS.map((component, at) => ({
    name: nameComponent(component),
    share: ((1 - share) * realAt(weights, at)) / total + (best.includes(at) ? share / best.length : 0),
  }))
  return {
    scores,
    cells: takeTopCells(scores, located, areaKm2, candidates),
    model: model.filter((part) => part.share >= 0.01).sort((a, b) => b.share - a.share),
  }
}

/** In single precision. Cells that were not known yet have nothing, and memory that is never written costs none. */
function keepKnown(components: readonly Float64Array[], candidates: number): Float32Array[] {
  return components.map((component) => {
    const kept = new Float32Array(component.length)
    kept.set(component.subarray(0, candidates))
    return kept
  })
}

/** Cases per cell from day `from` (included) to `to` (not included). */
export function countCases(located: LocatedIncidents, from: number, to: number): Float64Array {
  const cases = new Float64Array(located.cells.length)
  countInto(cases, located.cellOf, countBefore(located.days, from), countBefore(located.days, to))
  return cases
}

/** Cases caught within the area, half as many again outside it: hits at one cut only are a coin's throw. */
function rateHits(
  scores: Float64Array,
  cases: Float64Array,
  located: LocatedIncidents,
  areaKm2: number,
  candidates: number,
): number {
  const cells = takeTopCells(scores, located, 1.4 * areaKm2, candidates)
  let rating = 0
  let area = 0
  for (const cell of cells) {
    rating += realAt(cases, cell) * (area < 0.7 * areaKm2 ? 1 : area < areaKm2 ? 0.8 : 0.3)
    area += realAt(located.areasKm2, cell)
  }
  return rating
}
