import Type, { type Static } from 'typebox'
import { Instant, Latitude, Longitude } from './basics.ts'

export const IncidentSource = Type.Union([
  Type.Literal('110'),
  Type.Literal('crime'),
  Type.Literal('traffic'),
  Type.Literal('1999'),
])
export type IncidentSource = Static<typeof IncidentSource>

/** `POST /api/v1/incidents`: idempotent by source and externalId. */
export const IncidentReport = Type.Object({
  source: IncidentSource,
  externalId: Type.String({ minLength: 1, maxLength: 100 }),
  category: Type.String({ minLength: 1, maxLength: 100 }),
  subtype: Type.Optional(Type.String({ maxLength: 100 })),
  priority: Type.Optional(Type.Integer({ minimum: 1, maximum: 3 })),
  occurredAt: Instant,
  lon: Longitude,
  lat: Latitude,
  address: Type.Optional(Type.String({ maxLength: 300 })),
})
export type IncidentReport = Static<typeof IncidentReport>

export const Incident = Type.Object({
  id: Type.Integer(),
  source: IncidentSource,
  category: Type.String(),
  subtype: Type.Union([Type.String(), Type.Null()]),
  priority: Type.Integer(),
  status: Type.Union([Type.Literal('open'), Type.Literal('dispatched'), Type.Literal('closed')]),
  occurredAt: Instant,
  lon: Type.Number(),
  lat: Type.Number(),
  address: Type.Union([Type.String(), Type.Null()]),
  precinctId: Type.Union([Type.Integer(), Type.Null()]),
  stationId: Type.Union([Type.Integer(), Type.Null()]),
})
export type Incident = Static<typeof Incident>

/** `POST /api/v1/incidents/{id}/close`: without a unit; the reason stays on record. */
export const IncidentClosing = Type.Object({
  reason: Type.String({ minLength: 1, maxLength: 300, pattern: '\\S' }),
})
export type IncidentClosing = Static<typeof IncidentClosing>
