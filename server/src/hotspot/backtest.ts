import { createRandom } from '../route/random.ts'
import { prepareBaselines, type Baseline } from './baselines.ts'
import { countCases, createForecaster, type Forecast } from './forecast.ts'
import { countKnownCells, locateIncidents } from './forecast/locate-incidents.ts'
import { sumOver, takeTopCells } from './forecast/take-top-cells.ts'
import { countBefore, type IncidentPoints } from './incident-points.ts'

export type Method = 'ours' | Baseline | 'oracle'

export type Fold = {
  /** Days since 1970; `to` is the day after the last. */
  from: number
  to: number
  events: number
  /** H3 cells of our forecast, best first. */
  cells: string[]
  hits: Record<Method, number>
  shareHits: ShareRate[]
  model: Forecast['model']
}

/** At a share of the city's area: what ours and plain counting caught. */
type ShareRate = { share: number; ours: number; countAll: number }

export type TrackRecord = {
  folds: number
  /** Predictive accuracy index, (hits / events) / (area / city area), hits pooled over folds (Chainey et al. 2008). */
  pai: Record<Method, number>
  /** PAI as share of the best possible with the same area (Hunt 2016). */
  pei: number
  hitRate: number
  /** 5 % and 95 % points of our PAI when whole folds are drawn anew; null without events. */
  interval90: [number, number] | null
  hitRateAtShare: ShareRate[]
}

export type BacktestOptions = {
  horizonDays: number
  areaKm2: number
  cityKm2: number
  folds?: number
  /** Further areas, as shares of the city, for which hit rates are told: 0.01, 0.05, 0.1 on a map's track record. */
  shares?: readonly number[]
}

const INTERVAL_DRAWS = 2000
const INTERVAL_SEED = 20_250_722

/**
 * Forecasts the last windows of the horizon's length, back to back up to the last day of the data, each from what
 * happened before it. Yields each fold when it is done, so that a worker can show progress and be cancelled.
 * @param points ascending in time
 */
export function* backtest(points: IncidentPoints, options: BacktestOptions): Generator<Fold, TrackRecord> {
  const { horizonDays, areaKm2, cityKm2, folds: count = 12, shares = [] } = options
  const located = locateIncidents(points)
  const forecastAt = createForecaster(located, horizonDays, areaKm2)
  const baselinesAt = prepareBaselines(located)
  const end = Math.floor(points.days.at(-1) ?? 0) + 1
  const folds: Fold[] = []
  for (let back = count; back > 0; back--) {
    const from = end - back * horizonDays
    const to = from + horizonDays
    const cases = countCases(located, from, to)
    const candidates = countKnownCells(located, from)
    const forecast = forecastAt(from)
    const baselines = baselinesAt(from)
    const catchIn = (scores: Float64Array, area: number, known = candidates): number =>
      sumOver(cases, takeTopCells(scores, located, area, known))
    const fold: Fold = {
      from,
      to,
      events: countBefore(points.days, to) - countBefore(points.days, from),
      cells: [...forecast.cells].map((cell) => located.cells[cell] ?? ''),
      hits: {
        ours: sumOver(cases, forecast.cells),
        count90: catchIn(baselines.count90, areaKm2),
        count365: catchIn(baselines.count365, areaKm2),
        countAll: catchIn(baselines.countAll, areaKm2),
        decay365: catchIn(baselines.decay365, areaKm2),
        kde: catchIn(baselines.kde, areaKm2),
        // The best possible in hindsight may use cells that nobody knew before.
        oracle: catchIn(cases, areaKm2, located.cells.length),
      },
      shareHits: shares.map((share) => ({
        share,
        ours: catchIn(forecast.scores, share * cityKm2),
        countAll: catchIn(baselines.countAll, share * cityKm2),
      })),
      model: forecast.model,
    }
    folds.push(fold)
    yield fold
  }
  return summarise(folds, options)
}

function summarise(folds: readonly Fold[], { areaKm2, cityKm2, shares = [] }: BacktestOptions): TrackRecord {
  const events = sumBy(folds, (fold) => fold.events)
  const rateOf = (method: Method): number =>
    events === 0 ? 0 : sumBy(folds, ({ hits }) => hits[method]) / events
  const paiOf = (method: Method): number => rateOf(method) / (areaKm2 / cityKm2)
  const pai = {
    ours: paiOf('ours'),
    count90: paiOf('count90'),
    count365: paiOf('count365'),
    countAll: paiOf('countAll'),
    decay365: paiOf('decay365'),
    kde: paiOf('kde'),
    oracle: paiOf('oracle'),
  }
  return {
    folds: folds.length,
    pai,
    pei: pai.oracle === 0 ? 0 : pai.ours / pai.oracle,
    hitRate: rateOf('ours'),
    interval90: events === 0 ? null : resampleFolds(folds, areaKm2 / cityKm2),
    hitRateAtShare: shares.map((share, at) => ({
      share,
      ours: sumBy(folds, (fold) => fold.shareHits[at]?.ours ?? 0) / Math.max(1, events),
      countAll: sumBy(folds, (fold) => fold.shareHits[at]?.countAll ?? 0) / Math.max(1, events),
    })),
  }
}

/** Bootstrap over folds, not events: events of one window share its luck. */
function resampleFolds(folds: readonly Fold[], areaShare: number): [number, number] {
  const random = createRandom(INTERVAL_SEED)
  const drawn = Array.from({ length: INTERVAL_DRAWS }, () => {
    const sample = folds.flatMap(() => folds[random.below(folds.length)] ?? [])
    const events = sumBy(sample, (fold) => fold.events)
    return events === 0 ? 0 : sumBy(sample, ({ hits }) => hits.ours) / events / areaShare
  }).sort((a, b) => a - b)
  return [drawn[Math.floor(0.05 * INTERVAL_DRAWS)] ?? 0, drawn[Math.ceil(0.95 * INTERVAL_DRAWS) - 1] ?? 0]
}

function sumBy<Item>(items: readonly Item[], valueOf: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + valueOf(item), 0)
}
