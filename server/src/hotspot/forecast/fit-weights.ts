import { floatAt, realAt } from '../../route/typed-array.ts'

/**
 * One past window: what the components said before it, and what happened (cases per cell). Components in single precision: some
 * two dozen windows are kept, each with thousands of cells for each component, and their memory is what a forecast needs most of.
 */
export type PastWindow = { components: Float32Array[]; cases: Float64Array; weight: number }

const ROUNDS = 150
// Cases that the starting weights are worth: enough to hold a category of a dozen cases a month in place.
const PRIOR_CASES = 5

/**
 * Weights of the components under which past windows were best foretold, as Poisson rates: the expected cases of a cell are
 * (cases in the window) × Σ weight × component. Maximum likelihood with non-negative weights by the multiplicative
 * rule of Richardson and Lucy, which is expectation–maximisation for this model and cannot overshoot.
 *
 * @param start weights to begin with, also the prior
 * @param cellsOf cells to fit on, per window. Hot cells have much to say for themselves and forget faster than quiet
 *   ones, so weights that shall rank hot cells are fitted on hot cells. Without it, on all cells.
 */
export function fitWeights(
  windows: readonly PastWindow[],
  start: Float64Array,
  cellsOf?: (window: PastWindow) => Int32Array,
): Float64Array {
  const size = start.length
  const exposure = new Float64Array(size)
  const parts = windows.map((window) => ({ window, cells: cellsOf?.(window) }))
  // Counted first: a list of some million numbers is copied each time it grows, and nothing ends a thread meanwhile.
  let count = 0
  for (const { window, cells } of parts)
    for (const cell of cells ?? window.cases.keys()) if (realAt(window.cases, cell) !== 0) count++
  const rows = new Float64Array(count * size)
  const cases = new Float64Array(count)
  let row = 0
  for (const { window, cells } of parts) {
    let total = 0
    for (let cell = 0; cell < window.cases.length; cell++) total += realAt(window.cases, cell)
    window.components.forEach((component, at) => {
      let share = 1
      if (cells) {
        share = 0
        for (const cell of cells) share += floatAt(component, cell)
      }
      exposure[at] = realAt(exposure, at) + share * total * window.weight
    })
    for (const cell of cells ?? window.cases.keys()) {
      const happened = realAt(window.cases, cell)
      if (happened === 0) continue
      window.components.forEach((component, at) => (rows[row * size + at] = floatAt(component, cell)))
      cases[row++] = happened * window.weight
    }
  }
  return climb(rows, cases, exposure, start)
}

function climb(
  rows: Float64Array,
  cases: Float64Array,
  exposure: Float64Array,
  start: Float64Array,
): Float64Array {
  const size = start.length
  let weights = start
  for (let round = 0; round < ROUNDS; round++) {
    const gained = start.map((weight) => weight * PRIOR_CASES)
    for (let row = 0; row < cases.length; row++) {
      const base = row * size
      let rate = 0
      for (let at = 0; at < size; at++) rate += realAt(weights, at) * realAt(rows, base + at)
      if (rate <= 0) continue
      const scale = realAt(cases, row) / rate
      for (let at = 0; at < size; at++) {
        gained[at] = realAt(gained, at) + realAt(weights, at) * realAt(rows, base + at) * scale
      }
    }
    weights = gained.map((gain, at) => gain / (realAt(exposure, at) + PRIOR_CASES))
  }
  return weights
}

/** Weighted sum of the components per cell. */
export function mixComponents(components: readonly Float32Array[], weights: Float64Array): Float64Array {
  const mixed = new Float64Array(components[0]?.length ?? 0)
  components.forEach((component, at) => {
    const weight = realAt(weights, at)
    if (weight < 1e-9) return
    for (let cell = 0; cell < mixed.length; cell++)
      mixed[cell] = realAt(mixed, cell) + weight * floatAt(component, cell)
  })
  return mixed
}
