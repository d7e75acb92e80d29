import { minute, pointsPerStation, type Planner, type PlannedScan, type Spot } from './plan.ts'

/** Attacks by kind, in equal shares. Each is done by an officer on duty at that very station, with an enrolled phone. */
const attacks: Record<string, (planner: Planner, kind: string) => void> = {
  'forged-mac': forge,
  replay,
  'copied-qr': (planner, kind) => copy(planner, kind, planner.between(400, 2_000)),
  'copied-qr-far': (planner, kind) => copy(planner, kind, 2_200 * 15 ** planner.random.real()),
  'copied-qr-fake-fix': copyWithFakeFix,
  'harvested-taps': harvest,
  'clock-set-back': setClockBack,
  'two-devices': useOtherDevice,
  'impossible-travel': beInTwoPlaces,
  'other-point': useOtherPoint,
}

/** Plans `count` attacks beside the honest scans, which some of them need: there is no replay without an original. */
export function planAttacks(planner: Planner, count: number): void {
  const kinds = Object.entries(attacks)
  const planned = () => planner.plan.scans.filter((scan) => !scan.honest).length
  const before = planner.plan.scans.length
  for (let nr = 0; planned() < count; nr++) {
    const [kind, attack] = kinds[nr % kinds.length] ?? []
    if (kind !== undefined) attack?.(planner, kind)
  }
  planner.plan.scans.splice(before + count)
}

/** An attacker at his station, and what an honest scan of his there would look like. */
function attacker(planner: Planner, kind: string): PlannedScan {
  const point = planner.random.below(planner.plan.points.length)
  return attackerAt(planner, kind, point)
}

function attackerAt(planner: Planner, kind: string, point: number): PlannedScan {
  const [officer = 0] = planner.addUnit(Math.floor(point / pointsPerStation), 1)
  const trueMs = -planner.between(3, 150) * minute
  return {
    kind,
    honest: false,
    officer,
    uploader: officer,
    point,
    proof: { kind: 'qr' },
    trueMs,
    claimedMs: trueMs,
    beaconMs: trueMs - planner.between(1, 50) * minute,
    fix: planner.fixAt(planner.spotOf(point)),
    device: officer,
    metersAway: 0,
    second: false,
  }
}

const add = ({ plan }: Planner, scan: PlannedScan) => plan.scans.push(scan)

function away(planner: Planner, spot: Spot, meters: number): Spot {
  const angle = planner.between(0, 2 * Math.PI)
  return { east: spot.east + meters * Math.cos(angle), north: spot.north + meters * Math.sin(angle) }
}

const oneOf = <T>({ random }: Planner, list: readonly T[]): T => {
  const one = list[random.below(list.length)]
  if (one === undefined) throw new Error('Nothing to choose from.')
  return one
}

/** All is right but the cryptography. */
function forge(planner: Planner, kind: string) {
  const scan = attacker(planner, kind)
  planner.track(scan.officer, planner.spotOf(scan.point), scan.trueMs)
  const tap = () => planner.tap(scan.point, scan.trueMs)
  const how = planner.random.below(4)
  if (how === 0) scan.proof = { kind: 'sun-forged', tap: tap(), how: 'mac' }
  if (how === 1) scan.proof = { kind: 'sun-forged', tap: tap(), how: 'counter' }
  if (how === 2) scan.proof = { kind: 'qr-forged', how: 'signature' }
  if (how === 3) scan.proof = { kind: 'qr-forged', how: 'key' }
  add(planner, scan)
}

/** An honest tap's URL, sent again by another officer later. */
function replay(planner: Planner, kind: string) {
  const original = oneOf(planner, honestTaps(planner))
  const scan = attackerAt(planner, kind, original.point)
  scan.proof = original.proof
  scan.trueMs = scan.claimedMs = planner.between(original.trueMs + minute, -minute / 2)
  scan.beaconMs = scan.trueMs - 10 * minute
  scan.second = true
  planner.track(scan.officer, planner.spotOf(scan.point), scan.trueMs)
  add(planner, scan)
}

/** A photographed code, read elsewhere; the phone says honestly where. */
function copy(planner: Planner, kind: string, meters: number) {
  const scan = attacker(planner, kind)
  const there = away(planner, planner.spotOf(scan.point), meters)
  scan.metersAway = meters
  scan.fix = planner.fixAt(there)
  if (planner.chance(0.7)) planner.track(scan.officer, there, scan.trueMs)
  add(planner, scan)
}

/**
 * A photographed code with a perfect fix at the point. The track is the true one, or was switched off, or is simulated as
 * well since some minutes: then it leaps. (A track that was simulated from far enough back not to leap, by somebody who never
 * was there, is beyond what a static code can show: the docs say so.)
 */
