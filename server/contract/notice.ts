import Type, { type Static } from 'typebox'
import { Instant } from './basics.ts'
import { FeedbackAnswer, NoticeReach } from './briefing.ts'

export const NoticeAudience = Type.Union([
  Type.Literal('everyone'),
  Type.Literal('supervisors'),
  Type.Literal('beat-officers'),
])
export type NoticeAudience = Static<typeof NoticeAudience>

/** What a duty officer writes. */
export const NoticeDraft = Type.Object(
  {
    title: Type.String({ minLength: 1, maxLength: 60, pattern: '\\S' }),
    body: Type.String({ maxLength: 500 }),
    /** 1 urgent, 2 normal, 3 low. */
    priority: Type.Integer({ minimum: 1, maximum: 3 }),
    audience: NoticeAudience,
    reach: NoticeReach,
    /** Of the point, campaign, station or precinct; null for the city. */
    placeId: Type.Union([Type.Integer(), Type.Null()]),
    validFrom: Instant,
    /** Null: until somebody ends it. */
    validTo: Type.Union([Instant, Type.Null()]),
  },
  { additionalProperties: false },
)
export type NoticeDraft = Static<typeof NoticeDraft>

export const Notice = Type.Object({
  id: Type.Integer(),
  title: Type.String(),
  body: Type.String(),
  priority: Type.Integer(),
  audience: NoticeAudience,
  reach: NoticeReach,
  placeId: Type.Union([Type.Integer(), Type.Null()]),
  /** Null for the city. */
  placeName: Type.Union([Type.String(), Type.Null()]),
  precinctId: Type.Union([Type.Integer(), Type.Null()]),
  stationId: Type.Union([Type.Integer(), Type.Null()]),
  validFrom: Instant,
  validTo: Type.Union([Instant, Type.Null()]),
  createdAt: Instant,
  createdBy: Type.String(),
  endedAt: Type.Union([Instant, Type.Null()]),
  endedBy: Type.Union([Type.String(), Type.Null()]),
  /** How often it was shown to officers of the reader's scope, to how many, and what they answered. */
  shownCount: Type.Integer(),
  officerCount: Type.Integer(),
  feedbackCount: Type.Integer(),
})
export type Notice = Static<typeof Notice>

/** Who has seen a notice. */
export const NoticeReceipt = Type.Object({
  officerName: Type.String(),
  callSign: Type.Union([Type.String(), Type.Null()]),
  pointName: Type.Union([Type.String(), Type.Null()]),
  shownAt: Instant,
  answer: Type.Union([FeedbackAnswer, Type.Null()]),
})
export type NoticeReceipt = Static<typeof NoticeReceipt>

/** A nudge to fetch the list again; what a notice says is for those who may read it. */
export const NoticeChange = Type.Object({ id: Type.Integer(), open: Type.Boolean() })
export type NoticeChange = Static<typeof NoticeChange>
