import Type, { type Static } from 'typebox'

/** ISO 8601 with offset; UTC (`Z`) on everything the server sends. */
export const Instant = Type.String({ format: 'date-time', maxLength: 40 })
/** `YYYY-MM-DD`, a day in Asia/Taipei. */
export const Day = Type.String({ format: 'date' })
export const Longitude = Type.Number({ minimum: -180, maximum: 180 })
export const Latitude = Type.Number({ minimum: -90, maximum: 90 })
/** UUIDv7, made by the phone: its time part orders the outbox. */
export const UuidV7 = Type.String({
  pattern: '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-7[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$',
})

export const Role = Type.Union([
  Type.Literal('operator'),
  Type.Literal('duty-officer'),
  Type.Literal('officer'),
  Type.Literal('supervisor'),
  Type.Literal('beat-officer'),
  Type.Literal('administrator'),
  Type.Literal('wall-display'),
])
export type Role = Static<typeof Role>

/**
 * What a session may see: the whole city, or these precincts, or these stations.
 * The server puts it together from role grants; a client only shows it.
 */
export const Scope = Type.Object({
  city: Type.Boolean(),
  precinctIds: Type.Array(Type.Integer()),
  stationIds: Type.Array(Type.Integer()),
})
export type Scope = Static<typeof Scope>

/** The server's clock. `speed` is 1 but in a demonstration, where the city's time runs faster than the real one. */
export const ServerTime = Type.Object({
  now: Instant,
  speed: Type.Number(),
  /** Proof for a later check-in of when it last heard the server's time: opaque to the phone. */
  beacon: Type.String(),
})
export type ServerTime = Static<typeof ServerTime>
