import { cellToLatLng, latLngToCell } from 'h3-js'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../route/random.ts'
import { backtest, type Fold, type TrackRecord } from './backtest.ts'
import { computeCells } from './cells-from-points.ts'
import { locateIncidents } from './forecast/locate-incidents.ts'
import { takeTopCells } from './forecast/take-top-cells.ts'
import { sortIncidents, type IncidentPoints } from './incident-points.ts'

const OPTIONS = { horizonDays: 14, areaKm2: 0.15, cityKm2: 12, folds: 3, shares: [0.01, 0.1] }
const DAYS = 294

/** A town of some eighty addresses of unequal weight; every tenth incident is followed by others nearby. */
function simulateTown(seed: number): IncidentPoints {
  const random = createRandom(seed)
  const addresses = Array.from({ length: 80 }, () => ({
    lon: 120.2 + random.real() * 0.03,
    lat: 23 + random.real() * 0.03,
  }))
  const [days, lons, lats]: [number[], number[], number[]] = [[], [], []]
  for (let day = 0; day < DAYS; day += 0.2) {
    const home = addresses[Math.floor(random.real() ** 3 * addresses.length)] ?? { lon: 120.2, lat: 23 }
    for (let repeat = random.below(10) === 0 ? 3 : 1; repeat > 0; repeat--) {
      days.push(Math.min(DAYS - 0.01, day + repeat * 2))
      lons.push(home.lon + random.real() * 0.0005)
      lats.push(home.lat + random.real() * 0.0005)
    }
  }
  return sortIncidents({
    days: Float64Array.from(days),
    lons: Float64Array.from(lons),
    lats: Float64Array.from(lats),
  })
}

function runAll(points: IncidentPoints, options = OPTIONS): { folds: Fold[]; record: TrackRecord } {
  const run = backtest(points, options)
  const folds: Fold[] = []
  for (;;) {
    const step = run.next()
    if (step.done) return { folds, record: step.value }
    folds.push(step.value)
  }
}

/** Incidents before `day` as they are, those from it on at places and times of another town. */
function rewriteFuture(points: IncidentPoints, day: number): IncidentPoints {
  const other = simulateTown(99)
  const keep = points.days.findIndex((value) => value >= day)
  const from = other.days.findIndex((value) => value >= day)
  const join = (own: Float64Array, strange: Float64Array, shift: number): Float64Array =>
    Float64Array.from([...own.slice(0, keep), ...strange.slice(from).map((value) => value + shift)])
  return {
    days: join(points.days, other.days, 0),
    lons: join(points.lons, other.lons, -0.02),
    lats: join(points.lats, other.lats, 0.01),
  }
}

