import { describe, expect, test } from 'vitest'
import { makeCheckIn, type Moment } from './check-in.ts'
import { readServerTime, serverTimeOf } from './server-time.ts'
import { makeUuidV7 } from './uuid-v7.ts'

const now = Date.parse('2026-11-23T06:00:00Z')
const measured = {
  lon: 120.2,
  lat: 23,
  accuracyMeters: 12,
  speedMps: null,
  headingDegrees: null,
  deviceMs: now - 10_000,
}
const moment: Moment = {
  deviceMs: now,
  monotonicMs: 60_000,
  mark: null,
  beacon: null,
  measured,
  officerId: 7,
}
const make = (change: Partial<Moment>) =>
  makeCheckIn(makeUuidV7(now), { kind: 'qr', code: 'X' }, { ...moment, ...change })

describe('the clocks of a check-in', () => {
  test('checkedInAt is the server’s time, deviceAt the device’s own', () => {
    const mark = { serverAt: now + 300_000, deviceAt: now - 1_000, speed: 1 }
    const made = make({ mark })
    expect(made.clock.deviceAt).toBe('2026-11-23T06:00:00.000Z')
    expect(made.checkedInAt).toBe('2026-11-23T06:05:01.000Z')
    expect(made.position?.fixedAt).toBe('2026-11-23T06:04:51.000Z')
  })

  test('a phone that never heard the server uses its own time, and proves nothing', () => {
    expect(make({})).toMatchObject({ checkedInAt: '2026-11-23T06:00:00.000Z', clock: { beacon: null } })
  })

  test('the beacon goes along with both readings of the clock that never runs backwards', () => {
    const beacon = { token: 't', monotonicMs: 1_000, deviceMs: now - 59_000 }
    expect(make({ beacon }).clock).toMatchObject({
      monotonicMs: 60_000,
      beacon: { token: 't', monotonicMs: 1_000 },
    })
  })

  test('a beacon from before the phone slept is left out: the monotonic clock may have slept too', () => {
    const beacon = { token: 't', monotonicMs: 1_000, deviceMs: now - 3_600_000 }
    expect(make({ beacon }).clock.beacon).toBeNull()
  })

  test('a device clock turned back does not hide: the beacon stays', () => {
    const beacon = { token: 't', monotonicMs: 1_000, deviceMs: now + 3_600_000 }
    expect(make({ beacon }).clock.beacon).not.toBeNull()
  })

  test('in a fast demonstration the city’s time runs on at its speed, and a fix is as old as it is', () => {
    const { mark } = readServerTime(
      { now: new Date(now).toISOString(), speed: 60, beacon: 't' },
      { monotonicMs: 0 },
      { deviceMs: now - 9_900, monotonicMs: 200 },
    )
    expect(serverTimeOf(now, mark)).toBe(now + 600_000)
    expect(make({ mark }).position?.fixedAt).toBe(new Date(now + 590_000).toISOString())
  })
})

test('a fix older than 90 s is that of another place and is not sent', () => {
  expect(make({ measured: { ...measured, deviceMs: now - 91_000 } }).position).toBeNull()
  expect(make({ measured: null }).position).toBeNull()
})

test('an id is a UUIDv7 that carries the time', () => {
  const id = makeUuidV7(now)
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(Number.parseInt(id.replace('-', '').slice(0, 12), 16)).toBe(now)
  expect(new Set(Array.from({ length: 1_000 }, () => makeUuidV7(now))).size).toBe(1_000)
})
