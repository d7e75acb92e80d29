/** 3R (適人、適地、適時): which unit drives which route, by skill, mode, beat and load, explained for each pair. */
import type { RouteMatch } from '@patrol/contract'
import type { TravelMode } from '../travel-time/speeds.ts'
import { assignCheapest } from './assign-cheapest.ts'

export type MatchUnit = {
  mode: TravelMode
  skills: ReadonlySet<string>
  beatIds: ReadonlySet<number>
  /** Points that its officers visited lately. */
  knownPointIds: ReadonlySet<number>
  /** Hours on duty in the last week, mean of its officers. */
  loadHours: number
}

export type MatchRoute = {
  /** What it was planned for. */
  mode: TravelMode
  points: readonly { id: number; beatId: number | null; wantedSkills: readonly string[] }[]
}

const SHARES = { skill: 0.35, mode: 0.25, beat: 0.25, load: 0.15 }
const IMPOSSIBLE = 1_000

/**
 * @param canDrive does the route fit the shift in the unit's mode?
 * @returns for each unit the route it takes and why; there are as many routes as units
 */
export function matchUnits(
  units: readonly MatchUnit[],
  routes: readonly MatchRoute[],
  canDrive: (unit: number, route: number) => boolean,
): { route: number; match: RouteMatch }[] {
  const loads = units.map((unit) => unit.loadHours)
  const [least, most] = [Math.min(...loads), Math.max(...loads)]
  const longest = Math.max(1, ...routes.map((route) => route.points.length))
  const pairs = units.map((unit) =>
    routes.map((route): RouteMatch => {
      const wanted = new Set(route.points.flatMap((point) => point.wantedSkills))
      const skill = shareOf([...wanted], (each) => unit.skills.has(each))
      const beat = shareOf(
        route.points,
        ({ id, beatId }) => unit.knownPointIds.has(id) || (beatId !== null && unit.beatIds.has(beatId)),
      )
      const mode = unit.mode === route.mode ? 1 : 0
      // Whoever worked most gets the shortest route.
      const rested = most > least ? (most - unit.loadHours) / (most - least) : 1
      const load = 1 - Math.abs(rested - route.points.length / longest)
      const total = SHARES.skill * skill + SHARES.mode * mode + SHARES.beat * beat + SHARES.load * load
      return { skill, mode, beat, load, total }
    }),
  )
  const cost = Float64Array.from(
    pairs.flatMap((row, u) => row.map((pair, r) => (canDrive(u, r) ? 1 - pair.total : IMPOSSIBLE))),
  )
  return assignCheapest(cost, units.length, routes.length).map((route, u) => ({
    route,
    match: pairs[u]?.[route] ?? { skill: 0, mode: 0, beat: 0, load: 0, total: 0 },
  }))
}

function shareOf<T>(all: readonly T[], holds: (each: T) => boolean): number {
  return all.length === 0 ? 1 : all.filter(holds).length / all.length
}
