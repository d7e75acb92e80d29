import Type, { type Static } from 'typebox'
import { Instant } from './basics.ts'

/** Heavy work that runs beside the doors, in a worker thread. */
export const JobKind = Type.Union([
  /** Counts all incidents per cell anew. */
  Type.Literal('hotspots:rebuild'),
  /** Where incidents of a period lie closer together than by chance. */
  Type.Literal('hotspots:map'),
  /** Where the next days will see incidents, with the track record of such forecasts. */
  Type.Literal('hotspots:forecast'),
  /** Plans the routes of a shift; asked for by `POST /api/v1/route-plans`. */
  Type.Literal('routes:plan'),
  /** Plans the rest of a unit's route anew; asked for by `POST /api/v1/units/{id}/replan`. */
  Type.Literal('routes:replan'),
  /** Plans the shifts of all stations of a precinct or of the city (`CityPlanInput`). */
  Type.Literal('routes:city'),
])
export type JobKind = Static<typeof JobKind>

export const JobState = Type.Union([
  Type.Literal('queued'),
  Type.Literal('running'),
  Type.Literal('done'),
  Type.Literal('failed'),
  Type.Literal('cancelled'),
])
export type JobState = Static<typeof JobState>

/** `POST /api/v1/jobs`. Each kind has its own input, and says which roles may start it. */
export const JobRequest = Type.Object({
  kind: JobKind,
  input: Type.Record(Type.String(), Type.Unknown()),
  /** Asked for again with the same key, it is the same job; without one, the input names it. */
  key: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  /** The same input and seed give the same answer. */
  seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 2_147_483_647 })),
})
export type JobRequest = Static<typeof JobRequest>

export const Job = Type.Object({
  id: Type.Integer(),
  kind: JobKind,
  state: JobState,
  /** 0 to 1. */
  progress: Type.Number(),
  /** What it is at; null before it says so. */
  note: Type.Union([Type.String(), Type.Null()]),
  /** Where the answer lies, such as `{mapId}`; null until it is done. */
  result: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
  /** Why it failed; null otherwise. */
  error: Type.Union([Type.String(), Type.Null()]),
  requestedBy: Type.Union([Type.Integer(), Type.Null()]),
  requestedAt: Instant,
  startedAt: Type.Union([Instant, Type.Null()]),
  finishedAt: Type.Union([Instant, Type.Null()]),
})
export type Job = Static<typeof Job>
