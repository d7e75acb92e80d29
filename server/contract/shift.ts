import Type, { type Static } from 'typebox'
import { Instant } from './basics.ts'
import { PatrolWindow } from './patrol-window.ts'

export const PatrolMode = Type.Union([Type.Literal('car'), Type.Literal('motorcycle'), Type.Literal('foot')])

export const Unit = Type.Object({
  id: Type.Integer(),
  callSign: Type.String(),
  mode: PatrolMode,
  precinctId: Type.Integer(),
  stationId: Type.Integer(),
  startsAt: Instant,
  endsAt: Instant,
})
export type Unit = Static<typeof Unit>

/** A point of one's own shift, with what is due there. */
export const DutyPoint = Type.Object({
  id: Type.Integer(),
  code: Type.String(),
  name: Type.String(),
  lon: Type.Number(),
  lat: Type.Number(),
  priority: Type.Integer(),
  radiusMeters: Type.Integer(),
  /** 守望: the point asks to stay so long. Absent where a touch is enough. */
  watchMinutes: Type.Optional(Type.Integer()),
  /** Order on the route, where the unit has one. */
  sequence: Type.Union([Type.Integer(), Type.Null()]),
  /** When the planned route means to be there; null without one. */
  plannedAt: Type.Optional(Type.Union([Instant, Type.Null()])),
  /** When the unit signed there on its planned route; null where it has not. */
  visitedAt: Type.Optional(Type.Union([Instant, Type.Null()])),
  window: Type.Union([Type.Null(), PatrolWindow]),
})
export type DutyPoint = Static<typeof DutyPoint>

/** `GET /api/v1/duty`: what the officer's phone needs for this shift, also offline. */
export const Duty = Type.Object({
  unit: Type.Union([Type.Null(), Unit]),
  members: Type.Array(Type.String()),
  points: Type.Array(DutyPoint),
  /** n of m: windows done and due in this shift. */
  done: Type.Integer(),
  due: Type.Integer(),
  /** The planned route that the unit follows: its points come first, in its order. Null without one. */
  plannedRouteId: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  /** The same for the same route, another after any edit of it: by this the phone knows its way on the map (`DutyLine`). */
  plannedRouteVersion: Type.Optional(Type.Union([Type.String(), Type.Null()])),
})
export type Duty = Static<typeof Duty>
