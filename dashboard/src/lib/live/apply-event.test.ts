import type { Event, WindowState } from '@patrol/contract'
import { describe, expect, test } from 'vitest'
import { applyEvent, pickWindow, putPosition, touchNothing } from './apply-event.ts'
import { openCity } from './city.ts'
import { createModelCity, createRandom } from './model-city.ts'
import { readStanding, sumTallies } from './tallies.ts'

const emptyCity = () => openCity(createModelCity(createRandom(1), 0).snapshotAt(0))

function windowEvent(pos: number, from: WindowState, to: WindowState, serviceOn = '2026-11-23'): Event {
  return {
    pos,
    id: `event-${pos}`,
    type: 'window:opened',
    precinctId: 1,
    stationId: null,
    at: '2026-11-23T00:00:00Z',
    data: {
      windowId: 1_000,
      pointId: 100,
      serviceOn,
      startsAt: '2026-11-22T16:00:00Z',
      endsAt: '2026-11-22T19:00:00Z',
      graceEndsAt: '2026-11-22T20:00:00Z',
      from,
      to,
      doneCount: 0,
      requiredCount: 1,
      checkInId: null,
    },
  }
}

describe('applying events', () => {
  test('moves one window of the precinct from one state to another and tells which point to draw', () => {
    const city = emptyCity()
    const touched = touchNothing()
    expect(applyEvent(city, windowEvent(1, 'pending', 'open'), touched)).toBe(true)
    expect(city.precincts.get(1)?.tally).toMatchObject({ pending: 11, open: 1 })
    expect(city.points.get(100)?.window).toMatchObject({ id: 1_000, state: 'open' })
    expect([...touched.points]).toEqual([100])
  })

  test('an event that came before changes nothing', () => {
    const city = emptyCity()
    applyEvent(city, windowEvent(1, 'pending', 'open'))
    expect(applyEvent(city, windowEvent(1, 'pending', 'open'))).toBe(false)
    expect(city.precincts.get(1)?.tally).toMatchObject({ pending: 11, open: 1 })
  })

  test('an event whose effect came with the snapshot moves only the position, once', () => {
    const city = emptyCity()
    city.ahead.add('event-5')
    expect(applyEvent(city, windowEvent(5, 'pending', 'open'))).toBe(false)
    expect(city.pos).toBe(5)
    expect(city.precincts.get(1)?.tally).toMatchObject({ pending: 12, open: 0 })
    expect(applyEvent(city, windowEvent(6, 'pending', 'open'))).toBe(true)
  })

  test('a window of another day is not counted, and is shown only while it can be signed', () => {
    const city = emptyCity()
    applyEvent(city, windowEvent(1, 'open', 'grace', '2026-11-22'))
    expect(city.precincts.get(1)?.tally).toMatchObject({ pending: 12, grace: 0 })
    expect(city.points.get(100)?.window?.state).toBe('grace')
    applyEvent(city, windowEvent(2, 'grace', 'missed', '2026-11-22'))
    expect(city.points.get(100)?.window).toBeNull()
  })

  test('the last position by its own time wins, whichever comes first', () => {
    const city = emptyCity()
    const position = {
      unitId: 1,
      lon: 120,
      lat: 23,
      headingDegrees: null,
      speedMps: null,
      accuracyMeters: null,
    }
    expect(putPosition(city, { ...position, recordedAt: '2026-11-23T00:00:10Z' })).toBe(true)
    expect(putPosition(city, { ...position, recordedAt: '2026-11-23T00:00:05Z' })).toBe(false)
    expect(city.positions.get(1)?.recordedAt).toBe('2026-11-23T00:00:10Z')
  })

  test('of two windows the one that can still be signed matters, then the later', () => {
    const window = (id: number, state: WindowState, hour: number) => ({
      id,
      state,
      startsAt: new Date(Date.UTC(2026, 10, 23, hour)).toISOString(),
      endsAt: new Date(Date.UTC(2026, 10, 23, hour + 1)).toISOString(),
    })
    expect(pickWindow([window(1, 'grace', 1), window(2, 'fulfilled', 5)])?.id).toBe(1)
    expect(pickWindow([window(1, 'missed', 1), window(2, 'fulfilled', 5)])?.id).toBe(2)
    expect(pickWindow([window(1, 'pending', 1)])).toBeNull()
  })

  test('due are all but pending and excused; done are fulfilled, corrected and made up', () => {
    const city = emptyCity()
    const tally = city.precincts.get(1)?.tally
    if (!tally) throw new Error('no precinct')
    Object.assign(tally, {
      pending: 9,
      open: 1,
      grace: 2,
      fulfilled: 4,
      missed: 3,
      corrected: 1,
      'made-up': 1,
    })
    Object.assign(tally, { excused: 5, unexcused: 1 })
    expect(readStanding(sumTallies([tally]))).toEqual({
      due: 13,
      done: 6,
      overdue: 2,
      missed: 3,
      coverage: 6 / 13,
    })
  })
})
