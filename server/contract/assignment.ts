import Type, { type Static } from 'typebox'
import { Instant, Latitude, Longitude } from './basics.ts'
import { PatrolMode } from './shift.ts'

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
/** Made by whoever commands or answers: the same id again changes nothing and gets the same outcome. */
const CommandId = Type.String({ format: 'uuid' })
const Id = Type.Integer({ minimum: 1, maximum: 2_147_483_647 })
const Text = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '\\S' })

export const AssignmentState = Type.Union([
  Type.Literal('ordered'),
  Type.Literal('accepted'),
  /** By the unit: somebody has to send another. */
  Type.Literal('refused'),
  Type.Literal('en-route'),
  Type.Literal('on-scene'),
  Type.Literal('cleared'),
  Type.Literal('cancelled'),
])
export type AssignmentState = Static<typeof AssignmentState>

/** An order to a unit, as screens show it. What the note says stays between console and unit: {@link Order}. */
export const Assignment = Type.Object({
  id: Type.String(),
  /** Rises at each reassignment; an answer names the one that it answers. */
  epoch: Type.Integer(),
  state: AssignmentState,
  /** Null for a task of its own. */
  incidentId: Nullable(Type.Integer()),
  /** Category of the incident, or the name of the task. */
  title: Type.String(),
  /** 1 urgent, 2 normal, 3 low. */
  priority: Type.Integer(),
  lon: Type.Number(),
  lat: Type.Number(),
  address: Nullable(Type.String()),
  /** Who holds it; of a refused one, who refused. */
  unitId: Type.Integer(),
  callSign: Type.String(),
  /** Of the unit. */
  precinctId: Type.Integer(),
  stationId: Type.Integer(),
  /** Where it leads, where another precinct may see it. */
  placePrecinctId: Nullable(Type.Integer()),
  /** Name of who sent the unit. */
  orderedBy: Type.String(),
  /** Why it was refused or cancelled. */
  reason: Nullable(Type.String()),
  createdAt: Instant,
  /** Of the unit that holds it now, as are the stamps below. */
  orderedAt: Instant,
  acceptedAt: Nullable(Instant),
  enRouteAt: Nullable(Instant),
  onSceneAt: Nullable(Instant),
  clearedAt: Nullable(Instant),
  changedAt: Instant,
})
export type Assignment = Static<typeof Assignment>

/** With what only console and unit read. */
export const Order = Type.Object({ ...Assignment.properties, note: Nullable(Type.String()) })
export type Order = Static<typeof Order>

/** An order taken away from a unit; a screen that may not see its new place forgets it. */
export const AssignmentWithdrawn = Type.Object({ id: Type.String(), unitId: Type.Integer() })

export const AssignmentReassigned = Type.Object({
  ...Assignment.properties,
  fromUnitId: Type.Integer(),
  fromCallSign: Type.String(),
})

/** `POST /api/v1/assignments`: a unit is sent to an incident, or to a task of its own. */
export const AssignmentCommand = Type.Object({
  /** Also that of the assignment. */
  id: CommandId,
  unitId: Id,
  to: Type.Union([
    Type.Object({ incidentId: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) }),
    Type.Object({
      title: Text(60),
      lon: Longitude,
      lat: Latitude,
      address: Type.Optional(Type.String({ maxLength: 300 })),
      priority: Type.Optional(Type.Integer({ minimum: 1, maximum: 3 })),
    }),
  ]),
  note: Type.Optional(Type.String({ maxLength: 1_000 })),
})
export type AssignmentCommand = Static<typeof AssignmentCommand>

/** `POST /api/v1/assignments/:id/reassign`: taken from the holder at once. */
export const Reassignment = Type.Object({
  id: CommandId,
  /** What the console saw: two that reassign at once do not overrule each other unseen. */
  epoch: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }),
  unitId: Id,
})
export type Reassignment = Static<typeof Reassignment>

export const Cancellation = Type.Object({
  id: CommandId,
  epoch: Reassignment.properties.epoch,
  reason: Text(300),
})
export type Cancellation = Static<typeof Cancellation>

