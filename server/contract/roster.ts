import Type, { type Static } from 'typebox'
import { Instant } from './basics.ts'
import { Unit } from './shift.ts'

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const Id = Type.Integer({ minimum: 1, maximum: 2_147_483_647 })

/** What a unit follows: a fixed line, a planned one, or none. */
export const UnitRoute = Type.Object({
  /** 巡邏線 of the register. */
  patrolRouteId: Nullable(Type.Integer()),
  patrolRouteName: Nullable(Type.String()),
  /** Computed for this shift. */
  plannedRouteId: Nullable(Type.String()),
  /** Stops of both. */
  stops: Type.Integer(),
})
export type UnitRoute = Static<typeof UnitRoute>

/** A unit on duty now, as the roster of the moment lists it. */
export const RosterUnit = Type.Object({
  ...Unit.properties,
  dutyType: Type.String(),
  stationName: Type.String(),
  members: Type.Integer(),
  route: UnitRoute,
  /** Orders that it holds. */
  load: Type.Integer(),
  /** Of its last position; null when there was none. */
  positionAt: Nullable(Instant),
})
export type RosterUnit = Static<typeof RosterUnit>

/** `POST /api/v1/units/:id/route`: its route goes to another unit, and that one's, if it has one, comes back. */
export const RouteHandover = Type.Object({
  toUnitId: Id,
  /** What the console saw: the same command twice does not give the route back. */
  patrolRouteId: Nullable(Id),
  plannedRouteId: Nullable(Type.String({ format: 'uuid' })),
})
export type RouteHandover = Static<typeof RouteHandover>
