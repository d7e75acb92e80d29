import { intAt, realAt } from '../../route/typed-array.ts'
import { countBefore } from '../incident-points.ts'
import { applyKernel, spreadCells, spreadPlaces, type Kernel } from './kernel.ts'
import type { LocatedIncidents } from './locate-incidents.ts'

/** One simple model: how past incidents fade with age, and how far they reach. */
export type Component = { halfLifeDays: number | 'season'; reachMeters: number }

const YEAR_DAYS = 365.25
const SEASON_SIGMA_DAYS = 25
const SEASON_HALF_LIFE_YEARS = 4
const NEAR_METERS = 60
const BLOCK_METERS = 150
const WIDE_METERS = 300

/**
 * The simple models that are weighed against each other. Short half-lives with a short reach are the near-repeat
 * (self-exciting) part, whose time and distance are known from the literature: a week or three, a block (Johnson et al.
 * 2007; Mohler et al. 2011). The endless one with reach 0 is plain counting, with a reach it is kernel density. Season is the same weeks of
 * earlier years.
 */
export const COMPONENTS: readonly Component[] = [
  ...[7, 21].flatMap((halfLifeDays) => withReach(halfLifeDays, [0, NEAR_METERS, BLOCK_METERS])),
  ...[60, 180, 365, 1095, Infinity].flatMap((halfLifeDays) =>
    withReach(halfLifeDays, [0, NEAR_METERS, BLOCK_METERS, WIDE_METERS]),
  ),
  ...withReach('season', [0, BLOCK_METERS]),
]

function withReach(halfLifeDays: number | 'season', reaches: number[]): Component[] {
  return reaches.map((reachMeters) => ({ halfLifeDays, reachMeters }))
}

/** Short name for logs and track records, as `365 d / 60 m`. */
export function nameComponent({ halfLifeDays, reachMeters }: Component): string {
  const age = halfLifeDays === 'season' ? 'season' : halfLifeDays === Infinity ? 'all' : `${halfLifeDays} d`
  return `${age} / ${reachMeters} m`
}

/** @returns a function giving, for an origin (day), each component's share of the next window per cell, summing to 1 */
export function prepareComponents(
  located: LocatedIncidents,
  horizonDays: number,
): (origin: number) => Float64Array[] {
  const size = located.cells.length
  const near = spreadPlaces(located, NEAR_METERS)
  const block = spreadCells(located, BLOCK_METERS)
  const wide = spreadCells(located, WIDE_METERS)
  const reachOut = (places: Float64Array, cells: Float64Array, reachMeters: number): Float64Array => {
    if (reachMeters === 0) return Float64Array.from(cells)
    if (reachMeters === NEAR_METERS) return applyKernel(near, places, size)
    return applyKernel(kernelOf(reachMeters), cells, size)
  }
  const kernelOf = (reachMeters: number): Kernel => (reachMeters === BLOCK_METERS ? block : wide)
  return (origin) => {
    const masses = new Map<Component['halfLifeDays'], { places: Float64Array; cells: Float64Array }>()
    return COMPONENTS.map(({ halfLifeDays, reachMeters }) => {
      let mass = masses.get(halfLifeDays)
      if (!mass) {
        const places = weighPlaces(located, origin, horizonDays, halfLifeDays)
        mass = { places, cells: sumPerCell(located, places) }
        masses.set(halfLifeDays, mass)
      }
      return normalise(reachOut(mass.places, mass.cells, reachMeters))
    })
  }
}

/** Sum per place of the weights of its incidents before `origin`, and of none after. */
function weighPlaces(
  located: LocatedIncidents,
  origin: number,
  horizonDays: number,
  halfLifeDays: Component['halfLifeDays'],
): Float64Array {
  const { days, places } = located
  const masses = new Float64Array(located.placeCells.length)
  const before = countBefore(days, origin)
  const rate = halfLifeDays === 'season' ? 0 : Math.LN2 / halfLifeDays
  const middle = origin + horizonDays / 2
  for (let at = 0; at < before; at++) {
    const day = realAt(days, at)
    const weight = halfLifeDays === 'season' ? weighSeason(middle - day) : Math.exp((day - origin) * rate)
    const place = intAt(places, at)
    masses[place] = realAt(masses, place) + weight
  }
  return masses
}

/** Near 1 for incidents a whole number of years before the middle of the window, 0 for those of this year. */
function weighSeason(age: number): number {
  const years = Math.round(age / YEAR_DAYS)
  if (years < 1) return 0
  const off = (age - years * YEAR_DAYS) / SEASON_SIGMA_DAYS
  return Math.exp(-0.5 * off * off) * 0.5 ** (years / SEASON_HALF_LIFE_YEARS)
}

function sumPerCell(located: LocatedIncidents, masses: Float64Array): Float64Array {
  const cells = new Float64Array(located.cells.length)
  masses.forEach((mass, place) => {
    const cell = intAt(located.placeCells, place)
    cells[cell] = realAt(cells, cell) + mass
  })
  return cells
}

function normalise(density: Float64Array): Float64Array {
  let total = 0
  for (let at = 0; at < density.length; at++) total += realAt(density, at)
  if (total > 0) for (let at = 0; at < density.length; at++) density[at] = realAt(density, at) / total
  return density
}