/** `POST /api/v1/orders/:id/answers`, by an officer of the unit; also later, from the phone's queue. */
export const OrderAnswer = Type.Object({
  id: CommandId,
  epoch: Reassignment.properties.epoch,
  act: Type.Union([
    Type.Literal('accept'),
    Type.Literal('refuse'),
    Type.Literal('en-route'),
    Type.Literal('on-scene'),
    Type.Literal('clear'),
  ]),
  /** When it was pressed, as the phone believes; the stamps are the server's. */
  claimedAt: Instant,
  /** Of a refusal, and of what was found at the end. */
  reason: Type.Optional(Text(300)),
})
export type OrderAnswer = Static<typeof OrderAnswer>

/** What a unit held lately and holds no more. */
export const LostOrder = Type.Object({
  id: Type.String(),
  title: Type.String(),
  outcome: Type.Union([Type.Literal('reassigned'), Type.Literal('cancelled')]),
  /** Who holds it now; null where nobody does. */
  callSign: Nullable(Type.String()),
  at: Instant,
})
export type LostOrder = Static<typeof LostOrder>

/** `GET /api/v1/orders`: of the officer's unit, newest first. */
export const Orders = Type.Object({ orders: Type.Array(Order), lost: Type.Array(LostOrder) })
export type Orders = Static<typeof Orders>

/** A unit on duty that could go somewhere. */
export const NearUnit = Type.Object({
  unitId: Type.Integer(),
  callSign: Type.String(),
  mode: PatrolMode,
  dutyType: Type.String(),
  precinctId: Type.Integer(),
  stationId: Type.Integer(),
  /** Straight. */
  distanceMeters: Type.Number(),
  travelSeconds: Type.Number(),
  /** `estimate`: straight line × 1.3 by the mode's speed. */
  travelSource: Type.Union([Type.Literal('osrm'), Type.Literal('road-graph'), Type.Literal('estimate')]),
  /** Of the last position. */
  ageSeconds: Type.Number(),
  /** Orders that it holds now; 0 is free. */
  load: Type.Integer(),
})
export type NearUnit = Static<typeof NearUnit>

/** A unit near by that is not to be sent now, and why. */
export const UnavailableUnit = Type.Object({
  unitId: Type.Integer(),
  callSign: Type.String(),
  mode: PatrolMode,
  precinctId: Type.Integer(),
  stationId: Type.Integer(),
  reason: Type.Union([
    /** Its own call for help is not closed. */
    Type.Literal('sos'),
    Type.Literal('desk'),
    /** Nothing was heard from it in this shift. */
    Type.Literal('no-position'),
    /** Its last position is older than 10 minutes. */
    Type.Literal('position-old'),
    /** Its shift ended within the last half hour. */
    Type.Literal('off-duty'),
  ]),
  /** Straight, from its last position in this shift; null where none is known. */
  distanceMeters: Nullable(Type.Number()),
  /** Of that position. */
  ageSeconds: Nullable(Type.Number()),
})
export type UnavailableUnit = Static<typeof UnavailableUnit>

/** `GET /api/v1/units/nearest` */
export const NearestUnits = Type.Object({
  /** Who would be there first comes first. */
  units: Type.Array(NearUnit),
  /** At most ten: who cries for help, then the nearest. */
  unavailable: Type.Array(UnavailableUnit),
})
export type NearestUnits = Static<typeof NearestUnits>

/** Seconds; null where nothing was measured. */
export const Interval = Type.Object({
  count: Type.Integer(),
  p50: Nullable(Type.Number()),
  p90: Nullable(Type.Number()),
})

export type Interval = Static<typeof Interval>

/** How long it takes: see server/docs/dispatch.md. */
export const DispatchIntervals = Type.Object({
  from: Instant,
  to: Instant,
  /** Incident taken in → first unit ordered. */
  dispatch: Interval,
  /** Ordered → accepted. */
  answer: Interval,
  /** Accepted → on scene. */
  travel: Interval,
  /** Incident taken in → first unit on scene. */
  response: Interval,
})
export type DispatchIntervals = Static<typeof DispatchIntervals>
