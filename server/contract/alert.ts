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

export type AlertState = Static<typeof AlertState>

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
  /** Since when it has been asking for an answer; null for one that never has. */
  askedAt: Type.Union([Instant, Type.Null()]),
  /** The row that stands for this one. A screen that has no such row (another scope) shows this one itself. */
  parentId: Type.Union([Type.Integer(), Type.Null()]),
  /** Stands for others: `count` of them. */
  isParent: Type.Boolean(),
  /** Of a shelved or suppressed one: until when. */
  quietUntil: Type.Union([Instant, Type.Null()]),
  /** Who shelved it or took it out of service, and why; of a suppressed one the reason of the plan. */
  heldBy: Type.Union([Type.String(), Type.Null()]),
  heldReason: Type.Union([Type.String(), Type.Null()]),
  /** 0 nobody else, 1 the duty officer, 2 the supervisor was told; since when, and who by name. */
  escalation: Type.Integer({ minimum: 0, maximum: 2 }),
  escalatedAt: Type.Union([Instant, Type.Null()]),
  told: Type.Array(Type.String()),
})
export type Alert = Static<typeof Alert>

/** `POST /api/v1/alerts/{id}/shelve`. It comes back by itself. */
export const Shelving = Type.Object({
  minutes: Type.Integer({ minimum: 5, maximum: 480 }),
  reason: Type.String({ minLength: 1, maxLength: 200 }),
})
export type Shelving = Static<typeof Shelving>

/** `POST /api/v1/alerts/{id}/out-of-service`. It stays so until somebody returns it. */
export const OutOfService = Type.Object({ reason: Type.String({ minLength: 1, maxLength: 200 }) })
export type OutOfService = Static<typeof OutOfService>

export const SuppressionPlan = Type.Union([
  Type.Literal('typhoon'),
  Type.Literal('campaign'),
  Type.Literal('maintenance'),
  Type.Literal('other'),
])
export type SuppressionPlan = Static<typeof SuppressionPlan>

/** `POST /api/v1/alert-suppressions`: keeps alerts quiet for a time. They are counted, and ask when it is over. */
export const NewSuppression = Type.Object({
  plan: SuppressionPlan,
  reason: Type.String({ minLength: 1, maxLength: 200 }),
  /** Empty: every kind that may be kept quiet. */
  kinds: Type.Array(Type.String({ maxLength: 60 }), { maxItems: 50 }),
  /** Null: the whole city, for those who watch it. */
  precinctId: Type.Union([Type.Integer(), Type.Null()]),
  startsAt: Instant,
  /** At most 14 days later. */
  endsAt: Instant,
})
export type NewSuppression = Static<typeof NewSuppression>

export const Suppression = Type.Object({
  ...NewSuppression.properties,
  id: Type.Integer(),
  createdBy: Type.String(),
  createdAt: Instant,
  endedBy: Type.Union([Type.String(), Type.Null()]),
  endedAt: Type.Union([Instant, Type.Null()]),
  /** How many alerts it keeps quiet now. */
  quiet: Type.Integer(),
})
export type Suppression = Static<typeof Suppression>

/** `PUT /api/v1/alert-rules`: what differs from the default; of the whole city, or of one precinct. */
export const RuleSetting = Type.Object({
  kind: Type.String({ minLength: 1, maxLength: 60 }),
  precinctId: Type.Union([Type.Integer(), Type.Null()]),
  enabled: Type.Boolean(),
  /** By name; those that are absent follow the city's, or the default. */
  thresholds: Type.Record(Type.String({ maxLength: 40 }), Type.Number()),
})
export type RuleSetting = Static<typeof RuleSetting>

/** A kind of alert, with what may be set about it and what holds where. */
export const AlertRule = Type.Object({
  kind: Type.String(),
  nature: Type.Union([Type.Literal('event'), Type.Literal('condition')]),
  priority: Type.Integer({ minimum: 1, maximum: 3 }),
  /** False: may be neither switched off nor kept quiet. */
  canBeQuiet: Type.Boolean(),
  thresholds: Type.Array(
    Type.Object({
      name: Type.String(),
      byDefault: Type.Number(),
      minimum: Type.Number(),
      maximum: Type.Number(),
    }),
  ),
  /** Settings of the city and of precincts within the reader's scope. */
  settings: Type.Array(
    Type.Object({
      ...RuleSetting.properties,
      changedBy: Type.Union([Type.String(), Type.Null()]),
      changedAt: Instant,
    }),
  ),
})
export type AlertRule = Static<typeof AlertRule>

/** Somebody is told, on phone and console, of an alert that nobody has acknowledged. */
export const AlertNotice = Type.Object({
  id: Type.Integer(),
  /** 1 as duty officer, 2 as supervisor. */
  level: Type.Integer(),
  at: Instant,
  seenAt: Type.Union([Instant, Type.Null()]),
  alert: Alert,
})
export type AlertNotice = Static<typeof AlertNotice>

/** `POST /api/v1/audio-lease`: a screen asks to be the one that sounds in its scope; to be asked again within the time. */
export const AudioLease = Type.Object({
  isLeader: Type.Boolean(),
  /** How long the answer holds, ms of real time. */
  validMs: Type.Integer(),
})
export type AudioLease = Static<typeof AudioLease>

/** `GET /api/v1/alert-performance`: how well the alerts serve those who must answer them. */
export const AlertPerformance = Type.Object({
  from: Instant,
  to: Instant,
  /** Who answered at least one in the period; at least one. */
  operators: Type.Integer(),
  /** Rows that asked for a person, each with what it stands for as one. */
  rows: Type.Integer(),
  /** Per operator. */
  meanPerTenMinutes: Type.Number(),
  peakPerTenMinutes: Type.Number(),
  /** Causes that began three times within a minute. */
  chattering: Type.Integer(),
  /** Standing for more than a day, and shelved, at this moment. */
  standing: Type.Integer(),
  shelved: Type.Integer(),
  /** Percent of P1, P2, P3; null without any row. */
  priorityShares: Type.Array(Type.Union([Type.Number(), Type.Null()])),
  acknowledgeSeconds: Type.Object({
    p50: Type.Union([Type.Number(), Type.Null()]),
    p90: Type.Union([Type.Number(), Type.Null()]),
  }),
  escalated: Type.Object({ dutyOfficer: Type.Integer(), supervisor: Type.Integer() }),
  /** Hours with rows: how many, and in their fullest ten minutes. */
  hours: Type.Array(Type.Object({ at: Instant, count: Type.Integer(), peak: Type.Integer() })),
  /** The most frequent kinds. */
  kinds: Type.Array(Type.Object({ kind: Type.String(), count: Type.Integer() })),
  targets: Type.Object({
    meanPerTenMinutes: Type.Number(),
    peakPerTenMinutes: Type.Number(),
    chattering: Type.Integer(),
    standing: Type.Integer(),
    priorityShares: Type.Array(Type.Number()),
  }),
})
export type AlertPerformance = Static<typeof AlertPerformance>
