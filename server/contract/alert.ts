import Type, { type Static } from 'typebox'
import { Instant } from './basics.ts'

export const AlertState = Type.Union([
  Type.Literal('unack'),
  Type.Literal('ack'),
  Type.Literal('rtn-unack'),
  Type.Literal('shelved'),
  Type.Literal('suppressed'),
  Type.Literal('out-of-service'),
  Type.Literal('closed'),
])

/** The sentence is made by the screen from `kind` and `subject`, in the reader's language. */
export const Alert = Type.Object({
  id: Type.Integer(),
  /** Such as `missed-windows`, `forged-tag`, `impossible-travel`. */
  kind: Type.String(),
  priority: Type.Integer({ minimum: 1, maximum: 3 }),
  state: AlertState,
  precinctId: Type.Union([Type.Integer(), Type.Null()]),
  stationId: Type.Union([Type.Integer(), Type.Null()]),
  subject: Type.Object({
    /** Point, station or precinct name. */
    place: Type.Optional(Type.String()),
    callSign: Type.Optional(Type.String()),
    pointId: Type.Optional(Type.Integer()),
    checkInId: Type.Optional(Type.String()),
    lon: Type.Optional(Type.Number()),
    lat: Type.Optional(Type.Number()),
  }),
  count: Type.Integer(),
  raisedAt: Instant,
  changedAt: Instant,
  acknowledgedAt: Type.Union([Instant, Type.Null()]),
  /** Name of who did. */
  acknowledgedBy: Type.Union([Type.String(), Type.Null()]),
})
export type Alert = Static<typeof Alert>
