import { describe, expect, test } from 'vitest'
import { planShifts, type StationPool } from './plan-shifts.ts'

const station: StationPool = {
  stationId: 7,
  precinctId: 2,
  callName: '中正',
  officerIds: Array.from({ length: 27 }, (_, i) => i + 1),
  demoOfficerIds: [901, 902],
}
const day = 20_780 // 2026-11-23

describe('the roster of a station', () => {
  test('covers the day from midnight to midnight in Taipei, without a gap', () => {
    const spans = new Set(planShifts(station, day).map(({ startsAt, endsAt }) => `${startsAt} ${endsAt}`))
    expect([...spans]).toEqual([
      '2026-11-22T16:00:00.000Z 2026-11-22T22:00:00.000Z',
      '2026-11-22T22:00:00.000Z 2026-11-23T10:00:00.000Z',
      '2026-11-23T10:00:00.000Z 2026-11-23T16:00:00.000Z',
    ])
  })

  test('has every officer in one unit a day at most, in pairs', () => {
    const units = planShifts({ ...station, demoOfficerIds: [] }, day)
    const officers = units.flatMap((unit) => unit.officerIds)
    expect(new Set(officers).size).toBe(officers.length)
    expect(units.every((unit) => unit.officerIds.length === 2)).toBe(true)
    expect(new Set(units.map((unit) => unit.callSign)).size).toBe(units.length)
  })

  test('gives everybody their turn within a week', () => {
    const days = Array.from({ length: 7 }, (_, i) => planShifts(station, day + i)).flat()
    const worked = new Set(days.flatMap((unit) => unit.officerIds))
    expect(station.officerIds.every((id) => worked.has(id))).toBe(true)
  })

  test('has the demonstration’s officers on duty at every hour', () => {
    const bands = planShifts(station, day).filter((unit) => unit.officerIds.includes(901))
    expect(bands.map((unit) => unit.band)).toEqual(['lateNight', 'day', 'evening'])
  })
})
