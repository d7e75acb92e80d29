import Type, { type Static } from 'typebox'
import { Instant, Latitude, Longitude } from './basics.ts'

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Optional(Type.Union([schema, Type.Null()]))

/** One timed position. Unknown is null or absent, never 0. */
export const Breadcrumb = Type.Object({
  lon: Longitude,
  lat: Latitude,
  recordedAt: Instant,
  accuracyMeters: Nullable(Type.Number({ minimum: 0 })),
  speedMps: Nullable(Type.Number({ minimum: 0 })),
  headingDegrees: Nullable(Type.Number({ minimum: 0, maximum: 360 })),
  batteryPercent: Nullable(Type.Integer({ minimum: 0, maximum: 100 })),
})
export type Breadcrumb = Static<typeof Breadcrumb>

/** `POST /api/v1/breadcrumbs`. Bad items are counted in the answer and cost the good ones nothing. */
export const BreadcrumbBatch = Type.Object({
  breadcrumbs: Type.Array(Type.Unknown(), { minItems: 1, maxItems: 500 }),
})
export type BreadcrumbBatch = Static<typeof BreadcrumbBatch>

export const BreadcrumbReceipt = Type.Object({
  stored: Type.Integer(),
  /** Outside a shift of the officer: dropped before storage. */
  offDuty: Type.Integer(),
  /** Already on record. */
  repeated: Type.Integer(),
  invalid: Type.Array(Type.Object({ index: Type.Integer(), field: Type.String(), message: Type.String() })),
})
export type BreadcrumbReceipt = Static<typeof BreadcrumbReceipt>

/**
 * `/ws/telemetry`, phone to server: a batch in the order of its sequence numbers. `seq` is that of the last item,
 * and rises by the number of items in one connection or many.
 */
export const TelemetryBatch = Type.Object({
  seq: Type.Integer({ minimum: 0 }),
  breadcrumbs: Type.Array(Type.Unknown(), { minItems: 1, maxItems: 500 }),
})
export type TelemetryBatch = Static<typeof TelemetryBatch>

/** Server to phone: everything up to `ack` is dealt with (stored, or off duty and dropped) and may be deleted. */
export const TelemetryAck = Type.Union([
  Type.Object({ ack: Type.Integer(), stored: Type.Integer(), offDuty: Type.Integer() }),
  /** Slow down: send no more until the next `ack`. */
  Type.Object({ pause: Type.Literal(true) }),
  Type.Object({ code: Type.String(), message: Type.String() }),
])
export type TelemetryAck = Static<typeof TelemetryAck>

/** A unit as it moves, shared by frames and snapshot. */
export const UnitPosition = Type.Object({
  unitId: Type.Integer(),
  lon: Type.Number(),
  lat: Type.Number(),
  headingDegrees: Type.Union([Type.Number(), Type.Null()]),
  speedMps: Type.Union([Type.Number(), Type.Null()]),
  accuracyMeters: Type.Union([Type.Number(), Type.Null()]),
  recordedAt: Instant,
})
export type UnitPosition = Static<typeof UnitPosition>
