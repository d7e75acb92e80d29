import Type, { type Static } from 'typebox'

/** Every code the server may answer with. Clients switch on them; sentences may change. */
export const ProblemCode = Type.Union([
  Type.Literal('NOT_FOUND'),
  Type.Literal('NOT_LOGGED_IN'),
  Type.Literal('NOT_ALLOWED'),
  Type.Literal('LOGIN_WRONG'),
  Type.Literal('TOO_MANY_TRIES'),
  Type.Literal('TOO_MANY_REQUESTS'),
  Type.Literal('INVALID_INPUT'),
  Type.Literal('ORIGIN_WRONG'),
  Type.Literal('PAYLOAD_TOO_LARGE'),
  Type.Literal('PATROL_POINT_UNKNOWN'),
  Type.Literal('PATROL_WINDOW_UNKNOWN'),
  Type.Literal('PATROL_WINDOW_SETTLED'),
  Type.Literal('OWN_CHECK_IN'),
  Type.Literal('CHECK_IN_REVIEWED'),
  Type.Literal('CHECK_IN_REJECTED'),
  Type.Literal('MAKE_UP_MISSING'),
  Type.Literal('PHOTO_REFUSED'),
  Type.Literal('PAIRING_CODE_WRONG'),
  Type.Literal('PAIRING_PENDING'),
  Type.Literal('DEVICE_UNKNOWN'),
  Type.Literal('TAG_IN_USE'),
  Type.Literal('TAG_KEYS_TAKEN'),
  Type.Literal('TAG_ON_FACTORY_KEY'),
  Type.Literal('TAG_PROOF_WRONG'),
  Type.Literal('ALERT_STATE_WRONG'),
  Type.Literal('PLANNED_ROUTE_SETTLED'),
  Type.Literal('EVENTS_GONE'),
  Type.Literal('CONTACTS_OFF'),
  Type.Literal('PUSH_OFF'),
  Type.Literal('SHIFT_NOT_OPEN'),
  Type.Literal('ASSIGNMENT_REASSIGNED'),
  Type.Literal('ASSIGNMENT_CLOSED'),
  Type.Literal('ASSIGNMENT_MOVED_ON'),
  Type.Literal('INCIDENT_CLOSED'),
  Type.Literal('INCIDENT_DISPATCHED'),
  Type.Literal('ROUTE_MOVED_ON'),
  Type.Literal('PASSWORD_WRONG'),
  Type.Literal('HANDOVER_WAITING'),
  Type.Literal('HANDOVER_OWN'),
  Type.Literal('HANDOVER_TAKEN'),
  Type.Literal('UNAVAILABLE'),
  Type.Literal('INTERNAL'),
])
export type ProblemCode = Static<typeof ProblemCode>

/** The one shape of every error. */
export const Problem = Type.Object({
  code: ProblemCode,
  message: Type.String(),
  /** JSON pointer of the field at fault, where there is one. */
  field: Type.Optional(Type.String()),
  /** Whom it is about, for a sentence in the reader's language: the call sign of the unit that holds the order now. */
  about: Type.Optional(Type.String()),
})
export type Problem = Static<typeof Problem>
