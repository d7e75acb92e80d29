import { describe, expect, test } from 'vitest'
import { judgeFreshness, judgePosition } from './freshness.ts'
import { LatencyMeter } from './latency.ts'
import { ServerClock } from './server-clock.ts'

describe('freshness', () => {
  test('is live below 5 s, delayed to 15, stale to 60, then lost', () => {
    const ages = [0, 4_999, 5_000, 14_999, 15_000, 60_000, 60_001]
    expect(ages.map(judgeFreshness)).toEqual(['live', 'live', 'delayed', 'delayed', 'stale', 'stale', 'lost'])
  })

  test('a position is solid below 2 minutes, hollow to 10, then a ghost', () => {
    expect([119_999, 120_000, 600_000, 600_001].map(judgePosition)).toEqual([
      'solid',
      'hollow',
      'hollow',
      'ghost',
    ])
  })
})

describe('the server clock', () => {
  test('believes the heartbeat that came with the least delay', () => {
    const clock = new ServerClock()
    clock.hear(1_000_000, 1, 50) // 50 ms on the way
    clock.hear(1_001_000, 1, 1_020) // 20 ms
    clock.hear(1_002_000, 1, 2_400) // 400 ms
    expect(clock.read(3_020)).toBe(1_003_000)
    expect(clock.skewOf(1_005_500, 3_020)).toBe(2_500)
  })

  test('runs as fast as the city, and then knows no skew', () => {
    const clock = new ServerClock()
    clock.hear(1_000_000, 1, 0)
    clock.hear(2_000_000, 60, 1_000)
    expect(clock.read(2_000)).toBe(2_060_000)
    expect(clock.skewOf(2_060_000, 2_000)).toBeNull()
  })

  test('knows nothing before the first heartbeat', () => {
    expect(new ServerClock().read(0)).toBeNull()
  })
})

describe('latency', () => {
  test('gives nearest-rank percentiles of the last minute only', () => {
    const meter = new LatencyMeter()
    meter.add(9_999, 0)
    for (let i = 1; i <= 100; i++) meter.add(i, 30_000)
    expect(meter.read(60_000)).toEqual({ count: 100, p50: 50, p95: 95, p99: 99 })
    expect(meter.read(200_000)).toEqual({ count: 0, p50: null, p95: null, p99: null })
  })
})
