import type { CheckInReceipt, Duty, DutyPoint, PatrolWindow } from '@patrol/contract'
import { describe, expect, test } from 'vitest'
import {
  applyReceipt,
  bearingDegrees,
  compassEighth,
  distanceMeters,
  guessPoint,
  isOnDuty,
  markPoints,
  orderPoints,
  pointState,
} from './duty.ts'

const now = Date.parse('2026-11-23T06:00:00Z')
const at = (minutes: number) => new Date(now + minutes * 60_000).toISOString()

function window(from: number, to: number, change: Partial<PatrolWindow> = {}): PatrolWindow {
  const place = { id: 1, pointId: 1, pointName: '', precinctId: 1, stationId: 1, serviceOn: '2026-11-23' }
  const times = { startsAt: at(from), endsAt: at(to), graceEndsAt: at(to + 10) }
  return { ...place, ...times, requiredCount: 1, doneCount: 0, state: 'open', ...change }
}

function point(id: number, change: Partial<DutyPoint> = {}): DutyPoint {
  const place = { lon: 120.2 + id * 0.01, lat: 23, priority: 2, radiusMeters: 50 }
  return { id, code: `P${id}`, name: `點${id}`, ...place, sequence: null, window: window(-30, 30), ...change }
}

test('a kilometre north is a kilometre', () => {
  const meters = distanceMeters({ lon: 120.2, lat: 23 }, { lon: 120.2, lat: 23 + 1 / 111.2 })
  expect(meters).toBeGreaterThan(995)
  expect(meters).toBeLessThan(1005)
})

test('the way to a point is told by the eighth of the compass', () => {
  const here = { lon: 120.2, lat: 23 }
  const around = [
    [0, 1],
    [1, 1],
    [1, 0],
    [1, -1],
    [0, -1],
    [-1, -1],
    [-1, 0],
    [-1, 1],
  ].map(([east = 0, north = 0]) => ({ lon: here.lon + east * 0.01086, lat: here.lat + north * 0.01 }))
  expect(around.map((place) => compassEighth(bearingDegrees(here, place)))).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  // A little west of north is still north.
  expect(compassEighth(350)).toBe(0)
})

describe('the state of a point', () => {
  test('follows the clock while offline, whatever state was told before', () => {
    const states = [window(5, 30), window(-30, 30), window(-30, -5), window(-60, -30)]
    expect(states.map((one) => pointState(point(1, { window: one }), now))).toEqual([
      'later',
      'due',
      'overdue',
      'missed',
    ])
  })

  test('is done when it was done, and none without a window', () => {
    expect(pointState(point(1, { window: window(-60, -30, { state: 'corrected' }) }), now)).toBe('done')
    expect(pointState(point(1, { window: null }), now)).toBe('none')
  })
})

describe('the next point', () => {
  test('on a planned route is the next in its row, whatever is due elsewhere; those signed go to the end', () => {
    const planned = [
      point(1, { sequence: 3, plannedAt: at(40) }),
      point(2, { sequence: 2, plannedAt: at(20), window: null }),
      point(3, { sequence: 1, plannedAt: at(-20), visitedAt: at(-18), window: null }),
      point(4, { sequence: 4, plannedAt: at(60), window: window(50, 90) }),
    ]
    expect(orderPoints(planned, now, null).map(({ point: { id }, state }) => [id, state])).toEqual([
      [2, 'none'],
      [1, 'due'],
      [4, 'later'],
      [3, 'done'],
    ])
  })

  test('is the nearest due one, before those of later and those done', () => {
    const points = [
      point(1, { window: window(-30, 30, { state: 'fulfilled' }) }),
      point(2, { window: window(20, 60) }),
      point(4),
      point(3),
    ]
    const ids = orderPoints(points, now, { lon: 120.2, lat: 23 }).map((one) => one.point.id)
    expect(ids).toEqual([3, 4, 2, 1])
  })

  test('is the first of the route where the unit has one', () => {
    const points = [point(1, { sequence: 2 }), point(5, { sequence: 1 })]
    expect(orderPoints(points, now, { lon: 120.2, lat: 23 })[0]?.point.id).toBe(5)
  })
})

