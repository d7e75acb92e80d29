import { randomBytes, randomUUID } from 'node:crypto'
import type { CheckIn } from '@patrol/contract'
import { newUuidV7 } from '@patrol/db/factories'
import { makeDeviceKey, tapChip } from '../../../test/secure-tag.ts'
import { signBeacon } from '../../check-in/beacon.ts'
import { readableCode, signQr } from '../../check-in/proof/signed-qr.ts'
import { positionOf, type BenchCity, type BenchKeys } from './build-city.ts'
import type { Plan, PlannedProof, PlannedScan } from './plan.ts'

/** The monotonic clock of a phone that heard the beacon; any start will do. */
const monotonicStart = 5_000
/** Passers-by read a tag, too: up to so many reads between two of ours. */
const strangersReads = 3

/** Turns planned scans into what the phones send, at a run that starts at `startMs` (epoch). Same order. */
export function buildCheckIns(plan: Plan, city: BenchCity, keys: BenchKeys, startMs: number): CheckIn[] {
  const urls = readTags(plan, city)
  const stranger = { key: makeDeviceKey(), id: randomUUID() }
  return plan.scans.map((scan) => {
    const made = phoneTells(scan, makeProof(scan, plan, city, keys, urls), city, keys, startMs)
    if (scan.device === null) return made
    if (scan.device === 'stranger') return stranger.key.signAs(stranger.id, made)
    const { key, deviceId } = at(city.officers, scan.device)
    return key.signAs(deviceId, made)
  })
}

function phoneTells(
  scan: PlannedScan,
  proof: CheckIn['proof'],
  city: BenchCity,
  keys: BenchKeys,
  startMs: number,
): CheckIn {
  const iso = (ms: number) => new Date(startMs + ms).toISOString()
  const heard = scan.beaconMs ?? scan.trueMs
  return {
    id: newUuidV7(startMs + scan.claimedMs),
    act: 'check-in',
    role: 'patrol',
    proof,
    checkedInAt: iso(scan.claimedMs),
    clock: {
      deviceAt: iso(scan.claimedMs),
      monotonicMs: monotonicStart + scan.trueMs - heard,
      beacon:
        scan.beaconMs === null
          ? null
          : {
              token: signBeacon(new Date(Math.round(startMs + scan.beaconMs)), keys.serverKey),
              monotonicMs: monotonicStart,
            },
    },
    position: scan.fix && {
      ...positionOf(scan.fix),
      accuracyMeters: scan.fix.accuracy,
      fixedAt: iso(scan.claimedMs - 3_000),
    },
    officerId: at(city.officers, scan.officer).id,
  }
}

/** The URL of every read of a secure tag: counters rise in the order of the reads, with strangers' reads between. */
function readTags(plan: Plan, city: BenchCity): Map<number, { url: string; counter: number }> {
  const urls = new Map<number, { url: string; counter: number }>()
  const counters = new Map<number, number>()
  const inOrder = plan.taps.map((tap, nr) => ({ ...tap, nr })).sort((a, b) => a.ms - b.ms)
  for (const { point, nr } of inOrder) {
    const counter = (counters.get(point) ?? 0) + 1 + (nr % strangersReads)
    counters.set(point, counter)
    urls.set(nr, { url: tapChip(at(city.points, point).chip, counter), counter })
  }
  return urls
}

function makeProof(
  { proof, point }: { proof: PlannedProof; point: number },
  plan: Plan,
  city: BenchCity,
  keys: BenchKeys,
  urls: ReadonlyMap<number, { url: string; counter: number }>,
): CheckIn['proof'] {
  const { code, opaqueId, chip } = at(city.points, point)
  const other = at(city.points, (point + 1) % plan.points.length)
  const tapped = 'tap' in proof ? urls.get(proof.tap) : undefined
  const { url = '', counter = 0 } = tapped ?? {}
  switch (proof.kind) {
    case 'sun':
      return { kind: 'sun', url }
    case 'qr':
      return { kind: 'qr', code }
    case 'typed':
      return { kind: 'typed', code: readableCode(other.opaqueId) }
    case 'uid':
      return {
        kind: 'uid',
        uid: chip.uid,
        ndefUrl: `https://patrol.example/c/${at(city.points, proof.urlOf).chip.code}`,
      }
    case 'qr-forged': {
      const forged = {
        signature: () => signQr(opaqueId, 1, randomBytes(32)),
        key: () => signQr(opaqueId, 2, keys.tagKey),
        // Another point's id with the MAC of this one.
        point: () => signQr(other.opaqueId, 1, keys.tagKey).slice(0, 14) + code.slice(14),
      }
      return { kind: 'qr', code: forged[proof.how]() }
    }
    case 'sun-forged': {
      const mac = randomBytes(8).toString('hex').toUpperCase()
      const forged = {
        mac: () => url.slice(0, -16) + mac,
        // The next tap's PICC data, and the MAC of this one.
        counter: () => tapChip(chip, counter + 1).slice(0, -16) + url.slice(-16),
        code: () => url.replace(chip.code, other.chip.code),
      }
      return { kind: 'sun', url: forged[proof.how]() }
    }
  }
}

export function at<T>(list: readonly T[], index: number): T {
  const one = list[index]
  if (one === undefined) throw new Error(`The plan has no number ${index}.`)
  return one
}
