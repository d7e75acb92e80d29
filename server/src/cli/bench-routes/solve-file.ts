import { planScorePath } from '../../route/orienteering.ts'
import type { SearchLimits } from '../../route/search-limits.ts'
import { planUnits } from '../../route/team-orienteering.ts'
import { planTour } from '../../route/tsp.ts'
import { readOp, readToptw } from './read-orienteering.ts'
import { readOplib, readTsplib } from './read-tsplib.ts'

export const FORMATS = ['tsplib', 'op', 'oplib', 'toptw'] as const
export type Format = (typeof FORMATS)[number]

/**
 * Reads one instance and searches within the limits. `seconds` in the answer is the search alone.
 * @throws BadInstance
 */
export function solveFile(format: Format, file: string, vehicles: number, limits: SearchLimits): object {
  switch (format) {
    case 'tsplib': {
      const { instance, metric } = readTsplib(file)
      const { seconds, found } = timed(() => planTour(metric, limits))
      return { instance, seconds, length: found.length, tour: found.order }
    }
    case 'op': {
      const { instance, metric, scores, budget } = readOp(file)
      const { seconds, found } = timed(() =>
        planScorePath({ metric, scores, start: 0, end: 1, budget }, limits),
      )
      return { instance, seconds, score: sumScores(scores, found.path), path: found.path }
    }
    case 'oplib': {
      const { instance, metric, scores, depot, costLimit } = readOplib(file)
      const problem = { metric, scores, start: depot, end: depot, budget: costLimit }
      const { seconds, found } = timed(() => planScorePath(problem, limits))
      const tour = found.path.slice(0, -1)
      return { instance, seconds, score: sumScores(scores, tour), tour }
    }
    case 'toptw': {
      const { instance, metric, stops, endsAt } = readToptw(file)
      const units = Array.from({ length: vehicles }, () => ({ start: 0, end: 0, startsAt: 0, endsAt }))
      const { seconds, found } = timed(() => planUnits(metric, stops, units, limits))
      const routes = found.routes.map((route) => route.map((stop) => stop + 1))
      return { instance, vehicles, seconds, score: found.score, routes }
    }
  }
}

function timed<T>(search: () => T): { seconds: number; found: T } {
  const startedAt = performance.now()
  const found = search()
  return { seconds: Math.round(performance.now() - startedAt) / 1000, found }
}

/** Scores of the points of a path, the start's and end's own included. */
function sumScores(scores: Float64Array, path: number[]): number {
  return path.reduce((sum, point) => sum + (scores[point] ?? 0), 0)
}