describe('a point where the officer has been', () => {
  const here = { lon: 120.21, lat: 23, accuracyMeters: 10, fixedAt: at(0) }
  const waiting = { checkedInAt: at(0), position: here }
  const receipt: CheckInReceipt = {
    id: 'x',
    stored: true,
    verdict: 'needs-review',
    fulfils: 'when-confirmed',
    reasons: [],
    point: { id: 2, code: 'P2', name: '點2' },
    checkedInAt: at(0),
    receivedAt: at(0),
    repeated: false,
  }

  test('is not the next one while its check-in waits for upload or review', () => {
    const points = [point(1), point(2), point(3)]
    const marks = markPoints(points, [waiting], [receipt])
    const order = orderPoints(points, now, here, marks).map((one) => [one.point.id, one.state])
    expect(order).toEqual([
      [3, 'due'],
      [1, 'waiting'],
      [2, 'review'],
    ])
  })

  test('is due again in its next window, and done when the server says so', () => {
    const again = { ...point(2), window: window(10, 60) }
    expect(markPoints([again], [], [receipt]).size).toBe(0)
    const done = { ...point(1), window: window(-30, 30, { state: 'fulfilled' }) }
    expect(pointState(done, now, new Map([[1, 'waiting']]))).toBe('done')
  })
})

describe('the guess while offline', () => {
  test('is the due point within its radius and the error of the fix', () => {
    const here = { lon: 120.2101, lat: 23, accuracyMeters: 10 }
    expect(guessPoint([point(1), point(2)], now, here)?.id).toBe(1)
  })

  test('is nothing without a fix, far away, or where nothing is due', () => {
    expect(guessPoint([point(1)], now, null)).toBeNull()
    expect(guessPoint([point(1)], now, { lon: 120.3, lat: 23, accuracyMeters: 5_000 })).toBeNull()
    const later = [point(1, { window: window(5, 30) })]
    expect(guessPoint(later, now, { lon: 120.21, lat: 23, accuracyMeters: 10 })).toBeNull()
  })
})

describe('n of m after a receipt', () => {
  const duty: Duty = { unit: null, members: [], points: [point(1), point(2)], done: 3, due: 9 }
  const receipt: CheckInReceipt = {
    id: 'x',
    stored: true,
    verdict: 'accepted',
    fulfils: 'yes',
    reasons: [],
    point: { id: 1, code: 'P1', name: '點1' },
    checkedInAt: at(0),
    receivedAt: at(0),
    repeated: false,
  }

  test('counts the window that it fulfils, once', () => {
    const after = applyReceipt(duty, receipt)
    expect([after.done, after.points[0]?.window?.state]).toEqual([4, 'fulfilled'])
    expect(applyReceipt(after, receipt)).toBe(after)
  })

  test('counts nothing that waits for review, is elsewhere, or was counted before', () => {
    expect(applyReceipt(duty, { ...receipt, fulfils: 'when-confirmed' })).toBe(duty)
    expect(applyReceipt(duty, { ...receipt, point: null })).toBe(duty)
    expect(applyReceipt(duty, { ...receipt, repeated: true })).toBe(duty)
  })

  test('a window of two visits is done after the second', () => {
    const twice = { ...duty, points: [point(1, { window: window(-30, 30, { requiredCount: 2 }) })] }
    const once = applyReceipt(twice, receipt)
    expect([once.done, once.points[0]?.window?.doneCount]).toEqual([3, 1])
    expect(applyReceipt(once, receipt).done).toBe(4)
  })
})

test('the track is recorded from the start to the end of the shift', () => {
  const unit = {
    id: 1,
    callSign: 'A',
    mode: 'car',
    precinctId: 1,
    stationId: 1,
    startsAt: at(0),
    endsAt: at(60),
  } as const
  const duty: Duty = { unit, members: [], points: [], done: 0, due: 0 }
  expect([-1, 0, 59, 60].map((minute) => isOnDuty(duty, now + minute * 60_000))).toEqual([
    false,
    true,
    true,
    false,
  ])
  expect(isOnDuty({ ...duty, unit: null }, now)).toBe(false)
})
