import { expect, test } from 'vitest'
import { judgeWatch, type WatchFacts, type WatchPosition } from './judge-watch.ts'

const start = Date.parse('2026-11-27T08:00:00Z')
const at = (seconds: number) => new Date(start + seconds * 1_000)
const here = { lon: 120.2, lat: 23 }
/** 1.1 km to the north. */
const away = { lon: 120.2, lat: 23.01 }

function trail(from: number, to: number, place = here, every = 10): WatchPosition[] {
  const count = Math.floor((to - from) / every) + 1
  return Array.from({ length: count }, (_, nr) => ({
    ...place,
    at: at(from + nr * every),
    accuracyMeters: 10,
  }))
}

function watch(over: Partial<WatchFacts> = {}, seconds = 300): WatchFacts {
  const tap = (second: number) => ({ at: at(second), doubtful: false, pointId: 1 })
  return {
    tapIn: tap(0),
    tapOut: tap(seconds),
    together: true,
    plannedMinutes: 5,
    point: { ...here, radiusMeters: 50 },
    track: trail(5, seconds - 5),
    ...over,
  }
}

test('five minutes at the point are completed', () => {
  expect(judgeWatch(watch())).toEqual({
    outcome: 'completed',
    seconds: 300,
    insideSeconds: 300,
    unknownSeconds: 0,
  })
})

test('who taps out after three minutes was there too short, whatever the track says', () => {
  expect(judgeWatch(watch({ track: [] }, 180)).outcome).toBe('too-short')
})

test('who drives away between the taps was there too short', () => {
  const track = [...trail(5, 25), ...trail(60, 240, away), ...trail(280, 295)]
  const finding = judgeWatch(watch({ track }))
  expect(finding.outcome).toBe('too-short')
  expect(finding.insideSeconds).toBeLessThan(90)
})

test('a short walk round the corner is allowed', () => {
  const track = [...trail(5, 200), ...trail(210, 240, away), ...trail(250, 295)]
  expect(judgeWatch(watch({ track })).outcome).toBe('completed')
})

test('without a track between the taps nobody can say', () => {
  expect(judgeWatch(watch({ track: [] }))).toEqual({
    outcome: 'undecidable',
    seconds: 300,
    insideSeconds: 0,
    unknownSeconds: 300,
  })
})

test('a gap that cannot change the answer does not withhold it', () => {
  expect(judgeWatch(watch({ track: [...trail(5, 280), ...trail(420, 595)] }, 600)).outcome).toBe('completed')
  const mostlyAway = [...trail(10, 20), ...trail(150, 300, away, 10), ...trail(310, 590, away, 10)]
  expect(judgeWatch(watch({ track: mostlyAway }, 600)).outcome).toBe('too-short')
})

test('two taps at different points, of strangers, or in the wrong order are no watch', () => {
  const elsewhere = { at: at(300), doubtful: false, pointId: 2 }
  expect(judgeWatch(watch({ tapOut: elsewhere })).outcome).toBe('undecidable')
  expect(judgeWatch(watch({ together: false })).outcome).toBe('undecidable')
  expect(judgeWatch(watch({ tapIn: { ...elsewhere, at: at(400), pointId: 1 } })).outcome).toBe('undecidable')
  expect(judgeWatch(watch({ tapIn: null })).outcome).toBe('undecidable')
})

test('a forged tap, or one at a time that nothing bounds, completes nothing', () => {
  const tapOut = { at: at(300), doubtful: true, pointId: 1 }
  expect(judgeWatch(watch({ tapOut })).outcome).toBe('undecidable')
})

test('the receiver’s own error is allowed for, but no more than 100 m of it', () => {
  const blurred = trail(5, 295, { lon: 120.2, lat: 23.0012 }).map((one) => ({ ...one, accuracyMeters: 90 }))
  expect(judgeWatch(watch({ track: blurred })).outcome).toBe('completed')
  const wild = trail(5, 295, away).map((one) => ({ ...one, accuracyMeters: 5_000 }))
  expect(judgeWatch(watch({ track: wild })).outcome).toBe('too-short')
})