function copyWithFakeFix(planner: Planner, kind: string) {
  const scan = attacker(planner, kind)
  const spot = planner.spotOf(scan.point)
  const meters = 400 * 60 ** planner.random.real()
  const there = away(planner, spot, meters)
  scan.metersAway = meters
  const how = planner.random.below(meters > 2_000 ? 3 : 2)
  if (how === 0) planner.track(scan.officer, there, scan.trueMs)
  if (how === 2) {
    planner.track(scan.officer, there, scan.trueMs - 8 * minute - 15_000)
    planner.track(scan.officer, spot, scan.trueMs)
  }
  add(planner, scan)
}

/** Taps taken in advance and sent later from elsewhere, while another officer has tapped in between. */
function harvest(planner: Planner, kind: string) {
  const between = oneOf(
    planner,
    honestTaps(planner).filter((tap) => tap.trueMs < -10 * minute && tap.beaconMs !== null),
  )
  const scan = attackerAt(planner, kind, between.point)
  scan.proof = { kind: 'sun', tap: planner.tap(scan.point, between.trueMs - planner.between(2, 60) * minute) }
  scan.trueMs = scan.claimedMs = planner.between(between.trueMs + 5 * minute, -minute)
  scan.beaconMs = scan.trueMs - 10 * minute
  const there = away(planner, planner.spotOf(scan.point), planner.between(500, 20_000))
  const how = planner.random.below(3)
  if (how === 0) scan.fix = null
  if (how === 1) planner.track(scan.officer, there, scan.trueMs)
  add(planner, scan)
}

/** There at last, and the clock says hours ago. Every second one turns the track back, too. */
function setClockBack(planner: Planner, kind: string) {
  const scan = attacker(planner, kind)
  scan.trueMs = -planner.between(1, 5) * minute
  scan.claimedMs = scan.trueMs - planner.between(20, 170) * minute
  // With the page loaded since hours, or loaded anew without a connection: then no clock of ours is there.
  scan.beaconMs = planner.chance(0.5) ? scan.trueMs - planner.between(1, 120) * minute : null
  scan.fix = planner.fixAt(planner.spotOf(scan.point))
  if (planner.chance(0.5)) scan.proof = { kind: 'sun', tap: planner.tap(scan.point, scan.trueMs) }
  planner.track(scan.officer, planner.spotOf(scan.point), planner.chance(0.5) ? scan.claimedMs : scan.trueMs)
  add(planner, scan)
}

/** A phone that nobody enrolled, none at all, or a colleague's own: signing for another (代簽). */
function useOtherDevice(planner: Planner, kind: string) {
  const scan = attacker(planner, kind)
  planner.track(scan.officer, planner.spotOf(scan.point), scan.trueMs)
  if (planner.chance(0.5)) scan.proof = { kind: 'sun', tap: planner.tap(scan.point, scan.trueMs) }
  const how = planner.random.below(3)
  if (how === 0) scan.device = null
  if (how === 1) scan.device = 'stranger'
  if (how === 2) scan.device = oneOf(planner, honestTaps(planner)).officer
  add(planner, scan)
}

/** One officer at two stations within minutes: one of the two is somebody else. */
function beInTwoPlaces(planner: Planner, kind: string) {
  const scan = attacker(planner, kind)
  const points = planner.plan.points.length
  const point = (scan.point + Math.floor(points / 2)) % points
  const trueMs = scan.trueMs + planner.between(-2, 2) * minute
  for (const one of [scan, { ...scan, point, trueMs, claimedMs: trueMs, beaconMs: trueMs - 10 * minute }]) {
    const fix = planner.fixAt(planner.spotOf(one.point))
    add(planner, { ...one, fix, proof: { kind: 'sun', tap: planner.tap(one.point, one.trueMs) } })
  }
}

/** The tag in hand is of another point than it says. */
function useOtherPoint(planner: Planner, kind: string) {
  const scan = attacker(planner, kind)
  planner.track(scan.officer, planner.spotOf(scan.point), scan.trueMs)
  const how = planner.random.below(4)
  const urlOf = (scan.point + 1) % planner.plan.points.length
  if (how === 0) scan.proof = { kind: 'uid', urlOf }
  if (how === 1) scan.proof = { kind: 'sun-forged', tap: planner.tap(scan.point, scan.trueMs), how: 'code' }
  if (how === 2) scan.proof = { kind: 'qr-forged', how: 'point' }
  if (how === 3) scan.proof = { kind: 'typed' }
  add(planner, scan)
}

function honestTaps({ plan }: Planner): PlannedScan[] {
  return plan.scans.filter((scan) => scan.honest && scan.proof.kind === 'sun')
}
