import type { CheckIn, CheckInReceipt, Duty, DutyPoint } from '@patrol/contract'

/** `waiting`: a check-in that waits for upload was made here, as its position suggests. `review`: it needs confirmation. */
export type PointState = 'due' | 'overdue' | 'later' | 'waiting' | 'review' | 'done' | 'missed' | 'none'
export type PointMarks = ReadonlyMap<number, 'waiting' | 'review'>

/** Mean earth radius, IUGG. */
const EARTH_METERS = 6_371_009

/** Great-circle distance; haversine, which keeps its figures at short range. */
export function distanceMeters(a: { lon: number; lat: number }, b: { lon: number; lat: number }): number {
  const rad = Math.PI / 180
  const h =
    Math.sin(((b.lat - a.lat) * rad) / 2) ** 2 +
    Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(((b.lon - a.lon) * rad) / 2) ** 2
  return 2 * EARTH_METERS * Math.asin(Math.min(1, Math.sqrt(h)))
}

/** Where `to` lies from `from`: degrees clockwise from north. */
export function bearingDegrees(from: { lon: number; lat: number }, to: { lon: number; lat: number }): number {
  const rad = Math.PI / 180
  const [a, b, east] = [from.lat * rad, to.lat * rad, (to.lon - from.lon) * rad]
  const y = Math.sin(east) * Math.cos(b)
  const x = Math.cos(a) * Math.sin(b) - Math.sin(a) * Math.cos(b) * Math.cos(east)
  return (Math.atan2(y, x) / rad + 360) % 360
}

/** The eighth of the compass: 0 is north, 2 east, 7 north-west. */
export const compassEighth = (degrees: number): number => Math.round(degrees / 45) % 8

/**
 * How a point stands now. The phone may be offline while windows open and close, so it reads their times
 * itself and does not trust the state that it was told.
 */
export function pointState(point: DutyPoint, serverNow: number, marks: PointMarks = new Map()): PointState {
  if (point.visitedAt != null) return 'done'
  const window = point.window
  if (!window) return 'none'
  if (['fulfilled', 'corrected', 'made-up', 'excused'].includes(window.state)) return 'done'
  const mark = marks.get(point.id)
  if (mark) return mark
  if (serverNow < Date.parse(window.startsAt)) return 'later'
  if (serverNow < Date.parse(window.endsAt)) return 'due'
  return serverNow < Date.parse(window.graceEndsAt) ? 'overdue' : 'missed'
}

const rank: Record<PointState, number> = {
  overdue: 0,
  due: 0,
  later: 1,
  none: 2,
  waiting: 3,
  review: 3,
  missed: 4,
  done: 5,
}

/**
 * Points in the order in which to visit them: on a planned route in its order; else overdue and due before those to come, each by
 * the route's order where there is one, else by distance. Those visited and missed last.
 */
export function orderPoints(
  points: DutyPoint[],
  serverNow: number,
  here: { lon: number; lat: number } | null,
  marks: PointMarks = new Map(),
): { point: DutyPoint; state: PointState; meters: number | null }[] {
  return points
    .map((point) => ({
      point,
      state: pointState(point, serverNow, marks),
      meters: here ? distanceMeters(here, point) : null,
    }))
    .sort(
      (a, b) =>
        rankOf(a) - rankOf(b) ||
        (a.point.sequence ?? Infinity) - (b.point.sequence ?? Infinity) ||
        (a.meters ?? Infinity) - (b.meters ?? Infinity) ||
        a.point.id - b.point.id,
    )
}

/** A planned route is a row of points, whatever is due at them; only what is done goes to the end. */
function rankOf({ point, state }: { point: DutyPoint; state: PointState }): number {
  const isOnWay = point.plannedAt != null && rank[state] <= rank.none
  return isOnWay ? 0 : rank[state]
}

/** The nearest point at which something is due: a guess of where the officer stands. Null when none is near. */
export function guessPoint(
  points: DutyPoint[],
  serverNow: number,
  here: { lon: number; lat: number; accuracyMeters: number } | null,
): DutyPoint | null {
  if (!here) return null
  const near = orderPoints(points, serverNow, here).filter(
    ({ point, state, meters }) =>
      (state === 'due' || state === 'overdue') &&
      // The allowance of the server's own place rule.
      (meters ?? Infinity) <= point.radiusMeters + Math.min(here.accuracyMeters, 100),
  )
  return near.sort((a, b) => (a.meters ?? 0) - (b.meters ?? 0))[0]?.point ?? null
}

/**
 * Points where the officer has been, but which are not done by that: so that the next point is not the one just left.
 * Only visits within the window that is shown count; one of an earlier window says nothing of this one.
 */
export function markPoints(
  points: DutyPoint[],
  waiting: Pick<CheckIn, 'checkedInAt' | 'position'>[],
  receipts: CheckInReceipt[],
): PointMarks {
  const marks = new Map<number, 'waiting' | 'review'>()
  for (const { point, fulfils, checkedInAt } of receipts) {
    const seen = points.find(({ id }) => id === point?.id)
    if (!seen || fulfils !== 'when-confirmed') continue
    const state = pointState(seen, Date.parse(checkedInAt))
    if (state === 'due' || state === 'overdue') marks.set(seen.id, 'review')
  }
  for (const { checkedInAt, position } of waiting) {
    const guess = guessPoint(points, Date.parse(checkedInAt), position)
    if (guess) marks.set(guess.id, 'waiting')
  }
  return marks
}

/** The duty after this receipt, until the server's own is fetched: so that n/m on the verdict is not the old one. */
export function applyReceipt(duty: Duty, receipt: CheckInReceipt): Duty {
  const point = duty.points.find(({ id }) => id === receipt.point?.id)
  if (!point?.window || receipt.fulfils !== 'yes' || receipt.repeated) return duty
  if (point.window.state === 'fulfilled') return duty
  const doneCount = point.window.doneCount + 1
  const full = doneCount >= point.window.requiredCount
  const window = { ...point.window, doneCount, state: full ? ('fulfilled' as const) : point.window.state }
  return {
    ...duty,
    done: full ? duty.done + 1 : duty.done,
    points: duty.points.map((other) => (other.id === point.id ? { ...point, window } : other)),
  }
}

/** True from the start to the end of the shift; only then is the track recorded. */
export function isOnDuty(duty: Duty | null, serverNow: number): boolean {
  return (
    !!duty?.unit && serverNow >= Date.parse(duty.unit.startsAt) && serverNow < Date.parse(duty.unit.endsAt)
  )
}