describe('backtest', () => {
  const points = simulateTown(1)
  const { folds, record } = runAll(points)

  it('windows lie back to back and end with the last day', () => {
    expect(folds.map(({ to }) => to)).toEqual([266, 280, 294])
    folds.forEach(({ from, to }) => expect(to - from).toBe(14))
  })

  it('nothing in or after a window changes its forecast', () => {
    for (const [at, fold] of folds.entries()) {
      const run = backtest(rewriteFuture(points, fold.from), OPTIONS)
      const strange = [...run.take(at + 1)].at(-1)
      expect(strange?.from).toBe(fold.from)
      expect(strange?.cells).toEqual(fold.cells)
      expect(strange?.hits.oracle).not.toBe(fold.hits.oracle)
    }
  })

  it('counts hits as anyone can from the cells and the points', () => {
    for (const { from, to, events, cells, hits } of folds) {
      const inside = [...points.days.keys()].filter((at) => {
        const day = points.days[at] ?? 0
        return day >= from && day < to
      })
      const caught = inside.filter((at) =>
        cells.includes(latLngToCell(points.lats[at] ?? 0, points.lons[at] ?? 0, 10)),
      )
      expect(inside.length).toBe(events)
      expect(caught.length).toBe(hits.ours)
    }
  })

  it('sums up: nothing beats the oracle, and the interval holds the figure', () => {
    const { ours, oracle, ...plain } = record.pai
    for (const pai of [ours, ...Object.values(plain)]) expect(pai).toBeLessThanOrEqual(oracle)
    expect(record.pei).toBeCloseTo(ours / oracle, 12)
    expect(record.hitRate).toBeCloseTo((ours * OPTIONS.areaKm2) / OPTIONS.cityKm2, 12)
    expect(record.interval90?.[0]).toBeLessThanOrEqual(ours)
    expect(record.interval90?.[1]).toBeGreaterThanOrEqual(ours)
    const [narrow, wide] = record.hitRateAtShare
    expect(wide?.ours).toBeGreaterThan(narrow?.ours ?? 1)
  })

  it('finds the hot places of a town that keeps its habits', () => {
    expect(record.pai.ours).toBeGreaterThan(3)
  })

  it('is the same for any order of the input', () => {
    const reversed = {
      days: points.days.toReversed(),
      lons: points.lons.toReversed(),
      lats: points.lats.toReversed(),
    }
    expect(runAll(sortIncidents(reversed)).record).toEqual(record)
  })

  it('stands files with little or nothing before the windows', () => {
    const few = { days: Float64Array.of(5), lons: Float64Array.of(120.2), lats: Float64Array.of(23) }
    const { folds: windows, record: poor } = runAll(few)
    expect(windows.map(({ events }) => events)).toEqual([0, 0, 1])
    expect(poor.hitRate).toBe(0)
  })
})

describe('takeTopCells', () => {
  const located = locateIncidents({
    days: Float64Array.of(0, 1),
    lons: Float64Array.of(120.2, 120.25),
    lats: Float64Array.of(23, 23.01),
  })
  const count = located.cells.length

  it('takes falling scores, ties by cell id, until the area is reached', () => {
    const scores = Float64Array.from({ length: count }, (_, at) => at % 5)
    const cells = takeTopCells(scores, located, 0.9, count)
    const expected = [...located.cells.keys()].sort(
      (a, b) =>
        (scores[b] ?? 0) - (scores[a] ?? 0) || ((located.cells[a] ?? '') < (located.cells[b] ?? '') ? -1 : 1),
    )
    expect([...cells]).toEqual(expected.slice(0, cells.length))
    const area = [...cells].reduce((sum, cell) => sum + (located.areasKm2[cell] ?? 0), 0)
    expect(area).toBeGreaterThanOrEqual(0.9)
    expect(area - (located.areasKm2[cells.at(-1) ?? 0] ?? 0)).toBeLessThan(0.9)
  })

  it('takes all candidates when they do not fill the area, and none beyond them', () => {
    const known = located.knownCells[0] ?? 0
    expect(known).toBeLessThan(count)
    const cells = takeTopCells(new Float64Array(count).fill(1), located, 1e6, known)
    expect([...cells].sort((a, b) => a - b)).toEqual([...Array(known).keys()])
    expect(takeTopCells(new Float64Array(count), located, 1, 0).length).toBe(0)
  })
})

it('computeCells gives the cells of h3-js as numbers', () => {
  const random = createRandom(3)
  const lons = Float64Array.from({ length: 500 }, () => random.real() * 360 - 180)
  const lats = Float64Array.from({ length: 500 }, () => random.real() * 180 - 90)
  for (const resolution of [0, 8, 10]) {
    computeCells(lons, lats, resolution).forEach((cell, at) => {
      expect(cell.toString(16)).toBe(latLngToCell(lats[at] ?? 0, lons[at] ?? 0, resolution))
    })
  }
  const [lat, lon] = cellToLatLng(
    computeCells(Float64Array.of(120.2), Float64Array.of(23), 10)[0]?.toString(16) ?? '',
  )
  expect([lat, lon].map((value) => value.toFixed(2))).toEqual(['23.00', '120.20'])
})
