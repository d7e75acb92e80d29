import type {
  Alert,
  Assignment,
  CheckInSummary,
  Event,
  UnitPosition,
  WallPoint,
  WindowChange,
} from '@patrol/contract'
import { feedLength, type City, type CurrentWindow } from './city.ts'

/** What an event touched, so that only that is drawn again. */
export interface Touched {
  points: Set<number>
  units: Set<number>
  /** Incidents or orders: so few that they are drawn anew together. */
  dispatch: boolean
}

export function touchNothing(): Touched {
  return { points: new Set(), units: new Set(), dispatch: false }
}

/**
 * Folds one event into the city. No clock, no network: the same events give the same city.
 * Moves `city.pos`; an event at or below it has been applied before and changes nothing.
 * @returns whether the event had an effect here (false: repeated, or its effect came with the snapshot)
 */
export function applyEvent(city: City, event: Event, touched: Touched = touchNothing()): boolean {
  if (event.pos <= city.pos) return false
  city.pos = event.pos
  if (city.ahead.delete(event.id)) return false

  switch (event.type) {
    case 'check-in:recorded':
    case 'check-in:reviewed':
      putInFeed(city, event.data)
      break
    case 'window:opened':
    case 'window:overdue':
    case 'window:fulfilled':
    case 'window:missed':
    case 'window:corrected':
    case 'window:made-up':
    case 'window:excused':
    case 'window:unexcused':
      moveTally(city, event.precinctId, event.data)
      moveWindow(city, event.data)
      touched.points.add(event.data.pointId)
      break
    case 'alert:raised':
    case 'alert:changed':
      putAlert(city, event.data)
      touchPointOf(event.data, touched)
      break
    case 'alert:closed':
      city.alerts.delete(event.data.id)
      touchPointOf(event.data, touched)
      break
    case 'unit:started':
    case 'unit:changed':
      city.units.set(event.data.id, event.data)
      touched.units.add(event.data.id)
      break
    case 'unit:ended':
      city.units.delete(event.data.id)
      city.positions.delete(event.data.id)
      touched.units.add(event.data.id)
      break
    case 'incident:reported':
    case 'incident:changed':
      touched.dispatch = true
      if (event.data.status === 'closed') city.incidents.delete(event.data.id)
      else city.incidents.set(event.data.id, event.data)
      break
    case 'assignment:ordered':
    case 'assignment:accepted':
    case 'assignment:refused':
    case 'assignment:en-route':
    case 'assignment:on-scene':
    case 'assignment:cleared':
    case 'assignment:cancelled':
    case 'assignment:reassigned':
      putAssignment(city, event.data, touched)
      break
    case 'assignment:withdrawn':
      city.assignments.delete(event.data.id)
      touched.units.add(event.data.unitId)
      touched.dispatch = true
      break
    case 'message:sent':
    case 'message:read':
      // Kept by the page that lists them.
      break
    case 'point:changed': {
      const known = city.points.get(event.data.id)
      const point: WallPoint = { ...event.data, window: known?.window ?? null }
      city.points.set(point.id, point)
      touched.points.add(point.id)
      break
    }
    case 'route:assigned': // for the planner's page
    case 'route:withdrawn':
    case 'job:changed': // for the page that asked for it: nothing in the city
    case 'wall:changed': // for the display, and for who sends
    case 'notice:changed':
    case 'feedback:given':
    case 'handover:signed':
      // Lists of the console, which fetch them.
      break
    case 'city:changed':
      // Nothing to fold: the screen takes a new snapshot.
      break
  }
  return true
}

/** Keeps the newer of two positions; batches of breadcrumbs may arrive out of order. */
export function putPosition(city: City, position: UnitPosition): boolean {
  const known = city.positions.get(position.unitId)
  if (known && Date.parse(known.recordedAt) > Date.parse(position.recordedAt)) return false
  city.positions.set(position.unitId, position)
  return true
}

/** A point looks different while its alert is out of service. */
function touchPointOf({ subject }: Alert, touched: Touched): void {
  if (subject.pointId !== undefined) touched.points.add(subject.pointId)
}

function putInFeed(city: City, checkIn: CheckInSummary): void {
  const at = city.feed.findIndex((row) => row.id === checkIn.id)
  if (at >= 0) {
    city.feed[at] = checkIn
    return
  }
  // By arrival, as in a snapshot: events of the same instant may be numbered the other way round.
  const next = city.feed.findIndex((row) => isNewer(checkIn, row))
  city.feed.splice(next < 0 ? city.feed.length : next, 0, checkIn)
  city.feed.length = Math.min(city.feed.length, feedLength)
}

function isNewer(a: CheckInSummary, b: CheckInSummary): boolean {
  const later = Date.parse(a.receivedAt) - Date.parse(b.receivedAt)
  return later !== 0 ? later > 0 : a.id > b.id
}

function putAlert(city: City, alert: Alert): void {
  if (alert.state === 'closed') city.alerts.delete(alert.id)
  else city.alerts.set(alert.id, alert)
}

function putAssignment(city: City, assignment: Assignment, touched: Touched): void {
  const known = city.assignments.get(assignment.id)
  if (known) touched.units.add(known.unitId)
  touched.units.add(assignment.unitId)
  touched.dispatch = true
  if (assignment.state === 'cleared' || assignment.state === 'cancelled')
    city.assignments.delete(assignment.id)
  else city.assignments.set(assignment.id, assignment)
}

function moveTally(city: City, precinctId: number | null, change: WindowChange): void {
  if (change.serviceOn !== city.serviceOn || precinctId === null || change.from === change.to) return
  const tally = city.precincts.get(precinctId)?.tally
  if (!tally) return
  tally[change.from] -= 1
  tally[change.to] += 1
}

function moveWindow(city: City, change: WindowChange): void {
  const point = city.points.get(change.pointId)
  if (!point) return
  const known = city.windows.get(change.pointId) ?? new Map<number, CurrentWindow>()
  const isLive = change.to === 'open' || change.to === 'grace'
  // A window of another day matters only while somebody can still sign it, or when it is already shown.
  if (change.serviceOn !== city.serviceOn && !isLive) known.delete(change.windowId)
  else
    known.set(change.windowId, {
      id: change.windowId,
      state: change.to,
      startsAt: change.startsAt,
      endsAt: change.endsAt,
    })
  city.windows.set(change.pointId, known)
  point.window = pickWindow(known.values())
}

/** The window that matters now: one that can still be signed before one that is settled, then the last to start. */
export function pickWindow(windows: Iterable<CurrentWindow>): CurrentWindow | null {
  let best: CurrentWindow | null = null
  for (const window of windows) {
    if (window.state === 'pending') continue
    if (!best || isBefore(best, window)) best = window
  }
  return best
}

function isBefore(best: CurrentWindow, other: CurrentWindow): boolean {
  if (isSignable(best) !== isSignable(other)) return isSignable(other)
  const later = Date.parse(other.startsAt) - Date.parse(best.startsAt)
  return later !== 0 ? later > 0 : other.id > best.id
}

function isSignable(window: CurrentWindow): boolean {
  return window.state === 'open' || window.state === 'grace'
}
