import type { CheckIn } from '@patrol/contract'
import { checkInId } from '../lib/check-in-id.ts'
import type { BenchUnit } from './seed-city.ts'

/**
 * A check-in as a phone makes it: at the point, at that time, by its signed label.
 *
 * @param beacon the server's time as the phone heard it before, in epoch ms, and the beacon that says so
 */
export function makeCheckIn(
  unit: BenchUnit,
  number: number,
  run: number,
  at: number,
  beacon: { at: number; token: string } | null = null,
): CheckIn {
  const point = unit.points[number % unit.points.length]
  if (point === undefined) throw new Error('A unit of the bench has no points.')
  const checkedInAt = new Date(at).toISOString()
  return {
    id: checkInId(number, run, at),
    act: 'check-in',
    role: 'patrol',
    proof: { kind: 'qr', code: point.code },
    checkedInAt,
    clock: {
      deviceAt: checkedInAt,
      // Its own monotonic clock began when it heard the beacon.
      monotonicMs: beacon === null ? 1_000 : at - beacon.at,
      beacon: beacon === null ? null : { token: beacon.token, monotonicMs: 0 },
    },
    position: {
      lon: point.lon + 0.000_05,
      lat: point.lat - 0.000_05,
      accuracyMeters: 12,
      fixedAt: checkedInAt,
    },
    workNote: { kind: 'nothing-unusual' },
  }
}
