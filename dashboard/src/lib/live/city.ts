import type {
  Alert,
  Assignment,
  CheckInSummary,
  Incident,
  Scope,
  Tally,
  Unit,
  UnitPosition,
  WallPoint,
  WallPrecinct,
  WallSnapshot,
  WindowState,
} from '@patrol/contract'

export type CurrentWindow = NonNullable<WallPoint['window']>
export type Precinct = WallPrecinct & { tally: Tally }

/** How many rows of the feed are kept. */
export const feedLength = 20

/** Everything a screen knows of the city: a snapshot and the events after it, folded by `applyEvent`. */
export interface City {
  /** Position up to which every event of this scope has been applied. */
  pos: number
  /** Ids of events whose effects came with the snapshot, before their position did. */
  ahead: Set<string>
  serviceOn: string
  scope: Scope
  precincts: Map<number, Precinct>
  points: Map<number, WallPoint>
  /** Windows known per point, to find again the one that matters when another is settled. */
  windows: Map<number, Map<number, CurrentWindow>>
  units: Map<number, Unit>
  /** Kept apart from `units`: a position may come before the event that starts its unit. */
  positions: Map<number, UnitPosition>
  alerts: Map<number, Alert>
  incidents: Map<number, Incident>
  /** Orders that somebody holds, or that were refused and wait for another unit. */
  assignments: Map<string, Assignment>
  /** Newest first. */
  feed: CheckInSummary[]
}

export const windowStates: readonly WindowState[] = [
  'pending',
  'open',
  'grace',
  'fulfilled',
  'missed',
  'corrected',
  'made-up',
  'excused',
  'unexcused',
]

/** @returns a tally of zeros, with the given counts put in */
export function fillTally(counts: Partial<Tally> = {}): Tally {
  return {
    pending: counts.pending ?? 0,
    open: counts.open ?? 0,
    grace: counts.grace ?? 0,
    fulfilled: counts.fulfilled ?? 0,
    missed: counts.missed ?? 0,
    corrected: counts.corrected ?? 0,
    'made-up': counts['made-up'] ?? 0,
    excused: counts.excused ?? 0,
    unexcused: counts.unexcused ?? 0,
  }
}

/** What a snapshot, or a scene of the past, says of a city. */
export type CitySource = Omit<WallSnapshot, 'now' | 'speed' | 'series'>

/** @returns the state of a screen that has just taken this snapshot */
export function openCity(snapshot: CitySource): City {
  const city: City = {
    pos: snapshot.pos,
    ahead: new Set(snapshot.ahead),
    serviceOn: snapshot.serviceOn,
    scope: snapshot.scope,
    precincts: new Map(snapshot.precincts.map((p) => [p.id, { ...p, tally: fillTally(p.tally) }])),
    points: new Map(snapshot.points.map((point) => [point.id, { ...point }])),
    windows: new Map(),
    units: new Map(),
    positions: new Map(),
    alerts: new Map(snapshot.alerts.map((alert) => [alert.id, alert])),
    incidents: new Map(snapshot.incidents.map((incident) => [incident.id, incident])),
    assignments: new Map(snapshot.assignments.map((assignment) => [assignment.id, assignment])),
    feed: snapshot.feed.slice(0, feedLength),
  }
  for (const point of snapshot.points) {
    if (point.window) city.windows.set(point.id, new Map([[point.window.id, point.window]]))
  }
  for (const { position, ...unit } of snapshot.units) {
    city.units.set(unit.id, unit)
    if (position) city.positions.set(unit.id, position)
  }
  return city
}
