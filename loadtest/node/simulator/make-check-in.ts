import { randomBytes } from 'node:crypto'
import type { CheckIn } from '@patrol/contract'
import type { CityClock } from './city-clock.ts'
import { shift } from './geo.ts'
import { measuredPosition, type Errand, type PatrolUnit } from './patrol-unit.ts'

const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const notes = ['suspicious', 'traffic', 'other'] as const

/** A scan as the unit's phone would tell it, with the trick of the errand where there is one. */
export function makeCheckIn(unit: PatrolUnit, errand: Errand, code: string, clock: CityClock): CheckIn {
  const { cheat, place } = errand
  const turnedBackMs = cheat === 'clockTurned' ? 50 * 60_000 : 0
  const at = new Date(unit.atMs - turnedBackMs)
  // What the monotonic clock said: it cannot be turned back.
  const monotonicMs = Math.max(0, clock.monotonicAt(unit.atMs))
  const [lon, lat] = cheat === 'teleport' ? shift(place.position, 6, -4) : measuredPosition(unit)
  return {
    id: newUuidV7(at.getTime()),
    act: 'check-in',
    role: 'patrol',
    proof: { kind: 'qr', code: cheat === 'forged' ? forge(code) : code },
    checkedInAt: at.toISOString(),
    clock: {
      deviceAt: at.toISOString(),
      monotonicMs,
      beacon: clock.beaconBefore(monotonicMs),
    },
    position: {
      lon,
      lat,
      accuracyMeters: Math.round(5 + Math.hypot(...unit.drift)),
      fixedAt: at.toISOString(),
    },
    ...workNote(),
  }
}

/** Most officers report nothing; some that all is quiet, few that it is not. */
function workNote(): Pick<CheckIn, 'workNote'> {
  const dice = Math.random()
  if (dice < 0.7) return {}
  if (dice < 0.97) return { workNote: { kind: 'nothing-unusual' } }
  return { workNote: { kind: notes[Math.floor(Math.random() * notes.length)] ?? 'other' } }
}

/** A right-looking code with a signature that nobody made. */
function forge(code: string): string {
  const signature = Array.from({ length: 12 }, () => letters[Math.floor(Math.random() * letters.length)])
  return code.slice(0, 15) + signature.join('')
}

/** RFC 9562, version 7: the time in front, so that an outbox sorts by it. */
function newUuidV7(atMs: number): string {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(Math.floor(atMs), 0, 6)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
