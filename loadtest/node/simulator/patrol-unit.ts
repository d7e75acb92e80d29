import type { Breadcrumb } from '@patrol/contract'
import { dwellSeconds, randomBetween, speedRange, type Cheat } from './behaviour.ts'
import { between, gaussian, headingFrom, metersBetween, shift, type LonLat } from './geo.ts'
import type { Place, Shift } from './read-city.ts'

/** What a unit is on its way to: a point whose window it means to fulfil, or just somewhere on its beat. */
export interface Errand {
  place: Place
  windowId: number | null
  /** Whether somebody scans there: always where a window is due, now and then on a stroll. */
  scans: boolean
  cheat: Cheat | null
}

/** A unit on the street. Moves by the city's time; knows nothing of servers. */
export interface PatrolUnit {
  readonly shift: Shift
  position: LonLat
  errand: Errand | null
  /** The rest of the way, nearest first. */
  way: LonLat[]
  metersPerSecond: number
  headingDegrees: number
  /** At the point since then, until then, and scanning at that time; epoch milliseconds of the city. */
  dwell: { scanAtMs: number; untilMs: number; scanned: boolean } | null
  atMs: number
  /** GPS error in metres, east and north: it wanders, it does not jump. */
  drift: [number, number]
}

export function createUnit(unit: Shift, start: LonLat, nowMs: number): PatrolUnit {
  return {
    shift: unit,
    position: start,
    errand: null,
    way: [],
    metersPerSecond: 0,
    headingDegrees: 0,
    dwell: null,
    atMs: nowMs,
    drift: [gaussian() * 4, gaussian() * 4],
  }
}

/** Sets out along `way`. */
export function setOut(unit: PatrolUnit, errand: Errand, way: LonLat[]): void {
  const [least, most] = speedRange[unit.shift.mode]
  unit.errand = errand
  unit.way = way
  unit.dwell = null
  unit.metersPerSecond = randomBetween(least, most)
}

/** Something that happens at a point where somebody scans. */
export interface Moment {
  kind: 'scan' | 'leave'
  errand: Errand
}

/** Moves the unit to `nowMs`. */
export function moveUnit(unit: PatrolUnit, nowMs: number): Moment | null {
  const seconds = Math.max(0, (nowMs - unit.atMs) / 1_000)
  unit.atMs = nowMs
  wander(unit.drift)
  if (unit.dwell === null) {
    if (unit.errand !== null && travel(unit, unit.metersPerSecond * seconds)) arrive(unit, nowMs)
    return null
  }
  if (!unit.dwell.scanned && nowMs >= unit.dwell.scanAtMs) {
    unit.dwell.scanned = true
    return momentOf('scan', unit.errand)
  }
  if (nowMs < unit.dwell.untilMs) return null
  const left = unit.errand
  unit.dwell = null
  unit.errand = null
  return momentOf('leave', left)
}

function momentOf(kind: Moment['kind'], errand: Errand | null): Moment | null {
  return errand?.scans === true ? { kind, errand } : null
}

/** Goes so many metres along the way. Returns true at its end. */
function travel(unit: PatrolUnit, meters: number): boolean {
  let left = meters
  for (;;) {
    const next = unit.way[0]
    if (next === undefined) return true
    const leg = metersBetween(unit.position, next)
    if (leg > 1) unit.headingDegrees = headingFrom(unit.position, next)
    if (leg > left) {
      unit.position = between(unit.position, next, left / leg)
      return false
    }
    left -= leg
    unit.position = next
    unit.way.shift()
  }
}

function arrive(unit: PatrolUnit, nowMs: number): void {
  const seconds = randomBetween(dwellSeconds.least, dwellSeconds.most)
  unit.dwell = {
    scanAtMs: nowMs + randomBetween(8, 40) * 1_000,
    untilMs: nowMs + seconds * 1_000,
    scanned: false,
  }
}

/** A first-order process with a spread of about six metres: what a phone's GPS does between houses. */
function wander(drift: [number, number]): void {
  drift[0] = drift[0] * 0.85 + gaussian() * 3
  drift[1] = drift[1] * 0.85 + gaussian() * 3
}

/** Where the phone believes it is. */
export const measuredPosition = (unit: PatrolUnit): LonLat =>
  shift(unit.position, unit.drift[0], unit.drift[1])

export function breadcrumbOf(unit: PatrolUnit): Breadcrumb {
  const [lon, lat] = measuredPosition(unit)
  const moving = unit.errand !== null && unit.dwell === null
  return {
    lon: round(lon),
    lat: round(lat),
    recordedAt: new Date(unit.atMs).toISOString(),
    accuracyMeters: Math.round(5 + Math.hypot(...unit.drift)),
    speedMps: moving ? Math.round(unit.metersPerSecond * 10) / 10 : 0,
    headingDegrees: moving ? Math.round(unit.headingDegrees) % 360 : null,
  }
}

/** Six decimals are a tenth of a metre. */
const round = (degrees: number) => Math.round(degrees * 1e6) / 1e6
