import Type, { type Static } from 'typebox'
import { Alert } from './alert.ts'
import { Assignment } from './assignment.ts'
import { Day, Instant, Scope } from './basics.ts'
import { UnitPosition } from './breadcrumb.ts'
import { CheckInSummary } from './check-in.ts'
import { Event } from './event.ts'
import { Incident } from './incident.ts'
import { PatrolPoint } from './patrol-point.ts'
import { WindowState } from './patrol-window.ts'
import { Unit } from './shift.ts'

/** socket.io `frame`: what happened since `prevPos`, encoded once for everyone of the same scope. */
export const Frame = Type.Object({
  /** Position of the last event before these that this scope may see. A screen elsewhere asks for what it missed. */
  prevPos: Type.Integer(),
  events: Type.Array(Event),
  sentAt: Instant,
})
export type Frame = Static<typeof Frame>

/** socket.io `heartbeat`, every second. */
export const Heartbeat = Type.Object({
  /** Position of the last event that this scope may see: behind it, a screen has missed something. */
  pos: Type.Integer(),
  now: Instant,
  speed: Type.Number(),
})
export type Heartbeat = Static<typeof Heartbeat>

/** socket.io `units`: the latest position of each unit that moved, at most once a second, dropped for a slow screen. */
export const UnitsMoved = Type.Object({ units: Type.Array(UnitPosition) })
export type UnitsMoved = Static<typeof UnitsMoved>

/** How many windows of the day stand in each state. */
export const Tally = Type.Record(WindowState, Type.Integer())
export type Tally = Record<Static<typeof WindowState>, number>

export const WallPoint = Type.Object({
  ...PatrolPoint.properties,
  /** The window that matters now: open or overdue, else the last of today, else null. */
  window: Type.Union([
    Type.Null(),
    Type.Object({ id: Type.Integer(), state: WindowState, endsAt: Instant, startsAt: Instant }),
  ]),
})
export type WallPoint = Static<typeof WallPoint>

export const WallPrecinct = Type.Object({
  id: Type.Integer(),
  code: Type.String(),
  name: Type.String(),
  nameEn: Type.String(),
  lon: Type.Union([Type.Number(), Type.Null()]),
  lat: Type.Union([Type.Number(), Type.Null()]),
  /** Windows of `serviceOn`. */
  tally: Tally,
})
export type WallPrecinct = Static<typeof WallPrecinct>

/** A number by hour, oldest first: the last 24 hours, and the usual band of the four weeks before at the same hours. */
export const Series = Type.Object({
  values: Type.Array(Type.Union([Type.Number(), Type.Null()])),
  usualLow: Type.Array(Type.Union([Type.Number(), Type.Null()])),
  usualHigh: Type.Array(Type.Union([Type.Number(), Type.Null()])),
  /** Value of the same hour a week ago; null when there is none. */
  lastWeek: Type.Union([Type.Number(), Type.Null()]),
})
export type Series = Static<typeof Series>

/**
 * `GET /api/v1/wall`: everything a screen of this scope shows, as of one instant.
 * It holds the effects of every event up to `pos` and of those named in `ahead` (committed, not yet numbered):
 * a screen skips these when they come, and so counts nothing twice and nothing not at all.
 */
export const WallSnapshot = Type.Object({
  pos: Type.Integer(),
  ahead: Type.Array(Type.String()),
  now: Instant,
  speed: Type.Number(),
  /** The day that the tallies are of. */
  serviceOn: Day,
  scope: Scope,
  precincts: Type.Array(WallPrecinct),
  points: Type.Array(WallPoint),
  units: Type.Array(Type.Object({ ...Unit.properties, position: Type.Union([Type.Null(), UnitPosition]) })),
  alerts: Type.Array(Alert),
  /** Newest first, at most 20. */
  feed: Type.Array(CheckInSummary),
  incidents: Type.Array(Incident),
  /** What each means: server/docs/figures.md. Shares in percent. */
  series: Type.Object({
    units: Series,
    checkIns: Series,
    coverage: Series,
    overdue: Series,
    alerts: Series,
    compliance: Series,
    visibility: Series,
    overdueRoutes: Series,
  }),
  /** Orders not yet cleared or cancelled. */
  assignments: Type.Array(Assignment),
})
export type WallSnapshot = Static<typeof WallSnapshot>
