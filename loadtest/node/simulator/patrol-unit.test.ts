import { expect, test } from 'vitest'
import { metersBetween, type LonLat } from './geo.ts'
import { breadcrumbOf, createUnit, measuredPosition, moveUnit, setOut } from './patrol-unit.ts'
import type { Place, Shift } from './read-city.ts'

const start: LonLat = [120.2, 23]
const place: Place = { pointId: 5, stationId: 1, position: [120.2, 23.02], radiusMeters: 50 }
const shift: Shift = {
  unitId: 1,
  officerId: 2,
  stationId: 1,
  mode: 'car',
  startMs: 0,
  endMs: 4e12,
  station: start,
  last: null,
}

function drive(untilMs: number, windowId: number | null = 9) {
  const unit = createUnit(shift, start, 0)
  const errand = { place, windowId, scans: windowId !== null, cheat: null }
  setOut(unit, errand, [start, place.position])
  const moments: { atMs: number; kind: string; meters: number }[] = []
  let fastest = 0
  for (let atMs = 4_000; atMs <= untilMs; atMs += 4_000) {
    const before = unit.position
    const moment = moveUnit(unit, atMs)
    fastest = Math.max(fastest, metersBetween(before, unit.position) / 4)
    if (moment)
      moments.push({ atMs, kind: moment.kind, meters: metersBetween(measuredPosition(unit), place.position) })
  }
  return { unit, moments, fastest }
}

test('a unit drives at a believable speed, scans once beside the box, stays a while and is free', () => {
  const { unit, moments, fastest } = drive(1_200_000)
  expect(moments.map((moment) => moment.kind)).toEqual(['scan', 'leave'])
  expect(moments[0]?.meters).toBeLessThan(60)
  expect(fastest).toBeLessThanOrEqual(12)
  expect(fastest).toBeGreaterThan(5)
  expect(unit.errand).toBeNull()
})

test('a stroll ends without a scan', () => {
  const { unit, moments } = drive(1_200_000, null)
  expect(moments).toEqual([])
  expect(unit.errand).toBeNull()
})

test('a breadcrumb tells time, speed and heading on the way', () => {
  const { unit } = drive(40_000)
  expect(breadcrumbOf(unit)).toMatchObject({ recordedAt: '1970-01-01T00:00:40.000Z', headingDegrees: 0 })
  expect(metersBetween([breadcrumbOf(unit).lon, breadcrumbOf(unit).lat], unit.position)).toBeLessThan(60)
})
