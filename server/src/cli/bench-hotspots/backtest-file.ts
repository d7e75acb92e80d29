import { basename } from 'node:path'
import { backtest } from '../../hotspot/backtest.ts'
import { readPoints, type PointFilter } from './read-points.ts'

export type FileOptions = PointFilter & {
  file: string
  horizonDays: number
  areaKm2: number
  cityKm2: number
  folds: number
}

const DAY_MS = 86_400_000

/** One line per window, then the summary. */
export async function* backtestFile(
  options: FileOptions,
  progress: (line: string) => void,
): AsyncGenerator<object> {
  const { file, horizonDays, areaKm2, cityKm2, folds, category } = options
  const points = await readPoints(file, options, progress)
  const span = (points.days.at(-1) ?? 0) - (points.days[0] ?? 0)
  if (span < (folds + 1) * horizonDays) {
    progress(`only ${Math.floor(span)} days of data: the first windows have little or nothing before them`)
  }
  const run = backtest(points, { horizonDays, areaKm2, cityKm2, folds })
  for (let at = 1; ; at++) {
    const step = run.next()
    if (step.done) {
      const { pai, pei, hitRate, interval90 } = step.value
      const dataset = basename(file)
        .replace(/\.gz$/, '')
        .replace(/\.csv$/, '')
      yield { dataset, category: category ?? null, folds, pai, pei, hitRate, interval90 }
      return
    }
    const { from, to, events, cells, hits, model } = step.value
    const parts = model.slice(0, 3).map(({ name, share }) => `${name} ${Math.round(100 * share)} %`)
    progress(
      `window ${at}/${folds} from ${formatDay(from)}: ${hits.ours} of ${events} in area; ${parts.join(', ')} …`,
    )
    yield { from: formatDay(from), to: formatDay(to), events, cells }
  }
}

function formatDay(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}
