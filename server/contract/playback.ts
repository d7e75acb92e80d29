import Type, { type Static } from 'typebox'
import { Alert } from './alert.ts'
import { Day, Instant, Scope } from './basics.ts'
import { CheckInSummary } from './check-in.ts'
import { Event } from './event.ts'
import { Incident } from './incident.ts'
import { WallPoint, WallPrecinct, WallSnapshot } from './wall.ts'

/**
 * `GET /api/v1/playback/scene?at=…`: what a screen of this scope showed at that instant. Windows, alerts, incidents and the
 * feed are as the server knew them then (from the event log); units stand where they were then, also where their
 * positions came later.
 */
export const PlaybackScene = Type.Object({
  at: Instant,
  serviceOn: Day,
  scope: Scope,
  precincts: Type.Array(WallPrecinct),
  points: Type.Array(WallPoint),
  /** Units on duty at that instant, with their last position of the quarter of an hour before it. */
  units: WallSnapshot.properties.units,
  alerts: Type.Array(Alert),
  feed: Type.Array(CheckInSummary),
  incidents: Type.Array(Incident),
})
export type PlaybackScene = Static<typeof PlaybackScene>

/** One unit's way: positions at most every 10 s. A pause of more than 2 min or a jump of more than 500 m is a gap. */
export const PlaybackTrack = Type.Object({
  unitId: Type.Integer(),
  /** `[lon, lat, milliseconds since `from`]`, in order of time. */
  fixes: Type.Array(Type.Tuple([Type.Number(), Type.Number(), Type.Integer()])),
})
export type PlaybackTrack = Static<typeof PlaybackTrack>

/** `GET /api/v1/playback/span?from=…&to=…` (at most 30 minutes): what happened after `from`, up to `to`. */
export const PlaybackSpan = Type.Object({
  from: Instant,
  to: Instant,
  /** By the server's time, then position. */
  events: Type.Array(Event),
  tracks: Type.Array(PlaybackTrack),
})
export type PlaybackSpan = Static<typeof PlaybackSpan>

/** What happened in one minute of the day, for the marks on the time line. */
export const PlaybackTick = Type.Object({
  /** 0–1439, minutes after midnight in Asia/Taipei. */
  minute: Type.Integer(),
  /** Alerts raised, by priority: P1, P2, P3. */
  alerts: Type.Tuple([Type.Integer(), Type.Integer(), Type.Integer()]),
  missed: Type.Integer(),
  incidents: Type.Integer(),
  /** Orders given or passed to another unit. */
  orders: Type.Integer(),
  checkIns: Type.Integer(),
})
export type PlaybackTick = Static<typeof PlaybackTick>

/** `GET /api/v1/playback/ticks?on=…`: minutes in which something happened. */
export const PlaybackTicks = Type.Object({
  on: Day,
  /** The first day that can be played: tracks are kept no longer. */
  earliestOn: Day,
  ticks: Type.Array(PlaybackTick),
})
export type PlaybackTicks = Static<typeof PlaybackTicks>

/** `GET /api/v1/playback/units/:id/track?from=…&to=…` (at most a day): every stored fix of one unit. Looking is on record. */
export const UnitTrack = Type.Object({
  unitId: Type.Integer(),
  callSign: Type.String(),
  fixes: Type.Array(
    Type.Object({
      lon: Type.Number(),
      lat: Type.Number(),
      recordedAt: Instant,
      accuracyMeters: Type.Union([Type.Number(), Type.Null()]),
    }),
  ),
})
export type UnitTrack = Static<typeof UnitTrack>

/** `GET /api/v1/playback/units/:id/gaps?on=…`: when nobody knew where one unit on duty was. Looking is on record. */
export const UnitGaps = Type.Object({
  unitId: Type.Integer(),
  on: Day,
  /** Of its shift, the part that lies in this day and is past; `to` is not after `from` where none does. */
  from: Instant,
  to: Instant,
  /** In order; more than 2 minutes or 500 m without a fix, as on the map. */
  gaps: Type.Array(Type.Object({ from: Instant, to: Instant })),
})
export type UnitGaps = Static<typeof UnitGaps>
