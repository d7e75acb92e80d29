import { describe, expect, test } from 'vitest'
import { extendTrail, splitTrail, type TrailPlace } from './trail.ts'

const minute = 60_000
const place = (x: number, at: number): TrailPlace => ({ x, y: 0, at })

function draw(places: TrailPlace[]): TrailPlace[] {
  const trail: TrailPlace[] = []
  for (const one of places) extendTrail(trail, one)
  return trail
}

describe('a trail', () => {
  test('keeps half an hour, in the order of time', () => {
    const trail = draw([place(0, 0), place(100, minute), place(50, minute / 2), place(200, 30.5 * minute)])
    expect(trail.map((one) => one.at)).toEqual([minute, 30.5 * minute])
  })

  test('leaves out a place that is near and soon', () => {
    expect(draw([place(0, 0), place(5, 1_000), place(100, 2_000)])).toHaveLength(2)
    expect(draw([place(0, 0), place(5, 11_000)])).toHaveLength(2)
  })

  test('is open where more than two minutes or 500 m lie between two places', () => {
    const far = splitTrail(
      draw([place(0, 0), place(100, 5_000), place(800, 10_000), place(900, 15_000)]),
      20_000,
    )
    expect(far[0]).toEqual([
      [
        [0, 0],
        [100, 0],
      ],
      [
        [800, 0],
        [900, 0],
      ],
    ])
    const long = splitTrail(
      draw([place(0, 0), place(100, minute), place(200, 4 * minute), place(300, 5 * minute)]),
      5 * minute,
    )
    expect(long[0]).toHaveLength(2)
  })

  test('fades in three steps that join', () => {
    const places = Array.from({ length: 30 }, (_, i) => place(i * 100, i * minute))
    const steps = splitTrail(draw(places), 29 * minute)
    expect(steps).toHaveLength(3)
    expect(steps[0]?.[0]?.[0]).toEqual(steps[1]?.[0]?.at(-1))
  })
})
