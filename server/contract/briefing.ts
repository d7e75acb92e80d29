import Type, { type Static } from 'typebox'
import { Instant, Latitude, Longitude, UuidV7 } from './basics.ts'

/** `report`: what colleagues noted at this very point. */
export const CardKind = Type.Union([Type.Literal('incident'), Type.Literal('notice'), Type.Literal('report')])
export type CardKind = Static<typeof CardKind>

export const FeedbackAnswer = Type.Union([
  Type.Literal('useful'),
  Type.Literal('handled'),
  Type.Literal('not-as-told'),
  /** Only with a text. */
  Type.Literal('other'),
])
export type FeedbackAnswer = Static<typeof FeedbackAnswer>

export const NoticeReach = Type.Union([
  Type.Literal('point'),
  Type.Literal('campaign'),
  Type.Literal('station'),
  Type.Literal('precinct'),
  Type.Literal('city'),
])
export type NoticeReach = Static<typeof NoticeReach>

/** One fact that matters where the officer stands. No names, no addresses, no words of colleagues. */
export const BriefingCard = Type.Object({
  kind: CardKind,
  /** The incident or notice; of a report, the point. */
  refId: Type.Integer(),
  /** 1 urgent, 2 normal, 3 low. */
  priority: Type.Integer(),
  /** The incident's category, the notice's title, the kind of the report. */
  title: Type.String(),
  /** The incident's subtype, the notice's text. */
  body: Type.Union([Type.String(), Type.Null()]),
  /** When it happened, began to hold, was reported. */
  at: Instant,
  /** Incidents only: from the officer's point, metres, and where to look, degrees from north. */
  distanceMeters: Type.Union([Type.Number(), Type.Null()]),
  bearingDegrees: Type.Union([Type.Number(), Type.Null()]),
  /** Incidents of this category around here in 30 days, this one included. 1 for everything else. */
  similarCount: Type.Integer(),
  /** Several, and most of them around this hour of the day. */
  sameHours: Type.Boolean(),
  /** Incidents only: still open. */
  open: Type.Boolean(),
  /** Notices only. */
  reach: Type.Union([NoticeReach, Type.Null()]),
  /** What a colleague answered last. */
  lastAnswer: Type.Union([Type.Null(), Type.Object({ answer: FeedbackAnswer, at: Instant })]),
})
export type BriefingCard = Static<typeof BriefingCard>

/** What to know at a door, before anybody's name: asked for with an id of the phone's, which feedback refers to. */
export const SurroundingsQuestion = Type.Object({
  id: UuidV7,
  /** Absent: what holds for the whole station. */
  position: Type.Union([Type.Null(), Type.Object({ lon: Longitude, lat: Latitude })]),
})
export type SurroundingsQuestion = Static<typeof SurroundingsQuestion>

export const Surroundings = Type.Object({ id: Type.String(), cards: Type.Array(BriefingCard) })
export type Surroundings = Static<typeof Surroundings>

/** An officer's answer to a card. Idempotent by id: the phone keeps it until it is stored. */
export const Feedback = Type.Object(
  {
    id: UuidV7,
    /** The check-in, or the question at a door, with whose answer the card came. */
    occasionId: Type.String({ format: 'uuid' }),
    kind: CardKind,
    refId: Type.Integer(),
    answer: FeedbackAnswer,
    text: Type.Optional(Type.String({ minLength: 1, maxLength: 300 })),
    givenAt: Instant,
    /** Who answered; a shared handheld may upload in another officer's log-in. Absent: the session's. */
    officerId: Type.Optional(Type.Integer()),
  },
  { additionalProperties: false },
)
export type Feedback = Static<typeof Feedback>

/** Items are validated one by one, so that a bad one blocks nothing. */
export const FeedbackBatch = Type.Object({
  feedback: Type.Array(Type.Unknown(), { minItems: 1, maxItems: 50 }),
})

/** `stored`: on record, also when it had been before. `refused`: kept for an engineer, and never sent again. */
export const ItemAnswer = Type.Union([
  Type.Object({ id: Type.String(), stored: Type.Literal(true) }),
  Type.Object({
    id: Type.Union([Type.String(), Type.Null()]),
    refused: Type.Literal(true),
    field: Type.String(),
    message: Type.String(),
  }),
])
export type ItemAnswer = Static<typeof ItemAnswer>
export const ItemAnswers = Type.Object({ results: Type.Array(ItemAnswer) })

/** Feedback as the event tells it: without the officer's own words, which may name somebody. */
export const FeedbackSummary = Type.Object({
  id: Type.String(),
  kind: CardKind,
  refId: Type.Integer(),
  /** Of the incident, the notice or the point. */
  title: Type.String(),
  answer: FeedbackAnswer,
  hasText: Type.Boolean(),
  pointId: Type.Union([Type.Integer(), Type.Null()]),
  pointName: Type.Union([Type.String(), Type.Null()]),
  callSign: Type.Union([Type.String(), Type.Null()]),
  precinctId: Type.Union([Type.Integer(), Type.Null()]),
  stationId: Type.Union([Type.Integer(), Type.Null()]),
  givenAt: Instant,
})
export type FeedbackSummary = Static<typeof FeedbackSummary>

/** As the console's list shows it. */
export const FeedbackEntry = Type.Object({
  ...FeedbackSummary.properties,
  text: Type.Union([Type.String(), Type.Null()]),
  officerName: Type.String(),
  receivedAt: Instant,
})
export type FeedbackEntry = Static<typeof FeedbackEntry>
